#include "bus/link/tcp_link.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/asio_wait.hpp"
#include "base/phrases_running.hpp"
#include "bus/link/peer_rule.hpp"
#include "bus/master/deadline_watch.hpp"

namespace busbar::bus {
namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type>;

namespace {

// A silent peer holds up its own connection alone.
constexpr Duration watch_slack = std::chrono::milliseconds(64);

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
    explicit Impl(asio::io_context& io)
        : resolver(io),
          socket(io),
          watch(
              io, [this] { socket.cancel(ignored); }, watch_slack),
          open_watch(io, [this] {
              resolver.cancel();
              socket.close(ignored);
          }) {}
    boost::system::error_code ignored;
    Resolver resolver;
    Socket socket;
    DeadlineWatch watch;       // of reads and writes
    DeadlineWatch open_watch;  // of opening
};

TcpLink::TcpLink(RealLoop& loop, TcpSettings settings)
    : settings_(std::move(settings)),
      name_("tcp " + settings_.host + ":" + std::to_string(settings_.port)),
      impl_(std::make_unique<Impl>(loop.context())) {}
TcpLink::~TcpLink() = default;

Task<Status> TcpLink::open(Instant deadline) {
    close();
    DeadlineWatch& watch = impl_->open_watch;
    watch.start(deadline);
    const auto [unresolved, endpoints] =
        co_await impl_->resolver.async_resolve(settings_.host, std::to_string(settings_.port), as_result);
    if (unresolved) {
        watch.stop();
        co_return fail(Errc::unavailable, name_ + ": " + say<phrases::link_no_name>());
    }
    std::vector<asio::ip::tcp::endpoint> allowed;
    Status peer = ok();
    for (const auto& one : endpoints) {
        const asio::ip::tcp::endpoint endpoint = one.endpoint();
        const Status may = check_peer(endpoint.data(), settings_.host);
        if (may) allowed.push_back(endpoint);
        if (!may && peer) peer = may;
    }
    if (allowed.empty()) {
        watch.stop();
        co_return fail(Errc::unavailable, peer ? name_ + ": " + say<phrases::link_no_name>() : peer.error().text);
    }
    const auto [problem, endpoint] = co_await asio::async_connect(impl_->socket, allowed, as_result);
    if (watch.stop()) {
        close();
        co_return fail(Errc::unavailable, name_ + ": " + say<phrases::link_no_answer>());
    }
    if (problem) {
        close();
        co_return fail(Errc::unavailable, name_ + ": " + say<phrases::link_no_modbus>(problem.message()));
    }
    keep_alive(impl_->socket.native_handle());
    co_return ok();
}

void TcpLink::close() { impl_->socket.close(impl_->ignored); }
bool TcpLink::is_open() const { return impl_->socket.is_open(); }

Error TcpLink::failed(int number) const {
    if (!is_open() || number == ECANCELED) return fail(Errc::unavailable, name_ + ": " + say<phrases::link_closed>());
    return fail(Errc::unavailable, name_ + ": " + std::generic_category().message(number));
}

// Straight to the kernel, which takes a frame at once unless the other end reads nothing any more.
std::size_t TcpLink::write_now(std::span<const std::uint8_t> bytes) {
    const int fd = is_open() ? impl_->socket.native_handle() : -1;
    return static_cast<std::size_t>(
        std::max<ssize_t>(0, ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT)));
}

Task<Status> TcpLink::write(std::span<const std::uint8_t> bytes, Instant deadline) {
    while (!bytes.empty()) {
        const int fd = is_open() ? impl_->socket.native_handle() : -1;
        const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(n));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) co_return failed(errno);
        impl_->watch.start(deadline);
        const auto [problem] = co_await impl_->socket.async_wait(Socket::wait_write, as_result);
        if (impl_->watch.stop()) co_return fail(Errc::timeout, name_ + ": " + say<phrases::link_takes_nothing>());
        if (problem) co_return failed(problem.value());
    }
    co_return ok();
}

Task<Result<std::size_t>> TcpLink::read_some(std::span<std::uint8_t> buffer, Instant deadline) {
    if (!is_open()) co_return failed(EBADF);
    impl_->watch.start(deadline);
    const auto [problem, n] =
        co_await impl_->socket.async_read_some(asio::buffer(buffer.data(), buffer.size()), as_result);
    const bool expired = impl_->watch.stop();
    if (!problem) co_return n;
    if (expired) co_return fail(Errc::timeout, name_ + ": " + say<phrases::link_nothing>());
    if (problem == asio::error::eof)
        co_return fail(Errc::unavailable, name_ + ": " + say<phrases::link_closed_there>());
    co_return failed(problem.value());
}

std::size_t TcpLink::take_input(std::span<std::uint8_t> buffer) {
    const int fd = is_open() ? impl_->socket.native_handle() : -1;
    return static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT)));
}

// A flood is cut short; the caller will come again.
std::size_t TcpLink::discard_input() {
    std::size_t total = 0;
    std::uint8_t waste[512];
    while (total < 64 * sizeof waste) {
        const std::size_t n = take_input(waste);
        total += n;
        if (n < sizeof waste) break;
    }
    return total;
}

}  // namespace busbar::bus
