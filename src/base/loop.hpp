#pragma once
// One thread's loop and its time. Everything that waits, waits through a Loop, so the same code runs in real time
// (RealLoop) and on virtual time inside one test process (VirtualLoop).
//
// Threading: all calls except post() come from the loop's own thread.
#include <functional>
#include <string_view>

#include "base/clock.hpp"
#include "base/task.hpp"

namespace busbar {

// A flag one task sets and at most one task waits for. Setting a set flag changes nothing; a successful wait clears it.
// Loop thread only.
class Event {
public:
    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    void set();
    bool consume();  // true when it was set; clears it

private:
    friend class RealLoop;
    friend class VirtualLoop;
    bool is_set_ = false;
    std::function<void()> wake_;
};

class Loop {
public:
    virtual ~Loop() = default;

    virtual Instant now() const = 0;
    virtual WallTime wall() const = 0;

    virtual Task<void> sleep_until(Instant deadline) = 0;
    // True when the event was set (and is now cleared), false at the deadline.
    virtual Task<bool> wait(Event& event, Instant deadline) = 0;

    // Starts a task that the loop owns: it is destroyed with the loop at the latest. A task that lets an exception out
    // ends the process on purpose. `name` appears in that message. Destructors of a task's locals must not touch
    // objects that die before the loop.
    virtual void spawn(std::string_view name, Task<void> task) = 0;
    // Runs `work` on the loop's thread soon. The only call allowed from other threads.
    virtual void post(std::function<void()> work) = 0;

    Task<void> sleep_for(Duration d) { return sleep_until(now() + d); }
};

}  // namespace busbar
