#include "history/engine.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <chrono>

namespace busbar::history {
namespace {

std::int64_t system_now_ms() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace

Engine::Engine(EngineConfig config, std::unique_ptr<Store> store)
    : config_(std::move(config)), store_(std::move(store)) {
    thread_ = std::thread([this] {
        ::pthread_setname_np(::pthread_self(), "history");
        run();
    });
}

Result<std::unique_ptr<Engine>> Engine::open(EngineConfig config) {
    if (!config.now_ms) config.now_ms = system_now_ms;
    config.store.opened_ms = config.now_ms();
    BUSBAR_TRY(auto store, Store::open(config.store));
    return std::unique_ptr<Engine>(new Engine(std::move(config), std::move(store)));
}

Engine::~Engine() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Engine::append(std::span<const Sample> samples) {
    const std::lock_guard guard(mutex_);
    ++appended_;
    const std::size_t room = config_.max_queue - std::min(config_.max_queue, queue_.size());
    const std::size_t kept = std::min(room, samples.size());
    overflow_ += samples.size() - kept;
    const std::size_t begin = queue_.size();
    queue_.insert(queue_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(kept));
    if (kept > 0) queue_[begin].starts_row = true;
}

Status Engine::flush(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const std::uint64_t wanted = appended_;
    flush_wanted_ = true;
    wake_.notify_all();
    if (!committed_.wait_for(lock, timeout, [&] { return durable_ >= wanted; }))
        return fail(Errc::timeout, fmt::format("history: samples are not on disk after {} ms", timeout.count()));
    return ok();
}

void Engine::commit_queue(std::vector<Sample>& taken) {
    std::uint64_t until = 0;
    {
        const std::lock_guard guard(mutex_);
        taken.clear();
        taken.swap(queue_);
        until = appended_;
        flush_wanted_ = false;
    }
    const bool durable = store_->commit(taken, config_.now_ms()).has_value();
    const std::lock_guard guard(mutex_);
    if (!durable) return;
    durable_ = until;
    committed_.notify_all();
}

void Engine::run() {
    std::vector<Sample> taken;
    auto due = std::chrono::steady_clock::now() + config_.commit_every;
    bool busy = false;
    for (;;) {
        bool stop = false;
        {
            std::unique_lock lock(mutex_);
            // While an hour moves to the database there is a slice between two waits, so a commit is never late by
            // more.
            const auto until =
                busy ? std::min(due, std::chrono::steady_clock::now() + std::chrono::milliseconds(10)) : due;
            wake_.wait_until(lock, until, [this] { return stopping_ || flush_wanted_; });
            stop = stopping_;
            if (!stop && !flush_wanted_ && std::chrono::steady_clock::now() < due && !busy) continue;
        }
        const auto now = std::chrono::steady_clock::now();
        bool flush = false;
        {
            const std::lock_guard guard(mutex_);
            flush = flush_wanted_;
        }
        if (stop || flush || now >= due) {
            commit_queue(taken);
            // A late commit does not shorten the next wait.
            if (now >= due) due = std::max(due + config_.commit_every, now);
        }
        if (stop) return;
        busy = store_->housekeep(config_.now_ms());
    }
}

Result<SeriesId> Engine::series(std::string_view key, std::string_view unit, double resolution) {
    return store_->series(key, unit, resolution);
}
Result<Buckets> Engine::query(std::string_view key, std::int64_t from_ms, std::int64_t to_ms, std::size_t buckets) {
    return store_->query(key, from_ms, to_ms, buckets);
}
Result<Buckets> Engine::query_steps(std::string_view key, std::int64_t from_ms, std::int64_t to_ms,
                                    std::int64_t step_ms) {
    return store_->query_steps(key, from_ms, to_ms, step_ms);
}
Status Engine::raw(std::string_view key, std::int64_t from_ms, std::int64_t to_ms,
                   const std::function<bool(std::span<const Point>)>& sink) {
    return store_->raw(key, from_ms, to_ms, sink);
}
Result<std::optional<Point>> Engine::at(std::string_view key, std::int64_t time_ms, std::int64_t max_age_ms) {
    return store_->at(key, time_ms, max_age_ms);
}
std::vector<SeriesListing> Engine::listing() { return store_->listing(); }

HistoryStatus Engine::status() {
    HistoryStatus out = store_->status();
    const std::lock_guard guard(mutex_);
    out.lost += overflow_;
    out.waiting += queue_.size();
    return out;
}

}  // namespace busbar::history
