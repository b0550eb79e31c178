#include "base/virtual_loop.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"
#include "base/spawn.hpp"

namespace busbar {
namespace asio = boost::asio;

// A waiting task: a timer that never expires and is cancelled to wake it. Leaves the queue by itself when its frame is
// destroyed.
struct VirtualLoop::Parked {
    VirtualLoop& loop;
    std::pair<Instant, std::uint64_t> key;
    asio::steady_timer timer;

    Parked(VirtualLoop& l, Instant deadline)
        : loop(l), key(std::max(deadline, l.now_), l.next_++),
          timer(*l.io_, std::chrono::steady_clock::time_point::max()) {
        loop.parked_.emplace(key, this);
    }
    ~Parked() { loop.parked_.erase(key); }
};

VirtualLoop::VirtualLoop(WallTime start) : io_(std::make_unique<asio::io_context>(1)), start_(start) {}
VirtualLoop::~VirtualLoop() { io_.reset(); }

WallTime VirtualLoop::wall() const {
    return start_ + std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()) + wall_offset_;
}

Task<void> VirtualLoop::park(Parked& parked) {
    co_await parked.timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

void VirtualLoop::wake(Parked& parked) {
    parked_.erase(parked.key);
    parked.timer.cancel();
}

Task<void> VirtualLoop::sleep_until(Instant deadline) {
    Parked parked(*this, deadline);
    co_await park(parked);
}

Task<bool> VirtualLoop::wait(Event& event, Instant deadline) {
    if (event.consume()) co_return true;
    BUSBAR_ASSERT(!event.wake_);  // one waiter at a time
    Parked parked(*this, deadline);
    event.wake_ = [this, &parked] { wake(parked); };
    co_await park(parked);
    event.wake_ = nullptr;
    co_return event.consume();
}

void VirtualLoop::spawn(std::string_view name, Task<void> task) { spawn_on(*io_, name, std::move(task)); }
void VirtualLoop::post(std::function<void()> work) { asio::post(*io_, std::move(work)); }

void VirtualLoop::run_until(Instant end) {
    for (;;) {
        io_->restart();
        while (io_->poll() > 0) {}
        if (parked_.empty() || parked_.begin()->first.first > end) break;
        now_ = parked_.begin()->first.first;
        wake(*parked_.begin()->second);
    }
    now_ = std::max(now_, end);
}

}  // namespace busbar
