#pragma once
// One thread for work that would block a loop: password hashing with the settings database, and history queries (one
// worker each). Jobs run one at a time in order; the queue is bounded, and a full one says no at once.
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>

#include "base/loop.hpp"
#include "base/result.hpp"

namespace busbar::api {

class Worker {
public:
    explicit Worker(const char* name, std::size_t queue = 64);  // name: as `top` shows it, at most 15 characters
    ~Worker();                                                  // finishes the job in hand, drops the others
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // False: the queue is full. Any thread.
    bool submit(std::function<void()> job);

private:
    void run();

    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

// Runs `work` there and resumes on the loop with what it returned; nullopt: the queue is full. The loop must outlive
// the worker. Name the closure before awaiting (task.hpp).
template <class Work>
Task<std::optional<std::invoke_result_t<Work&>>> run_on(Worker& worker, Loop& loop, Work work) {
    struct Shared {
        Event done;
        std::optional<std::invoke_result_t<Work&>> value;
        bool is_done = false;
    };
    // shared: if the waiting task is destroyed first, the job still has where to put its result.
    const auto shared = std::make_shared<Shared>();
    std::function<void()> job = [shared, &loop, work = std::move(work)]() mutable {
        shared->value.emplace(work());
        loop.post([shared] {
            shared->is_done = true;
            shared->done.set();
        });
    };
    if (!worker.submit(std::move(job))) co_return std::nullopt;
    while (!shared->is_done) co_await loop.wait(shared->done, loop.now() + std::chrono::hours(24));
    co_return std::move(shared->value);
}

}  // namespace busbar::api
