#pragma once
// The history as the program uses it: a Store with its own thread. Written by the field loop, read by the service
// loop's pool; control never waits for it and does not notice when the disk is gone.
//
//   auto history = history::Engine::open({.store = {.folder = "/var/lib/busbar/history"}});
//   auto id = history->series("roof/ac.power", "W", 1);        // once per point, any thread
//   history->append(samples);                                  // per poll, any thread: copies and returns
//   auto day = history->query("roof/ac.power", from_ms, to_ms, 1000);   // any thread but the field loop: reads the
//   disk
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "history/store.hpp"

namespace busbar::history {

struct EngineConfig {
    StoreConfig store;
    std::chrono::milliseconds commit_every{1000};  // what a power cut may cost
    std::size_t max_queue = 200'000;       // samples between append() and the thread; beyond it the newest are lost
    std::function<std::int64_t()> now_ms;  // wall clock; empty = the system's
};

class Engine {
public:
    // Opens the store and starts the thread. Errors as Store::open; the caller goes on without history and tries again.
    static Result<std::unique_ptr<Engine>> open(EngineConfig config);
    // Commits what is queued and stops.
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Store::series; never waits for the disk.
    Result<SeriesId> series(std::string_view key, std::string_view unit, double resolution);
    // The samples of one poll. Copies them under a lock held for that long only.
    void append(std::span<const Sample> samples);
    // Waits until what was appended before is durable, at most `timeout`; `timeout` error if it is not by then.
    Status flush(std::chrono::milliseconds timeout);

    // As in Store.
    Result<Buckets> query(std::string_view key, std::int64_t from_ms, std::int64_t to_ms, std::size_t buckets);
    Result<Buckets> query_steps(std::string_view key, std::int64_t from_ms, std::int64_t to_ms, std::int64_t step_ms);
    Status raw(std::string_view key, std::int64_t from_ms, std::int64_t to_ms,
               const std::function<bool(std::span<const Point>)>& sink);
    Result<std::optional<Point>> at(std::string_view key, std::int64_t time_ms, std::int64_t max_age_ms);
    std::vector<SeriesListing> listing();
    HistoryStatus status();

private:
    Engine(EngineConfig config, std::unique_ptr<Store> store);
    void run();
    void commit_queue(std::vector<Sample>& taken);

    EngineConfig config_;
    std::unique_ptr<Store> store_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable committed_;
    std::vector<Sample> queue_;
    std::uint64_t appended_ = 0;  // append() calls so far
    std::uint64_t durable_ = 0;   // of them, those whose samples are on disk
    std::uint64_t overflow_ = 0;  // samples lost because the queue was full
    bool flush_wanted_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace busbar::history
