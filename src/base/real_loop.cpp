#include "base/real_loop.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "base/spawn.hpp"

namespace busbar {
namespace asio = boost::asio;

namespace {
std::chrono::steady_clock::time_point to_steady(Instant t) {
    return std::chrono::steady_clock::time_point(t.time_since_epoch());
}

// Those who wait for an event and for no deadline: a bus tells each caller of his answer, and a timer to start and to
// cancel for each would cost more than the rest of it. The io_context owns them as it owns those with a timer: they end
// with it.
class Waiters final : public asio::execution_context::service {
public:
    inline static asio::execution_context::id id;
    using Resume = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;

    // In the frame of who waits.
    class Waiter {
    public:
        explicit Waiter(Waiters& all) : all_(&all), next_(std::exchange(all.first_, this)) {
            if (next_ != nullptr) next_->previous_ = this;
        }
        ~Waiter() {
            if (all_ == nullptr) return;
            (previous_ != nullptr ? previous_->next_ : all_->first_) = next_;
            if (next_ != nullptr) next_->previous_ = previous_;
        }
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;

        std::optional<Resume> resume;

    private:
        friend class Waiters;
        Waiters* all_;  // null once they have ended
        Waiter* previous_ = nullptr;
        Waiter* next_;
    };

    explicit Waiters(asio::execution_context& context) : service(context) {}

private:
    // The frames are destroyed soon after, by the context.
    void shutdown() override {
        for (Waiter* w = std::exchange(first_, nullptr); w != nullptr; w = w->next_) {
            w->all_ = nullptr;
            w->resume.reset();
        }
    }
    Waiter* first_ = nullptr;
};
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
    if (deadline == Instant::max()) {
        Waiters::Waiter waiter(asio::use_service<Waiters>(*io_));
        event.wake_ = [this, &waiter] {
            if (auto resume = std::exchange(waiter.resume, std::nullopt))
                asio::post(*io_, [kept = std::move(*resume)]() mutable { kept(); });
        };
        const auto keep = [&waiter](Waiters::Resume resume) { waiter.resume.emplace(std::move(resume)); };
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(keep, asio::use_awaitable);
        event.wake_ = nullptr;
        co_return event.consume();
    }
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
