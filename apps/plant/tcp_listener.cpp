#include "tcp_listener.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <deque>

#include "base/asio_wait.hpp"
#include "plant/devices/serve.hpp"

namespace busbar::plant_app {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t connections_max = 32;

// The connections of now, oldest first; outlives the listener in their tasks.
using Connections = std::deque<std::shared_ptr<DescriptorLink>>;

Task<void> serve_connection(Loop& loop, std::shared_ptr<DescriptorLink> link, plant::Line& line,
                            std::shared_ptr<Connections> all) {
    co_await plant::serve_tcp(loop, *link, line);
    link->close();
    std::erase(*all, link);
}

}  // namespace

struct TcpListener::Impl {
    explicit Impl(asio::io_context& io) : acceptor(io), all(std::make_shared<Connections>()) {}
    tcp::acceptor acceptor;
    std::shared_ptr<Connections> all;
};

TcpListener::TcpListener(RealLoop& loop) : loop_(loop), impl_(std::make_unique<Impl>(loop.context())) {}
TcpListener::~TcpListener() = default;

Result<std::unique_ptr<TcpListener>> TcpListener::open(RealLoop& loop, std::uint16_t port) {
    std::unique_ptr<TcpListener> listener(new TcpListener(loop));
    auto& acceptor = listener->impl_->acceptor;
    const tcp::endpoint here(asio::ip::address_v4::loopback(), port);
    boost::system::error_code problem;
    acceptor.open(here.protocol(), problem);
    if (!problem) acceptor.set_option(tcp::acceptor::reuse_address(true), problem);
    if (!problem) acceptor.bind(here, problem);
    if (!problem) acceptor.listen(connections_max, problem);
    if (problem)
        return fail(Errc::unavailable,
                    fmt::format("127.0.0.1:{}: {}; choose another --port, or 0", port, problem.message()));
    return listener;
}

std::uint16_t TcpListener::port() const {
    boost::system::error_code ignored;
    return impl_->acceptor.local_endpoint(ignored).port();
}

Task<void> TcpListener::serve(plant::Line& line) {
    using namespace std::chrono_literals;
    for (;;) {
        auto [problem, socket] = co_await impl_->acceptor.async_accept(as_result);
        if (problem == asio::error::operation_aborted) co_return;
        if (problem) {  // out of descriptors, most likely: the others go on
            co_await loop_.sleep_for(100ms);
            continue;
        }
        auto& all = *impl_->all;
        const std::size_t most = line.clients() == 0 ? connections_max : line.clients();
        if (all.size() >= most && !line.newest_client_wins()) continue;  // closes the socket
        for (; all.size() >= most; all.pop_front()) all.front()->close();
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto link = std::make_shared<DescriptorLink>(loop_, socket.release(), "tcp client of " + line.spec().id);
        all.push_back(link);
        auto task = serve_connection(loop_, std::move(link), line, impl_->all);
        loop_.spawn("connection", std::move(task));
    }
}

struct StopSignal::Impl {
    explicit Impl(asio::io_context& io) : signals(io, SIGTERM, SIGINT) {}
    asio::signal_set signals;
};
StopSignal::StopSignal(RealLoop& loop) : impl_(std::make_unique<Impl>(loop.context())) {
    impl_->signals.async_wait([&loop](boost::system::error_code problem, int) {
        if (!problem) loop.stop();
    });
}
StopSignal::~StopSignal() = default;

}  // namespace busbar::plant_app
