#include "base/virtual_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/tasks.hpp"

namespace busbar {
namespace asio = boost::asio;

class VirtualLoop::Queue final : public Tasks {
public:
    explicit Queue(asio::io_context& io) : io_(io) {}
    ~Queue() override { end(); }
    void resume(TaskChain& chain) override { make_ready(chain); }

    void take(const std::function<void()>& work) { in_turn(work); }

private:
    void someone_is_ready() override {
        asio::post(io_, [this] { run_one(); });
    }
    asio::io_context& io_;
};

// A waiting task. Leaves the queue by itself when its frame is destroyed.
struct VirtualLoop::Parked final : Event::Waiter {
    VirtualLoop& loop;
    std::pair<Instant, std::uint64_t> key;
    TaskChain* chain = nullptr;

    Parked(VirtualLoop& l, Instant deadline) : loop(l), key(std::max(deadline, l.now_), l.next_++) {
        loop.parked_.emplace(key, this);
    }
    ~Parked() { loop.parked_.erase(key); }
    Parked(const Parked&) = delete;
    Parked& operator=(const Parked&) = delete;

    void wake() override {
        if (loop.parked_.erase(key) > 0) chain->make_ready();
    }
};

VirtualLoop::VirtualLoop(WallTime start)
    : io_(std::make_unique<asio::io_context>(1)), queue_(std::make_unique<Queue>(*io_)), start_(start) {}
VirtualLoop::~VirtualLoop() { queue_.reset(); }

WallTime VirtualLoop::wall() const {
    return start_ + std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()) + wall_offset_;
}

Task<void> VirtualLoop::park(Parked& parked) {
    const auto keep = [&parked](TaskChain& chain) { parked.chain = &chain; };
    co_await Outside(keep);
}

Task<void> VirtualLoop::sleep_until(Instant deadline) {
    Parked parked(*this, deadline);
    co_await park(parked);
}

Task<bool> VirtualLoop::wait(Event& event, Instant deadline) {
    if (event.consume()) co_return true;
    Parked parked(*this, deadline);
    event.tell(&parked);
    co_await park(parked);
    event.tell(nullptr);
    co_return event.consume();
}

void VirtualLoop::spawn(std::string_view name, Task<void> task) { queue_->spawn(name, std::move(task)); }
void VirtualLoop::post(std::function<void()> work) {
    asio::post(*io_, [this, work = std::move(work)] { queue_->take(work); });
}

void VirtualLoop::run_until(Instant end) {
    for (;;) {
        io_->restart();
        while (io_->poll() > 0) {
        }
        if (parked_.empty() || parked_.begin()->first.first > end) break;
        now_ = parked_.begin()->first.first;
        parked_.begin()->second->wake();
    }
    now_ = std::max(now_, end);
}

}  // namespace busbar
