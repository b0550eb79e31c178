#include "net/connection.hpp"

#include <fmt/format.h>

#include <exception>

#include "base/log.hpp"

namespace busbar::net {
namespace {
constexpr std::size_t read_step = 4096;
constexpr std::size_t joined_body = 16 * 1024;  // one TLS record
constexpr std::size_t discarded_at_end = 256 * 1024;
}  // namespace

std::string head_of(const Response& response, std::optional<std::size_t> length, bool chunked, bool keep) {
    std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
    for (const auto& [name, value] : response.headers) {
        out += name;
        out += ": ";
        // A header value never carries a line break out, whatever text found its way into it.
        for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        out += "\r\n";
    }
    if (length) out += fmt::format("Content-Length: {}\r\n", *length);
    if (chunked) out += "Transfer-Encoding: chunked\r\n";
    if (response.status != 101) out += keep ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    out += "\r\n";
    return out;
}

Connection::Connection(std::shared_ptr<ConnectionHost> host, Accepted accepted)
    : host_(std::move(host)),
      stream_(std::move(accepted.stream)),
      peer_(std::move(accepted.peer)),
      source_(std::move(accepted.source)),
      parser_(host_->options.limits.body, host_->options.long_body) {
    host_->open.insert(this);
    ++host_->per_source[source_];
}

Connection::~Connection() {
    host_->open.erase(this);
    if (--host_->per_source[source_] == 0) host_->per_source.erase(source_);
    host_->changed.set();
}

void Connection::due_in(std::chrono::milliseconds time) { deadline_ = host_->loop.now() + time; }
void Connection::abort() {
    waiting_since_.reset();
    stream_->abort();
}

void Connection::check(Instant now) {
    if (socket_) return socket_->check(now);
    if (now >= deadline_) abort();
}

Task<void> Connection::serve() {
    const auto self = shared_from_this();
    due_in(host_->options.limits.handshake);
    waiting_since_ = host_->loop.now();
    if (auto shaken = co_await stream_->handshake(); !shaken) co_return;
    while (!host_->stopping && co_await serve_one() == Next::request) {
    }
}

Task<bool> Connection::read_more() {
    const auto had = in_.size();
    in_.resize(had + read_step);
    const std::span<char> room(in_.data() + had, read_step);
    auto n = co_await stream_->read_some(room);
    in_.resize(had + (n ? *n : 0));
    co_return n&&* n > 0;
}

// True when a request is complete in parser_; false when the connection is to end (an answer was sent if one was due).
Task<bool> Connection::read_request() {
    const auto& limits = host_->options.limits;
    if (in_.empty()) {
        due_in(limits.idle);
        waiting_since_ = host_->loop.now();
        if (!co_await read_more()) co_return false;
    }
    due_in(limits.header);
    bool in_body = false;
    for (;;) {
        const auto state = parser_.put(in_);
        if (state == RequestParser::State::done) co_return true;
        if (state == RequestParser::State::bad) {
            co_await refuse(parser_.status(), parser_.text());
            co_return false;
        }
        if (parser_.header_done() && !in_body) {
            in_body = true;
            due_in(limits.body_time);
        }
        if (parser_.wants_continue()) {
            auto sent = co_await stream_->write(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
            if (!sent) co_return false;
        }
        if (!co_await read_more()) co_return false;
    }
}

// An error in one answer costs that request only: control runs in the same process and must not fall with it.
Task<Response> Connection::answer(const Request& request) {
    std::string problem;
    try {
        co_return co_await host_->handler(request);
    } catch (const std::exception& e) {
        problem = e.what();
    }
    log(Level::error, "http", fmt::format("{} {}: {}", to_string(request.method), request.path, problem));
    if (host_->options.refuse) co_return host_->options.refuse(500, "this request failed; the log says why");
    Response response;
    response.status = 500;
    co_return response;
}

Task<Connection::Next> Connection::serve_one() {
    if (!co_await read_request()) co_return Next::end;
    waiting_since_.reset();
    Request request = parser_.take();
    request.peer = peer_;
    request.is_secure = stream_->is_secure();
    deadline_ = Instant::max();
    Response response = co_await answer(request);
    if (response.socket && request.wants_upgrade) {
        co_await open_socket(request, response);
        co_return Next::end;
    }
    const bool keep =
        request.keep_alive && !response.close && !host_->stopping && !(request.is_http10 && response.streamed);
    const bool sent = co_await send(request, response, keep);
    if (sent && !keep) co_await close_gently();
    co_return sent&& keep ? Next::request : Next::end;
}

Task<bool> Connection::send(const Request& request, Response& response, bool keep) {
    due_in(host_->options.limits.write);
    const bool is_bare = response.status == 204 || response.status == 304;
    const bool is_head = request.method == Method::head;
    if (response.streamed) {
        const std::string head = head_of(response, std::nullopt, !request.is_http10, keep);
        auto sent = co_await stream_->write(as_bytes(head));
        if (!sent || is_head) co_return sent.has_value();
        co_return co_await send_stream(request, *response.streamed);
    }
    const ByteView body = response.fixed_body.empty() ? as_bytes(response.body) : response.fixed_body;
    std::string head = head_of(response, is_bare ? std::nullopt : std::optional(body.size()), false, keep);
    const ByteView shown = is_bare || is_head ? ByteView{} : body;
    // Header and the first piece of the body leave as one TLS record; apart they cost half the throughput.
    const auto joined = shown.first(std::min(shown.size(), joined_body - std::min(joined_body, head.size())));
    head += as_text(joined);
    if (auto sent = co_await stream_->write(as_bytes(head)); !sent) co_return false;
    auto rest = co_await stream_->write(shown.subspan(joined.size()));
    co_return rest.has_value();
}

Task<bool> Connection::send_stream(const Request& request, BodySource& body) {
    for (;;) {
        std::string chunk;
        deadline_ = Instant::max();
        if (auto filled = co_await body.next(chunk); !filled) co_return false;
        due_in(host_->options.limits.write);
        const bool is_end = chunk.empty();
        if (request.is_http10) {
            if (is_end) co_return true;
        } else {
            chunk = fmt::format("{:x}\r\n", chunk.size()) + chunk + "\r\n";
        }
        if (auto sent = co_await stream_->write(as_bytes(chunk)); !sent) co_return false;
        if (is_end) co_return true;
    }
}

Task<void> Connection::refuse(int status, std::string text) {
    Response response;
    response.status = status;
    if (host_->options.refuse) response = host_->options.refuse(status, text);
    const Request nothing;
    if (co_await send(nothing, response, false)) co_await close_gently();
}

// Says goodbye and takes in a little of what is still coming: a close with unread input would be a reset, and the other
// end might lose the answer that explains it.
Task<void> Connection::close_gently() {
    stream_->finish_writing();
    due_in(std::chrono::seconds(2));
    std::size_t dropped = 0;
    do {
        dropped += in_.size();
        in_.clear();
    } while (dropped < discarded_at_end && co_await read_more());
}

Task<void> Connection::open_socket(const Request& request, Response& response) {
    response.status = 101;
    response.headers = {{"Upgrade", "websocket"},
                        {"Connection", "Upgrade"},
                        {"Sec-WebSocket-Accept", accept_key(request.header("sec-websocket-key"))}};
    const std::string head = head_of(response, std::nullopt, false, true);
    due_in(host_->options.limits.write);
    if (auto sent = co_await stream_->write(as_bytes(head)); !sent) co_return;
    socket_ = std::make_shared<SocketSession>(host_->loop, *stream_, host_->options.limits, std::move(response.socket));
    std::shared_ptr<void> keep = shared_from_this();
    co_await socket_->run(std::move(keep), std::move(in_));
}

}  // namespace busbar::net
