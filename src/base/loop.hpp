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
//
//   co_await event;  // however long it takes; Loop::wait() has a deadline
//
// Loop thread only.
class Event {
public:
    Event() = default;
    ~Event() { tell(nullptr); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    void set();
    bool consume();  // true when it was set; clears it

    class Waiting;
    Waiting operator co_await();

    // Who waits; in his frame. Whichever of the two ends first, the other one forgets it. For loops.
    class Waiter {
    public:
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;
        virtual void wake() = 0;  // once, by set()

    protected:
        Waiter() = default;
        ~Waiter() {
            if (waits_for_ != nullptr) waits_for_->waiter_ = nullptr;
        }

    private:
        friend class Event;
        Event* waits_for_ = nullptr;
    };
    void tell(Waiter* waiter);  // null: nobody any more

private:
    bool is_set_ = false;
    Waiter* waiter_ = nullptr;
};

class Event::Waiting final : public Waiter {
public:
    explicit Waiting(Event& event) : event_(event) {}
    bool await_ready() const { return event_.consume(); }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waits) {
        chain_ = &waits.promise().chain();
        chain_->park(waits);
        event_.tell(this);
    }
    void await_resume() const { event_.consume(); }
    void wake() override { chain_->make_ready(); }

private:
    Event& event_;
    TaskChain* chain_ = nullptr;
};
inline Event::Waiting Event::operator co_await() { return Waiting(*this); }

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
