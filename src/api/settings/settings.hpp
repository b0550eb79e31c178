#pragma once
// The settings database as the service loop uses it: every access is a job for one worker thread, the same that hashes
// passwords, so the database has one user at a time and the loop never waits for the disk. Loop thread only.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/settings/settings_store.hpp"
#include "api/worker.hpp"
#include "base/loop.hpp"

namespace busbar::api {

class Settings {
public:
    Settings(Loop& loop, std::unique_ptr<SettingsStore> store);

    // What was stored last; nullopt: still as configured. Read once at start, then kept in step.
    const std::optional<StoredControl>& control() const { return control_; }
    // Found at start: a feed-in limit may have been stored and is lost, so the site must feed nothing in. Until the
    // next start this stays as it was; control() then says what somebody saved.
    bool is_limit_lost() const { return is_limit_lost_; }
    // Found at start: what was lost with a damaged database, and the remedy, for an alarm; empty: nothing.
    const std::string& problem() const { return problem_; }
    // Durable once it returned ok.
    Task<Status> save_control(StoredControl control, AuditRow audit);
    Task<Result<std::vector<AuditRow>>> audit(std::size_t limit, std::optional<WallTime> before);

    // Runs `work(store)`, which returns a Result or Status, on the worker. Errors: its own, and unavailable when too
    // many wait.
    template <class Work>
    auto on_store(Work work) -> Task<std::invoke_result_t<Work&, SettingsStore&>> {
        auto job = [store = store_, work = std::move(work)]() mutable { return work(*store); };
        auto done = co_await run_on(worker_, loop_, std::move(job));
        if (!done) co_return fail(Errc::unavailable, "settings: too many requests wait");
        co_return std::move(*done);
    }
    // The same without waiting for it; dropped when too many wait.
    void post(std::function<void(SettingsStore&)> work);

    SettingsStore& at_start() { return *store_; }  // before the loop runs
    Worker& worker() { return worker_; }

private:
    Loop& loop_;
    std::shared_ptr<SettingsStore> store_;  // shared with jobs under way
    std::optional<StoredControl> control_;
    bool is_limit_lost_ = false;
    std::string problem_;
    Worker worker_;
};

}  // namespace busbar::api
