#pragma once
// The tasks that were spawned on one loop, from then to their end. A loop has one, says how it wants to be told that
// somebody is ready to go on, and runs them; drivers say who is ready. Loop thread only.
#include <list>
#include <string>
#include <string_view>

#include "base/task.hpp"

namespace busbar {

class Tasks {
public:
    Tasks() = default;
    virtual ~Tasks() = default;  // whoever derives calls end()
    Tasks(const Tasks&) = delete;
    Tasks& operator=(const Tasks&) = delete;

    // It runs to its first wait at once when a task or in_turn() spawns it, so that it can take hold of what it needs;
    // before the loop runs, when its turn comes. One that lets an exception out ends the process; `name` is in the
    // message.
    void spawn(std::string_view name, Task<void> task);
    // A chain that waits goes on when its turn comes: behind those that were ready before.
    void make_ready(TaskChain& chain);
    // Likewise, at once where the loop can do that: for what the event loop calls.
    virtual void resume(TaskChain& chain) = 0;

protected:
    // Once for each that became ready: run_one() is to be called, later.
    virtual void someone_is_ready() = 0;
    // False when nobody was ready.
    bool run_one();
    void run(TaskChain& chain);
    // For what the loop calls besides tasks.
    template <class Work>
    void in_turn(const Work& work) {
        const bool was = std::exchange(is_running_, true);
        work();
        is_running_ = was;
    }
    // Destroys all that are still there. Nobody becomes ready any more.
    void end();

private:
    struct Spawned : TaskChain {
        Spawned(Tasks& owner, std::string_view called, Task<void> first)
            : TaskChain(owner), name(called), task(std::move(first)) {}
        std::string name;
        Task<void> task;
        std::list<Spawned>::iterator here;
    };
    std::list<Spawned> spawned_;
    TaskChain* first_ready_ = nullptr;
    TaskChain* last_ready_ = nullptr;
    bool is_ending_ = false;
    bool is_running_ = false;  // a task, or what in_turn() was given
};

}  // namespace busbar
