#include "net/stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "base/asio_wait.hpp"
#include "net/socket_stream.hpp"

namespace busbar::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
class PlainStream final : public Stream {
public:
    explicit PlainStream(tcp::socket socket) : socket_(std::move(socket)) {}

    Task<Status> handshake() override { co_return ok(); }

    Task<Result<std::size_t>> read_some(std::span<char> buffer) override {
        const auto [error, n] = co_await socket_.async_read_some(asio::buffer(buffer.data(), buffer.size()), as_result);
        if (error && error != asio::error::eof) co_return fail(Errc::unavailable, "read: " + error.message());
        co_return n;
    }

    Task<Status> write(ByteView bytes) override {
        const auto [error, n] =
            co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), as_result);
        if (error) co_return fail(Errc::unavailable, "write: " + error.message());
        co_return ok();
    }

    void finish_writing() override {
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    void abort() override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    bool is_secure() const override { return false; }

private:
    tcp::socket socket_;
};
}  // namespace

std::unique_ptr<Stream> plain_stream(tcp::socket socket) { return std::make_unique<PlainStream>(std::move(socket)); }

}  // namespace busbar::net
