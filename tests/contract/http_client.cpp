#include "contract/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>

namespace busbar::test {
namespace {
int connect_to(std::uint16_t port, int receive_buffer, const std::string& source = {}) {
    std::signal(SIGPIPE, SIG_IGN);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;  // as browsers do; else a first request waits 40 ms for an acknowledgement
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer > 0) ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    if (!source.empty() && ::inet_pton(AF_INET, source.c_str(), &at.sin_addr) == 1)
        ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return fd;
    ::close(fd);
    return -1;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}
}  // namespace

struct HttpClient::Tls {
    explicit Tls(int max_version = 0) : context(SSL_CTX_new(TLS_client_method())) {
        if (max_version != 0) {
            SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
            SSL_CTX_set_max_proto_version(context, max_version);
            SSL_CTX_set_security_level(context, 0);
        }
        ssl = SSL_new(context);
    }
    ~Tls() {
        SSL_free(ssl);
        SSL_CTX_free(context);
    }
    bool connects_to(std::uint16_t port);
    SSL_CTX* context;
    SSL* ssl;
};

std::string Answer::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
}

int SocketFrame::close_code() const {
    if (opcode != 8 || payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

HttpClient::HttpClient(std::uint16_t port, bool tls, int receive_buffer, const std::string& source)
    : fd_(connect_to(port, receive_buffer, source)) {
    connected_ = fd_ >= 0;
    if (!connected_ || !tls) return;
    tls_ = std::make_unique<Tls>();
    SSL_set_fd(tls_->ssl, fd_);
    connected_ = SSL_connect(tls_->ssl) == 1;
}

HttpClient::~HttpClient() {
    tls_.reset();
    if (fd_ >= 0) ::close(fd_);
}

bool HttpClient::Tls::connects_to(std::uint16_t port) {
    const int fd = connect_to(port, 0);
    SSL_set_fd(ssl, fd);
    const bool connected = SSL_connect(ssl) == 1;
    ::close(fd);
    ERR_clear_error();
    return connected;
}

bool HttpClient::can_connect_with(std::uint16_t port, int max_version) { return Tls(max_version).connects_to(port); }

bool HttpClient::can_connect_with(std::uint16_t port, const char* suites) {
    Tls tls(TLS1_2_VERSION);
    return SSL_set_cipher_list(tls.ssl, suites) == 1 && tls.connects_to(port);
}

bool HttpClient::send_raw(std::string_view bytes) {
    if (tls_)
        return SSL_write(tls_->ssl, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
    while (!bytes.empty()) {
        const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

bool HttpClient::fill(int timeout_ms) {
    if (ended_) return false;
    pollfd waiting{fd_, POLLIN, 0};
    if (!(tls_ && SSL_pending(tls_->ssl) > 0) && ::poll(&waiting, 1, timeout_ms) <= 0) return false;
    std::array<char, 16384> buffer;
    const auto n = tls_ ? SSL_read(tls_->ssl, buffer.data(), static_cast<int>(buffer.size()))
                        : ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (n <= 0) {
        ended_ = true;
        return false;
    }
    in_.append(buffer.data(), static_cast<std::size_t>(n));
    return true;
}

std::optional<std::string> HttpClient::take(std::size_t n, int timeout_ms) {
    while (in_.size() < n)
        if (!fill(timeout_ms)) return std::nullopt;
    std::string out = in_.substr(0, n);
    in_.erase(0, n);
    return out;
}

bool HttpClient::is_closed_within(int ms) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (!ended_ && std::chrono::steady_clock::now() < end) fill(20);
    return ended_;
}

Answer HttpClient::request(const std::string& method, const std::string& target, const HeaderList& headers,
                           std::optional<std::string> body) {
    std::string out = method + " " + target + " HTTP/1.1\r\n";
    const bool has_host = std::any_of(headers.begin(), headers.end(), [](const auto& h) { return h.first == "Host"; });
    if (!has_host) out += "Host: localhost\r\n";
    for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
    if (body) out += "Content-Length: " + std::to_string(body->size()) + "\r\n";
    out += "\r\n";
    if (body) out += *body;
    send_raw(out);
    return read_answer(method == "HEAD");
}

Answer HttpClient::read_answer(bool head_only) {
    Answer answer;
    std::size_t end = 0;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos)
        if (!fill(patience_ms)) return answer;
    std::string head = *take(end + 4, 0);
    answer.status = std::atoi(head.c_str() + 9);
    for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
        const auto stop = head.find("\r\n", at), colon = head.find(": ", at);
        if (colon < stop)
            answer.headers[lower(head.substr(at, colon - at))] += head.substr(colon + 2, stop - colon - 2);
        at = stop + 2;
    }
    if (head_only || answer.status == 204 || answer.status == 304 || answer.status == 101 || answer.status == 100) {
        answer.is_complete = true;
    } else if (answer.header("transfer-encoding") == "chunked") {
        for (;;) {
            std::size_t line = 0;
            while ((line = in_.find("\r\n")) == std::string::npos)
                if (!fill(patience_ms)) return answer;
            const auto size = std::strtoul(take(line + 2, 0)->c_str(), nullptr, 16);
            auto chunk = take(size + 2, patience_ms);
            if (!chunk) return answer;
            answer.body += chunk->substr(0, size);
            if (size == 0) break;
        }
        answer.is_complete = true;
    } else {
        auto body = take(std::strtoul(answer.header("content-length").c_str(), nullptr, 10), patience_ms);
        answer.is_complete = body.has_value();
        answer.body = body.value_or("");
    }
    return answer;
}

Answer HttpClient::open_socket(const std::string& target, const HeaderList& headers) {
    HeaderList all{{"Upgrade", "websocket"},
                   {"Connection", "keep-alive, Upgrade"},
                   {"Sec-WebSocket-Version", "13"},
                   {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    all.insert(all.end(), headers.begin(), headers.end());
    return request("GET", target, all);
}

bool HttpClient::send_text(std::string_view text) { return send_frame(0x81, text); }

bool HttpClient::send_frame(std::uint8_t first_byte, std::string_view payload, bool masked) {
    std::string out(1, static_cast<char>(first_byte));
    const std::size_t n = payload.size();
    const auto mask_bit = masked ? 0x80u : 0u;
    if (n < 126) {
        out += static_cast<char>(mask_bit | n);
    } else {
        const int bytes = n < 65536 ? 2 : 8;
        out += static_cast<char>(mask_bit | (bytes == 2 ? 126u : 127u));
        for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(n >> (8 * i));
    }
    constexpr std::array<char, 4> mask{0x11, 0x22, 0x33, 0x44};
    if (masked) out.append(mask.data(), mask.size());
    for (std::size_t i = 0; i < n; ++i) out += masked ? static_cast<char>(payload[i] ^ mask[i & 3]) : payload[i];
    return send_raw(out);
}

SocketFrame HttpClient::read_frame(int timeout_ms) {
    SocketFrame frame;
    const auto head = take(2, timeout_ms);
    if (!head) return frame;
    std::size_t size = static_cast<unsigned char>((*head)[1]) & 0x7f;
    if (size >= 126) {
        const auto more = take(size == 126 ? 2 : 8, timeout_ms);
        if (!more) return frame;
        size = 0;
        for (const char c : *more) size = size << 8 | static_cast<unsigned char>(c);
    }
    const auto payload = take(size, timeout_ms);
    if (!payload) return frame;
    frame.opcode = static_cast<unsigned char>((*head)[0]) & 0x0f;
    frame.payload = *payload;
    return frame;
}

}  // namespace busbar::test
