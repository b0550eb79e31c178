#include "base/real_loop.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"
#include "base/spawn.hpp"

namespace busbar {
namespace asio = boost::asio;

namespace {
std::chrono::steady_clock::time_point to_steady(Instant t) {
    return std::chrono::steady_clock::time_point(t.time_since_epoch());
}
}  // namespace

void Event::set() {
    is_set_ = true;
    if (wake_) wake_();
}

bool Event::consume() {
    const bool was = is_set_;
    is_set_ = false;
    return was;
}

Instant monotonic_now() { return Instant(std::chrono::steady_clock::now().time_since_epoch()); }

RealLoop::RealLoop() : io_(std::make_unique<asio::io_context>(1)) {}
RealLoop::~RealLoop() = default;

Instant RealLoop::now() const { return monotonic_now(); }
WallTime RealLoop::wall() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Task<void> RealLoop::sleep_until(Instant deadline) {
    // An instant that is over needs no timer, only the others' turn.
    if (deadline <= now()) co_return co_await asio::post(*io_, asio::use_awaitable);
    asio::steady_timer timer(*io_, to_steady(deadline));
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

Task<bool> RealLoop::wait(Event& event, Instant deadline) {
    if (event.consume()) co_return true;
    BUSBAR_ASSERT(!event.wake_);  // one waiter at a time
    asio::steady_timer timer(*io_, to_steady(deadline));
    event.wake_ = [&timer] { timer.cancel(); };
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    event.wake_ = nullptr;
    co_return event.consume();
}

void RealLoop::spawn(std::string_view name, Task<void> task) { spawn_on(*io_, name, std::move(task)); }
void RealLoop::post(std::function<void()> work) { asio::post(*io_, std::move(work)); }

void RealLoop::run() {
    auto guard = asio::make_work_guard(*io_);
    io_->restart();
    io_->run();
}
void RealLoop::stop() { io_->stop(); }

}  // namespace busbar
