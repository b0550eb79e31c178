#include "bus/tcp_link.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "bus/stream_io.hpp"

namespace busbar::bus {
namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type>;

template <>
ssize_t StreamIo<Socket>::send_now(std::span<const std::uint8_t> bytes) {
    return ::send(stream.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

namespace {

// A peer without power is noticed after 20 + 3 * 5 s even when nobody asks it anything.
void keep_alive(int fd) {
    const auto set = [fd](int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 20);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace

struct TcpLink::Impl {
    Impl(asio::io_context& io, const std::string& name)
        : resolver(io), stream(io, name), open_watch(io, [this] {
              resolver.cancel();
              stream.close();
          }) {}

    Resolver resolver;
    StreamIo<Socket> stream;
    DeadlineWatch open_watch;
};

TcpLink::TcpLink(RealLoop& loop, TcpSettings settings)
    : settings_(std::move(settings)),
      name_("tcp " + settings_.host + ":" + std::to_string(settings_.port)),
      impl_(std::make_unique<Impl>(loop.context(), name_)) {}
TcpLink::~TcpLink() = default;

Task<Status> TcpLink::open(Instant deadline) {
    close();
    auto& [resolver, stream, watch] = *impl_;
    watch.start(deadline);
    const auto [unresolved, endpoints] = co_await resolver.async_resolve(settings_.host, std::to_string(settings_.port),
                                                                         asio::as_tuple(asio::use_awaitable));
    if (unresolved) {
        watch.stop();
        co_return fail(Errc::unavailable, name_ + ": no address for this name; check the host and the name server");
    }
    const auto [problem, endpoint] =
        co_await asio::async_connect(stream.stream, endpoints, asio::as_tuple(asio::use_awaitable));
    if (watch.stop()) {
        close();
        co_return fail(Errc::unavailable, name_ + ": no answer; is the device on and the address right?");
    }
    if (problem) {
        close();
        co_return fail(Errc::unavailable, name_ + ": " + problem.message() + "; is Modbus switched on there?");
    }
    keep_alive(stream.stream.native_handle());
    boost::system::error_code ignored;
    stream.stream.native_non_blocking(true, ignored);
    co_return ok();
}

void TcpLink::close() { impl_->stream.close(); }
bool TcpLink::is_open() const { return impl_->stream.stream.is_open(); }
Task<Status> TcpLink::write(std::span<const std::uint8_t> bytes, Instant deadline) {
    return impl_->stream.write(bytes, deadline);
}
Task<Result<std::size_t>> TcpLink::read_some(std::span<std::uint8_t> buffer, Instant deadline) {
    return impl_->stream.read_some(buffer, deadline);
}
std::size_t TcpLink::discard_input() { return impl_->stream.discard(); }

}  // namespace busbar::bus
