#include "bus/link/serial_link.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "base/asio_wait.hpp"
#include "base/phrases_running.hpp"
#include "bus/master/deadline_watch.hpp"

namespace busbar::bus {
namespace asio = boost::asio;
using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

// The port is registered with the loop only while somebody waits for it. Registered all the time it would wake the loop
// for every character that arrives, also while the bus sleeps until the whole frame is there: a hundred wake-ups for a
// frame instead of one.
struct SerialLink::Impl {
    explicit Impl(asio::io_context& io) : waiter(io), watch(io, [this] { waiter.cancel(ignored); }) {}
    ~Impl() { close(); }

    void close() {
        if (waiter.is_open()) waiter.release();
        if (fd >= 0) close_serial_port(fd);
        fd = -1;
    }

    Task<Status> wait(Descriptor::wait_type what, Instant deadline, const std::string& name) {
        const int mine = fd;
        waiter.assign(fd, ignored);
        watch.start(deadline);
        const auto [problem] = co_await waiter.async_wait(what, as_result);
        const bool expired = watch.stop();
        if (fd != mine) co_return fail(Errc::unavailable, name + ": " + say<phrases::link_closed>());
        waiter.release();
        if (expired) co_return fail(Errc::timeout, name + ": nothing happened in time");
        if (problem) co_return fail(Errc::unavailable, name + ": " + problem.message());
        co_return ok();
    }

    int fd = -1;
    boost::system::error_code ignored;
    Descriptor waiter;
    DeadlineWatch watch;
};

SerialLink::SerialLink(RealLoop& loop, SerialSettings settings, std::string owner)
    : settings_(std::move(settings)),
      owner_(std::move(owner)),
      name_(fmt::format("{} {} 8{}{}", settings_.path, settings_.baud, settings_.parity, settings_.stop_bits)),
      impl_(std::make_unique<Impl>(loop.context())) {}
SerialLink::~SerialLink() = default;

Task<Status> SerialLink::open(Instant) {
    close();
    Result<int> fd = open_serial_port(settings_, owner_);
    if (!fd) co_return std::move(fd).error();
    impl_->fd = *fd;
    co_return ok();
}

void SerialLink::close() { impl_->close(); }
bool SerialLink::is_open() const { return impl_->fd >= 0; }

Error SerialLink::failed(int number) const {
    if (impl_->fd < 0) return fail(Errc::unavailable, settings_.path + ": " + say<phrases::link_closed>());
    if (number == 0 || number == EIO || number == ENXIO)
        return fail(Errc::unavailable, settings_.path + ": " + say<phrases::link_hung_up>());
    return fail(Errc::unavailable, settings_.path + ": " + std::generic_category().message(number));
}

std::size_t SerialLink::write_now(std::span<const std::uint8_t> bytes) {
    return static_cast<std::size_t>(std::max<ssize_t>(0, ::write(impl_->fd, bytes.data(), bytes.size())));
}

Task<Status> SerialLink::write(std::span<const std::uint8_t> bytes, Instant deadline) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(impl_->fd, bytes.data(), bytes.size());
        if (n >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(n));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) co_return failed(errno);
        Status ready = co_await impl_->wait(Descriptor::wait_write, deadline, settings_.path);
        if (!ready) co_return ready;
    }
    co_return ok();
}

Task<Result<std::size_t>> SerialLink::read_some(std::span<std::uint8_t> buffer, Instant deadline) {
    for (;;) {
        const ssize_t n = ::read(impl_->fd, buffer.data(), buffer.size());
        if (n > 0) co_return static_cast<std::size_t>(n);
        if (n < 0 && errno == EINTR) continue;
        if (n == 0 || errno != EAGAIN) co_return failed(n == 0 ? 0 : errno);
        Status ready = co_await impl_->wait(Descriptor::wait_read, deadline, settings_.path);
        if (!ready) co_return std::move(ready).error();
    }
}

std::size_t SerialLink::take_input(std::span<std::uint8_t> buffer) {
    return static_cast<std::size_t>(std::max<ssize_t>(0, ::read(impl_->fd, buffer.data(), buffer.size())));
}

// A flood is cut short; the caller will come again.
std::size_t SerialLink::discard_input() {
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
