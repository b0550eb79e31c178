#include "api/worker.hpp"

#include <pthread.h>

namespace busbar::api {

Worker::Worker(const char* name, std::size_t queue) : limit_(queue), thread_([this] { run(); }) {
    pthread_setname_np(thread_.native_handle(), name);
}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        queue_.clear();
    }
    filled_.notify_one();
    thread_.join();
}

bool Worker::submit(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue_.size() >= limit_) return false;
        queue_.push_back(std::move(job));
    }
    filled_.notify_one();
    return true;
}

void Worker::run() {
    for (;;) {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        auto job = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        job();
    }
}

}  // namespace busbar::api
