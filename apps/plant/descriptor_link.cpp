#include "descriptor_link.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <system_error>

#include "base/asio_wait.hpp"

namespace busbar::plant_app {
namespace asio = boost::asio;

struct DescriptorLink::State {
    State(asio::io_context& io, int descriptor) : stream(io, descriptor), timer(io) {}
    asio::posix::stream_descriptor stream;
    asio::steady_timer timer;
    std::uint64_t wait = 0;  // number of the current wait; a late timer of an earlier one does nothing
    bool is_over = false;
};

namespace {

// Waits until the descriptor is ready; false at the deadline.
template <class State>
Task<bool> ready(std::shared_ptr<State> state, asio::posix::descriptor_base::wait_type what, Instant deadline) {
    const auto number = ++state->wait;
    state->is_over = false;
    state->timer.expires_at(std::chrono::steady_clock::time_point(deadline.time_since_epoch()));
    auto expire = [state, number](boost::system::error_code problem) {
        if (problem || number != state->wait) return;
        state->is_over = true;
        boost::system::error_code ignored;
        state->stream.cancel(ignored);
    };
    state->timer.async_wait(std::move(expire));
    co_await state->stream.async_wait(what, as_result);
    ++state->wait;
    state->timer.cancel();
    co_return !state->is_over;
}

bool is_would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

DescriptorLink::DescriptorLink(RealLoop& loop, int descriptor, std::string name)
    : name_(std::move(name)), state_(std::make_shared<State>(loop.context(), descriptor)) {
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}
DescriptorLink::~DescriptorLink() { close(); }

Task<Status> DescriptorLink::open(Instant) {
    if (!is_open()) co_return fail(Errc::unavailable, name_ + ": closed");
    co_return ok();
}

void DescriptorLink::close() {
    boost::system::error_code ignored;
    state_->timer.cancel();
    state_->stream.close(ignored);
}
bool DescriptorLink::is_open() const { return state_->stream.is_open(); }

Task<Status> DescriptorLink::write(std::span<const std::uint8_t> bytes, Instant deadline) {
    const auto state = state_;
    while (!bytes.empty()) {
        if (!state->stream.is_open()) co_return fail(Errc::unavailable, name_ + ": closed");
        const auto n = ::write(state->stream.native_handle(), bytes.data(), bytes.size());
        if (n > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(n));
            continue;
        }
        if (!is_would_block()) co_return fail(Errc::unavailable, name_ + ": " + std::generic_category().message(errno));
        const bool is_ready = co_await ready(state, asio::posix::descriptor_base::wait_write, deadline);
        if (!is_ready) co_return fail(Errc::timeout, name_ + ": the other end takes no bytes");
    }
    co_return ok();
}

Task<Result<std::size_t>> DescriptorLink::read_some(std::span<std::uint8_t> buffer, Instant deadline) {
    const auto state = state_;
    for (;;) {
        if (!state->stream.is_open()) co_return fail(Errc::unavailable, name_ + ": closed");
        const auto n = ::read(state->stream.native_handle(), buffer.data(), buffer.size());
        if (n > 0) co_return static_cast<std::size_t>(n);
        if (n == 0) co_return fail(Errc::unavailable, name_ + ": closed by the other end");
        if (!is_would_block()) co_return fail(Errc::unavailable, name_ + ": " + std::generic_category().message(errno));
        if (monotonic_now() >= deadline) co_return fail(Errc::timeout, name_ + ": nothing arrived in time");
        const bool is_ready = co_await ready(state, asio::posix::descriptor_base::wait_read, deadline);
        if (!is_ready) co_return fail(Errc::timeout, name_ + ": nothing arrived in time");
    }
}

std::size_t DescriptorLink::discard_input() {
    std::size_t total = 0;
    std::uint8_t waste[512];
    for (int i = 0; i < 64 && is_open(); ++i) {
        const auto n = ::read(state_->stream.native_handle(), waste, sizeof waste);
        if (n <= 0) break;
        total += static_cast<std::size_t>(n);
    }
    return total;
}

}  // namespace busbar::plant_app
