#pragma once
// Reading and writing one non-blocking descriptor through Asio, with deadlines. Shared by the serial and the TCP link;
// driver files only.
//
// Cheap on purpose: a write goes straight to the kernel, and the deadline of every read is watched by one timer that
// stays armed from read to read and looks, when it fires, whether the deadline has moved. A request on an idle
// connection then costs a send, a receive and a wake-up.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

#include "base/real_loop.hpp"
#include "bus/link.hpp"

namespace busbar::bus {

inline std::chrono::steady_clock::time_point to_steady(Instant t) {
    return std::chrono::steady_clock::time_point(t.time_since_epoch());
}

// Calls `cancel` once a deadline passes. The handler outlives its owner safely: it holds the state, not the owner.
class DeadlineWatch {
public:
    DeadlineWatch(boost::asio::io_context& io, std::function<void()> cancel) : state_(std::make_shared<State>(io)) {
        state_->cancel = std::move(cancel);
    }
    ~DeadlineWatch() {
        state_->cancel = nullptr;
        state_->timer.cancel();
    }
    DeadlineWatch(const DeadlineWatch&) = delete;
    DeadlineWatch& operator=(const DeadlineWatch&) = delete;

    void start(Instant deadline) {
        state_->deadline = deadline;
        state_->expired = false;
        if (deadline == Instant::max()) return;
        if (!state_->armed || deadline < state_->fires_at) arm(state_);
    }
    // True when the deadline passed since start().
    bool stop() {
        state_->deadline = Instant::max();
        return state_->expired;
    }

private:
    struct State {
        explicit State(boost::asio::io_context& io) : timer(io) {}
        boost::asio::steady_timer timer;
        std::function<void()> cancel;
        Instant deadline = Instant::max(), fires_at{};
        bool armed = false, expired = false;
    };
    static void arm(const std::shared_ptr<State>& state) {
        state->armed = true;
        state->fires_at = state->deadline;
        state->timer.expires_at(to_steady(state->deadline));
        state->timer.async_wait([state](boost::system::error_code problem) {
            if (problem) return;  // armed anew for an earlier deadline, or gone
            state->armed = false;
            if (state->deadline == Instant::max() || !state->cancel) return;
            if (monotonic_now() < state->deadline) return arm(state);
            state->expired = true;
            state->cancel();
        });
    }
    std::shared_ptr<State> state_;
};

template <class Stream>
class StreamIo {
public:
    StreamIo(boost::asio::io_context& io, std::string name)
        : stream(io), name_(std::move(name)), watch_(io, [this] { stream.cancel(ignored_); }) {}

    Task<Status> write(std::span<const std::uint8_t> bytes, Instant deadline) {
        while (!bytes.empty()) {
            const ssize_t n = stream.is_open() ? send_now(bytes) : fail_closed();
            if (n >= 0) {
                bytes = bytes.subspan(static_cast<std::size_t>(n));
                continue;
            }
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) co_return failed(errno);
            watch_.start(deadline);
            const auto [problem] =
                co_await stream.async_wait(Stream::wait_write, boost::asio::as_tuple(boost::asio::use_awaitable));
            if (watch_.stop()) co_return fail(Errc::timeout, name_ + ": the other end takes no bytes");
            if (problem) co_return failed(problem.value());
        }
        co_return ok();
    }

    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer, Instant deadline) {
        if (!stream.is_open()) co_return failed(EBADF);
        watch_.start(deadline);
        const auto [problem, n] = co_await stream.async_read_some(boost::asio::buffer(buffer.data(), buffer.size()),
                                                                  boost::asio::as_tuple(boost::asio::use_awaitable));
        const bool expired = watch_.stop();
        if (!problem) co_return n;
        if (expired) co_return fail(Errc::timeout, name_ + ": nothing arrived in time");
        if (problem == boost::asio::error::eof) co_return fail(Errc::unavailable, name_ + ": closed by the other end");
        co_return failed(problem.value());
    }

    // What lies ready is read away; a flood is cut short, the caller will come again.
    std::size_t discard() {
        std::size_t total = 0;
        std::uint8_t waste[512];
        while (stream.is_open() && total < 64 * sizeof waste) {
            const ssize_t n = ::read(stream.native_handle(), waste, sizeof waste);
            if (n <= 0) break;
            total += static_cast<std::size_t>(n);
            if (static_cast<std::size_t>(n) < sizeof waste) break;
        }
        return total;
    }

    void close() { stream.close(ignored_); }

    Stream stream;

private:
    ssize_t send_now(std::span<const std::uint8_t> bytes);  // specialised: sockets must not raise SIGPIPE
    ssize_t fail_closed() {
        errno = EBADF;
        return -1;
    }
    Error failed(int number) const {
        if (number == EBADF || number == ECANCELED) return fail(Errc::unavailable, name_ + ": closed");
        return fail(Errc::unavailable, name_ + ": " + std::generic_category().message(number));
    }

    std::string name_;
    boost::system::error_code ignored_;
    DeadlineWatch watch_;
};

}  // namespace busbar::bus
