// TLS directly on the socket: OpenSSL reads and writes the descriptor itself and says when it must wait. Against a
// memory BIO pair this saves two copies and 50 KB of buffers per connection.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "base/asio_wait.hpp"
#include "net/socket_stream.hpp"
#include "net/tls.hpp"

namespace busbar::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
// OpenSSL's own socket BIO uses write(), which raises SIGPIPE when the other end is gone; this one does not.
int bio_write(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    const auto n = ::send(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), data,
                          static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
    return static_cast<int>(n);
}

int bio_read(BIO* bio, char* data, int size) {
    BIO_clear_retry_flags(bio);
    const auto n = ::recv(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), data,
                          static_cast<std::size_t>(size), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
    if (n == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return static_cast<int>(n);
}

long bio_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return 0;
}

BIO_METHOD* socket_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        BIO_meth_set_write(m, bio_write);
        BIO_meth_set_read(m, bio_read);
        BIO_meth_set_ctrl(m, bio_control);
        return m;
    }();
    return method;
}

const std::string& plain_http_answer() {
    static const std::string answer = [] {
        const std::string_view text =
            "This gateway speaks HTTPS only: type https:// in front of its address.\n"
            "Dieses Gateway spricht nur HTTPS: https:// vor die Adresse schreiben.\n";
        return "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
               "Content-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\nContent-Length: " +
               std::to_string(text.size()) + "\r\n\r\n" + std::string(text);
    }();
    return answer;
}

class TlsStream final : public Stream {
public:
    TlsStream(tcp::socket socket, std::shared_ptr<TlsContext> tls)
        : socket_(std::move(socket)), tls_(std::move(tls)), ssl_(SSL_new(tls_->native())) {
        BIO* bio = BIO_new(socket_method());
        BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket_.native_handle())));
        BIO_set_init(bio, 1);
        SSL_set_bio(ssl_, bio, bio);
        SSL_set_accept_state(ssl_);
    }
    ~TlsStream() override { SSL_free(ssl_); }

    Task<Status> handshake() override {
        for (;;) {
            ERR_clear_error();
            const int result = SSL_do_handshake(ssl_);
            if (result == 1) co_return ok();
            if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) point_to_https();
            auto waited = co_await wait_for(result);
            if (!waited) co_return because("TLS handshake", std::move(waited).error());
        }
    }

    Task<Result<std::size_t>> read_some(std::span<char> buffer) override {
        for (;;) {
            if (!socket_.is_open()) co_return fail(Errc::unavailable, "read: closed");
            ERR_clear_error();
            std::size_t n = 0;
            const int result = SSL_read_ex(ssl_, buffer.data(), buffer.size(), &n);
            if (result == 1) co_return n;
            if (SSL_get_error(ssl_, result) == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
            auto waited = co_await wait_for(result);
            if (!waited) co_return because("read", std::move(waited).error());
        }
    }

    Task<Status> write(ByteView bytes) override {
        while (!bytes.empty()) {
            if (!socket_.is_open()) co_return fail(Errc::unavailable, "write: closed");
            ERR_clear_error();
            std::size_t n = 0;
            const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &n);
            if (result == 1) {
                bytes = bytes.subspan(n);
                continue;
            }
            auto waited = co_await wait_for(result);
            if (!waited) co_return because("write", std::move(waited).error());
        }
        co_return ok();
    }

    void finish_writing() override {
        if (!socket_.is_open()) return;
        ERR_clear_error();
        if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    void abort() override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    bool is_secure() const override { return true; }

private:
    // Somebody typed the address without https://: he gets a sentence instead of an empty page. No redirect: the name
    // he used went with the first bytes, and no word of his is repeated. What he sent is read, or the kernel would
    // answer with a reset that takes the sentence away again.
    void point_to_https() {
        const auto fd = socket_.native_handle();
        char unread[4096];
        for (int i = 0; i < 4 && ::recv(fd, unread, sizeof unread, MSG_DONTWAIT) > 0; ++i) {
        }
        const std::string& answer = plain_http_answer();
        ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ::shutdown(fd, SHUT_WR);
    }

    // Waits until OpenSSL can go on after `result`; an error when it never can.
    Task<Status> wait_for(int result) {
        const int reason = SSL_get_error(ssl_, result);
        if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
            const auto what = reason == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write;
            const auto [error] = co_await socket_.async_wait(what, as_result);
            if (error || !socket_.is_open()) co_return fail(Errc::unavailable, "closed");
            co_return ok();
        }
        if (reason == SSL_ERROR_SSL) co_return fail(Errc::malformed, openssl_reason());
        co_return fail(Errc::unavailable, "the other end is gone");
    }

    tcp::socket socket_;
    std::shared_ptr<TlsContext> tls_;
    SSL* ssl_;
};
}  // namespace

std::unique_ptr<Stream> tls_stream(tcp::socket socket, std::shared_ptr<TlsContext> tls) {
    return std::make_unique<TlsStream>(std::move(socket), std::move(tls));
}

}  // namespace busbar::net
