#include "views/history_keeper.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/disk_space.hpp"
#include "base/log.hpp"

namespace busbar::gateway {

HistoryKeeper::~HistoryKeeper() {
    if (opener_.joinable()) opener_.join();
}

HistoryKeeper::Opened HistoryKeeper::attempt() const {
    const std::string& folder = config_.store.folder;
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed == std::errc::no_space_on_device) return disk_full(folder);
    if (failed)
        return fail(Errc::unavailable,
                    fmt::format("history folder {} cannot be made: {}; give the gateway a folder it may write to",
                                folder, failed.message()));
    ::chmod(folder.c_str(), 0700);
    return history::Engine::open(config_);
}

void HistoryKeeper::take(Opened opened) {
    if (opened) {
        engine_ = std::move(*opened);
        if (!logged_.empty()) log(Level::info, "history", "open again; samples are kept from now on");
        hooks_.opened(*engine_);
        return;
    }
    const std::string& text = opened.error().text;
    if (text != logged_) log(Level::error, "history", text);
    logged_ = text;
    hooks_.health("nothing is kept: " + text);
}

void HistoryKeeper::open() { take(attempt()); }

Task<void> HistoryKeeper::watch(Duration every) {
    for (;;) {
        co_await loop_.sleep_for(every);
        if (engine_) {
            std::string text;
            for (const auto& problem : engine_->status().problems) text += (text.empty() ? "" : "; ") + problem;
            hooks_.health(text);
        } else if (!opening_) {
            opening_ = true;
            if (opener_.joinable()) opener_.join();
            opener_ = std::thread([this] {
                auto opened = std::make_shared<Opened>(attempt());
                loop_.post([this, opened] {
                    opening_ = false;
                    take(std::move(*opened));
                });
            });
        }
    }
}

}  // namespace busbar::gateway
