#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "base/asio_wait.hpp"
#include "net/socket_stream.hpp"
#include "net/tls.hpp"

namespace busbar::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
// Bounds what the kernel takes in for a client that does not read; an answer of 64 KiB still goes out in one go.
constexpr int send_buffer_bytes = 64 * 1024;

std::string text_of(asio::ip::address address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address.to_string();
}

class TcpListener final : public Listener {
public:
    TcpListener(tcp::acceptor acceptor, std::shared_ptr<TlsContext> tls)
        : acceptor_(std::move(acceptor)), tls_(std::move(tls)), port_(acceptor_.local_endpoint().port()) {}

    Task<Result<Accepted>> accept() override {
        auto [error, socket] = co_await acceptor_.async_accept(as_result);
        if (error) co_return fail(Errc::unavailable, "accept: " + error.message());
        boost::system::error_code ignored;
        const auto remote = socket.remote_endpoint(ignored);
        socket.set_option(tcp::no_delay(true), ignored);
        socket.set_option(tcp::socket::send_buffer_size(send_buffer_bytes), ignored);
        socket.non_blocking(true, ignored);
        socket.native_non_blocking(true, ignored);
        Accepted accepted;
        accepted.peer = text_of(remote.address());
        accepted.source = source_of(accepted.peer);
        accepted.stream = tls_ ? tls_stream(std::move(socket), tls_) : plain_stream(std::move(socket));
        co_return accepted;
    }
    std::uint16_t port() const override { return port_; }
    void close() override {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
    }

private:
    tcp::acceptor acceptor_;
    std::shared_ptr<TlsContext> tls_;
    std::uint16_t port_;
};

Status bind(tcp::acceptor& acceptor, const tcp::endpoint& at) {
    boost::system::error_code error;
    acceptor.open(at.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && at.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor.bind(at, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return ok();
    const std::string where = at.address().to_string() + " port " + std::to_string(at.port()) + ": ";
    if (error == asio::error::address_in_use)
        return fail(Errc::unavailable,
                    where + "in use by another program; stop it or choose another port");
    if (error == asio::error::access_denied)
        return fail(Errc::unavailable, where + "not allowed; ports below 1024 need rights, choose one above");
    return fail(Errc::unavailable, where + error.message());
}
}  // namespace

std::string source_of(const std::string& peer) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(peer, error);
    if (error || !address.is_v6()) return peer;
    auto bytes = address.to_v6().to_bytes();
    const bool is_own_wire = address.to_v6().is_link_local() || (bytes[0] & 0xfe) == 0xfc;
    if (is_own_wire) return peer;
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return asio::ip::address_v6(bytes).to_string() + "/64";
}

Result<std::unique_ptr<Listener>> listen(RealLoop& loop, const std::string& address, std::uint16_t port,
                                         std::shared_ptr<TlsContext> tls) {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error)
        return fail(Errc::malformed,
                    "listen address '" + address + "': not an IP address; use for example 0.0.0.0 or ::");
    tcp::acceptor acceptor(loop.context());
    if (auto bound = bind(acceptor, tcp::endpoint(ip, port)); !bound) return std::move(bound).error();
    return std::unique_ptr<Listener>(std::make_unique<TcpListener>(std::move(acceptor), std::move(tls)));
}

}  // namespace busbar::net
