#include "net/request_parser.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <string_view>

#include "base/assert.hpp"

namespace busbar::net {
namespace http = boost::beast::http;

namespace {
constexpr std::size_t max_fields = 100;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
    return out;
}

// True when the comma-separated list in a header names `token`, whatever its case.
bool lists(std::string_view value, std::string_view token) {
    while (!value.empty()) {
        const auto comma = value.find(',');
        auto item = value.substr(0, comma);
        while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
        while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
        if (lower(item) == token) return true;
        if (comma == std::string_view::npos) break;
        value.remove_prefix(comma + 1);
    }
    return false;
}

// A field continued on the next line: Beast joins it, another reader may see another field. The parser takes a header
// only once it is whole, so that it is all in the buffer then.
bool has_folded_field(std::string_view buffer) {
    const auto header = buffer.substr(0, buffer.find("\r\n\r\n"));
    return header.find("\n ") != std::string_view::npos || header.find("\n\t") != std::string_view::npos;
}

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::get;
        case http::verb::head:
            return Method::head;
        case http::verb::post:
            return Method::post;
        case http::verb::put:
            return Method::put;
        case http::verb::delete_:
            return Method::del;
        default:
            return Method::other;
    }
}

bool is_upgrade(const Request& r) {
    return r.method == Method::get && lower(r.header("upgrade")) == "websocket" &&
           lists(r.header("connection"), "upgrade") && r.header("sec-websocket-version") == "13" &&
           r.header("sec-websocket-key").size() == 24;
}
}  // namespace

struct RequestParser::Impl {
    explicit Impl(std::size_t largest_body) {
        parser.eager(true);
        parser.header_limit(static_cast<std::uint32_t>(header_limit));
        parser.body_limit(largest_body);  // the path may say less: see put()
    }
    http::request_parser<http::string_body> parser;
    bool header_checked = false;
    bool continue_wanted = false;
};

RequestParser::RequestParser(std::size_t body_limit, LongBody long_body)
    : impl_(std::make_unique<Impl>(std::max(body_limit, long_body.limit))),
      usual_limit_(body_limit),
      long_body_(std::move(long_body)) {}
RequestParser::~RequestParser() = default;

bool RequestParser::header_done() const { return impl_->parser.is_header_done(); }
bool RequestParser::wants_continue() { return std::exchange(impl_->continue_wanted, false); }

RequestParser::State RequestParser::bad(int status, std::string text) {
    status_ = status;
    text_ = std::move(text);
    return State::bad;
}

std::size_t RequestParser::body_limit() const {
    const std::string_view target = impl_->parser.get().target();
    const bool is_long = long_body_.limit > 0 && target.substr(0, target.find('?')) == long_body_.path;
    return is_long ? long_body_.limit : usual_limit_;
}

RequestParser::State RequestParser::too_long() {
    return bad(413, "body: longer than " + std::to_string(body_limit()) + " bytes");
}

RequestParser::State RequestParser::check_header() {
    const auto& message = impl_->parser.get();
    if (static_cast<std::size_t>(std::distance(message.begin(), message.end())) > max_fields)
        return bad(431, "header: more than 100 fields");
    if (message.version() < 10) return bad(400, "request line: HTTP/1.0 or 1.1 is needed");
    const auto hosts = message.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && message.version() >= 11)) return bad(400, "header: exactly one Host is needed");
    const auto codings = message.count(http::field::transfer_encoding);
    if (codings > 0 && message.count(http::field::content_length) > 0)
        return bad(400, "header: Content-Length and Transfer-Encoding together");
    if (codings > 0 && lower(message[http::field::transfer_encoding]) != "chunked")
        return bad(501, "header: only the transfer coding 'chunked' is understood");
    if (impl_->parser.content_length().value_or(0) > body_limit()) return too_long();
    impl_->continue_wanted = !impl_->parser.is_done() && lower(message[http::field::expect]) == "100-continue";
    return State::need_more;
}

RequestParser::State RequestParser::put(std::string& buffer) {
    auto& parser = impl_->parser;
    if (status_ != 0) return State::bad;
    if (!parser.is_header_done() && has_folded_field(buffer)) return bad(400, "header: a folded line");
    boost::beast::error_code error;
    std::size_t used = 0;
    while (used < buffer.size() && !parser.is_done()) {
        const auto n = parser.put(boost::asio::buffer(buffer.data() + used, buffer.size() - used), error);
        used += n;
        if (error || n == 0) break;
    }
    buffer.erase(0, used);
    if (error == http::error::header_limit) return bad(431, "header: longer than 16 KiB");
    if (error == http::error::body_limit) return too_long();
    if (error && error != http::error::need_more) return bad(400, "not a valid HTTP request: " + error.message());
    if (!parser.is_done() && buffer.size() > header_limit) return bad(431, "header: longer than 16 KiB");
    if (!parser.is_header_done()) return State::need_more;
    if (!std::exchange(impl_->header_checked, true) && check_header() == State::bad) return State::bad;
    // A chunked body tells its length only as it comes: at most one buffer beyond the limit is ever held.
    if (parser.get().body().size() > body_limit()) return too_long();
    if (!parser.is_done()) return State::need_more;
    Request probe;
    if (auto target = parse_target(parser.get().target(), probe); !target) return bad(400, target.error().text);
    return State::done;
}

Status RequestParser::fill(Request& request) const {
    const auto& message = impl_->parser.get();
    request.method = method_of(message.method());
    request.target = message.target();
    request.keep_alive = message.keep_alive();
    request.is_http10 = message.version() == 10;
    for (const auto& field : message) {
        Header header{lower(field.name_string()), std::string(field.value())};
        request.headers.push_back(std::move(header));
    }
    request.wants_upgrade = is_upgrade(request);
    return parse_target(request.target, request);
}

Request RequestParser::take() {
    BUSBAR_ASSERT(impl_->parser.is_done());
    Request request;
    const auto filled = fill(request);
    BUSBAR_ASSERT(filled.has_value());
    request.body = std::move(impl_->parser.get().body());
    impl_ = std::make_unique<Impl>(std::max(usual_limit_, long_body_.limit));
    return request;
}

}  // namespace busbar::net
