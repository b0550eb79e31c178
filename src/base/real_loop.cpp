#include "base/real_loop.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <utility>

#include "base/asio_wait.hpp"
#include "base/assert.hpp"

namespace busbar {
namespace asio = boost::asio;

namespace {
std::chrono::steady_clock::time_point to_steady(Instant t) {
    return std::chrono::steady_clock::time_point(t.time_since_epoch());
}

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                         asio::io_context::executor_type>;

// For an event or a deadline.
struct TimedWait final : Event::Waiter {
    TimedWait(asio::io_context& io, Instant deadline) : timer(io, to_steady(deadline)) {}
    void wake() override { timer.cancel(); }
    Timer timer;
};

// Those who are ready go on one after the other before the system is asked for news, but no more than these at once.
constexpr int longest_turn = 256;
}  // namespace

// A turn is what one event of the system leads to: its handler, then the tasks that became ready by it. So a bus that
// tells eight callers of their answers costs Asio one handler, not nine.
class RealLoop::Turns final : public Tasks {
public:
    explicit Turns(asio::io_context& io) : io_(io) {}
    ~Turns() override { end(); }

    template <class Work>
    void take(const Work& work) {
        is_in_turn_ = true;
        in_turn(work);
        int left = longest_turn;
        while (left > 0 && run_one()) --left;
        is_in_turn_ = false;
        if (left == 0) someone_is_ready();
    }
    void resume(TaskChain& chain) override {
        take([&] { run(chain); });
    }

private:
    void someone_is_ready() override {
        if (is_in_turn_ || std::exchange(is_turn_due_, true)) return;
        asio::post(io_, [this] {
            is_turn_due_ = false;
            take([] {});
        });
    }

    asio::io_context& io_;
    bool is_in_turn_ = false, is_turn_due_ = false;
};

void Event::set() {
    is_set_ = true;
    Waiter* const waiter = waiter_;
    tell(nullptr);
    if (waiter != nullptr) waiter->wake();
}

void Event::tell(Waiter* waiter) {
    BUSBAR_ASSERT(waiter == nullptr || waiter_ == nullptr);  // one waiter at a time
    if (waiter_ != nullptr) waiter_->waits_for_ = nullptr;
    waiter_ = waiter;
    if (waiter_ != nullptr) waiter_->waits_for_ = this;
}

bool Event::consume() {
    const bool was = is_set_;
    is_set_ = false;
    return was;
}

Instant monotonic_now() { return Instant(std::chrono::steady_clock::now().time_since_epoch()); }

RealLoop::RealLoop() : io_(std::make_unique<asio::io_context>(1)), turns_(std::make_unique<Turns>(*io_)) {}
RealLoop::~RealLoop() = default;

Instant RealLoop::now() const { return monotonic_now(); }
WallTime RealLoop::wall() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Task<void> RealLoop::sleep_until(Instant deadline) {
    if (deadline <= now()) {  // needs no timer, only the turn of the others and of the system
        const auto give_way = [this](TaskChain& chain) { asio::post(*io_, [&chain] { chain.owner().resume(chain); }); };
        co_return co_await Outside(give_way);
    }
    Timer timer(*io_, to_steady(deadline));
    co_await timer.async_wait(as_result);
}

Task<bool> RealLoop::wait(Event& event, Instant deadline) {
    if (deadline == Instant::max()) {
        co_await event;
        co_return true;
    }
    if (event.consume()) co_return true;
    TimedWait waits(*io_, deadline);
    event.tell(&waits);
    co_await waits.timer.async_wait(as_result);
    event.tell(nullptr);
    co_return event.consume();
}

void RealLoop::spawn(std::string_view name, Task<void> task) { turns_->spawn(name, std::move(task)); }
void RealLoop::post(std::function<void()> work) {
    asio::post(*io_, [this, work = std::move(work)] { turns_->take(work); });
}

void RealLoop::run() {
    auto guard = asio::make_work_guard(*io_);
    io_->restart();
    io_->run();
}
void RealLoop::stop() { io_->stop(); }

}  // namespace busbar
