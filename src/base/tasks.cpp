#include "base/tasks.hpp"

#include <cstdio>

namespace busbar {

void Tasks::spawn(std::string_view name, Task<void> task) {
    if (is_ending_) return;
    const auto frame = task.frame_;
    Spawned& spawned = spawned_.emplace_back(*this, name, std::move(task));
    spawned.here = std::prev(spawned_.end());
    frame.promise().begin(spawned, frame, nullptr);
    if (is_running_)
        run(spawned);
    else
        make_ready(spawned);
}

void TaskChain::make_ready() { owner_->make_ready(*this); }

void Tasks::make_ready(TaskChain& chain) {
    if (is_ending_) return;
    chain.next_ready_ = nullptr;
    (first_ready_ != nullptr ? last_ready_->next_ready_ : first_ready_) = &chain;
    last_ready_ = &chain;
    someone_is_ready();
}

bool Tasks::run_one() {
    if (first_ready_ == nullptr) return false;
    TaskChain& chain = *first_ready_;
    first_ready_ = chain.next_ready_;
    run(chain);
    return true;
}

void Tasks::run(TaskChain& chain) {
    bool waits = false;
    in_turn([&] { waits = chain.go_on(); });
    if (waits) return;
    Spawned& ended = static_cast<Spawned&>(chain);
    try {
        ended.task.frame_.promise().take();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "task %s ended by an exception: %s\n", ended.name.c_str(), e.what());
        std::terminate();
    }
    spawned_.erase(ended.here);
}

void Tasks::end() {
    is_ending_ = true;
    spawned_.clear();
}

}  // namespace busbar
