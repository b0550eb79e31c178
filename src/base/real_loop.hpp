#pragma once
// The Loop of production: Asio's io_context with one thread, the system's clocks.
#include <memory>

#include "base/loop.hpp"

namespace boost::asio {
class io_context;
}

namespace busbar {

class RealLoop final : public Loop {
public:
    RealLoop();
    ~RealLoop() override;

    Instant now() const override;
    WallTime wall() const override;
    Task<void> sleep_until(Instant deadline) override;
    Task<bool> wait(Event& event, Instant deadline) override;
    void spawn(std::string_view name, Task<void> task) override;
    void post(std::function<void()> work) override;

    // Runs until stop(); the calling thread becomes the loop's thread.
    void run();
    void stop();  // any thread

    // For driver files (links, net/) only.
    boost::asio::io_context& context() { return *io_; }

private:
    class Turns;
    std::unique_ptr<boost::asio::io_context> io_;
    std::unique_ptr<Turns> turns_;
};

// The monotonic clock as RealLoop sees it, for code that measures (bench, statistics) without a loop.
Instant monotonic_now();

}  // namespace busbar
