#pragma once
// Opens the history and keeps trying: a full disk, a folder that cannot be made or a file that cannot be read at start
// must not leave the gateway without history for good. Service loop only; opening again happens on a thread of its own,
// because it reads the journal of the last hour.
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/loop.hpp"
#include "history/engine.hpp"

namespace busbar::gateway {

class HistoryKeeper {
public:
    struct Hooks {
        std::function<void(history::Engine&)> opened;             // once
        std::function<void(const std::string& problems)> health;  // what is wrong now; empty when nothing is
    };
    // The folder is made when it is missing.
    HistoryKeeper(Loop& loop, history::EngineConfig config, Hooks hooks)
        : loop_(loop), config_(std::move(config)), hooks_(std::move(hooks)) {}
    // Commits what is queued.
    ~HistoryKeeper();
    HistoryKeeper(const HistoryKeeper&) = delete;
    HistoryKeeper& operator=(const HistoryKeeper&) = delete;

    // The first attempt; waits for it, so that what starts next finds the history open when it can be.
    void open();
    // Looks every `every` how the history is, and opens it when it is not open.
    Task<void> watch(Duration every);
    history::Engine* engine() const { return engine_.get(); }  // null until opened

private:
    using Opened = Result<std::unique_ptr<history::Engine>>;
    Opened attempt() const;
    void take(Opened opened);

    Loop& loop_;
    history::EngineConfig config_;
    Hooks hooks_;
    std::unique_ptr<history::Engine> engine_;
    std::thread opener_;
    bool opening_ = false;
    std::string logged_;  // the last error, so that the log does not repeat it
};

}  // namespace busbar::gateway
