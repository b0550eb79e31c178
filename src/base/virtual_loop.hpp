#pragma once
// A Loop whose time moves only when a test says so. run_until(t) runs everything that is ready, then jumps to the next
// deadline, and so on up to t: a day passes in milliseconds and the same seed gives the same run.
#include <map>
#include <memory>
#include <utility>

#include "base/loop.hpp"

namespace boost::asio {
class io_context;
}

namespace busbar {

class VirtualLoop final : public Loop {
public:
    explicit VirtualLoop(WallTime start = WallTime{});
    ~VirtualLoop() override;

    Instant now() const override { return now_; }
    WallTime wall() const override;
    Task<void> sleep_until(Instant deadline) override;
    Task<bool> wait(Event& event, Instant deadline) override;
    void spawn(std::string_view name, Task<void> task) override;
    void post(std::function<void()> work) override;

    void run_until(Instant end);
    void run_for(Duration d) { run_until(now_ + d); }
    // The wall clock jumps (NTP, a user); the monotonic one does not.
    void jump_wall(std::chrono::milliseconds by) { wall_offset_ += by; }

private:
    class Queue;
    struct Parked;
    Task<void> park(Parked& parked);

    std::unique_ptr<boost::asio::io_context> io_;  // what is to be done now, in order; other threads may add to it
    std::unique_ptr<Queue> queue_;
    Instant now_{};
    WallTime start_;
    std::chrono::milliseconds wall_offset_{0};
    std::uint64_t next_ = 0;
    std::map<std::pair<Instant, std::uint64_t>, Parked*> parked_;  // ordered: same instant, first come first served
};

}  // namespace busbar
