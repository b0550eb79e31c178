#include "views/history_keeper.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/real_loop.hpp"
#include "base/rigs/temporary_folder.hpp"

using namespace busbar;
using namespace busbar::gateway;
using namespace std::chrono_literals;

namespace {

struct Watched {
    explicit Watched(std::string folder) {
        history::EngineConfig config;
        config.store.folder = std::move(folder);
        config.store.ballast_bytes = 0;
        HistoryKeeper::Hooks hooks;
        hooks.opened = [this](history::Engine&) { ++opened; };
        hooks.health = [this](const std::string& problems) {
            health.push_back(problems);
            if (done && done()) loop.stop();
        };
        keeper = std::make_unique<HistoryKeeper>(loop, std::move(config), std::move(hooks));
    }
    // Watches until `what` holds; a minute at most.
    void run_until(std::function<bool()> what) {
        done = std::move(what);
        loop.spawn("watch", keeper->watch(5ms));
        auto give_up = [](RealLoop& l) -> Task<void> {
            co_await l.sleep_for(60s);
            l.stop();
        };
        loop.spawn("give up", give_up(loop));
        loop.run();
    }
    RealLoop loop;
    std::unique_ptr<HistoryKeeper> keeper;
    int opened = 0;
    std::vector<std::string> health;
    std::function<bool()> done;
};

}  // namespace

TEST_CASE("a history that cannot be opened is tried again until it can, and says so meanwhile") {
    const TemporaryFolder folder;
    const std::string path = folder.path + "/history";
    std::ofstream(path) << "in the way";
    Watched watched(path);
    watched.keeper->open();
    CHECK(watched.keeper->engine() == nullptr);
    REQUIRE(watched.health.size() == 1);
    CHECK(watched.health[0].find(path) != std::string::npos);
    watched.run_until([&] {
        if (watched.health.size() == 3) std::filesystem::remove(path);  // someone cleared the place
        return watched.health.back().empty();
    });
    CHECK(watched.opened == 1);
    CHECK(watched.keeper->engine() != nullptr);
    CHECK(watched.health.back().empty());
}

TEST_CASE("a damaged database does not keep the history from opening; it is set aside under the day's name") {
    const TemporaryFolder folder;
    std::ofstream(folder.path + "/history.db") << std::string(5000, 'x');
    Watched watched(folder.path);
    watched.keeper->open();
    REQUIRE(watched.keeper->engine() != nullptr);
    CHECK(watched.opened == 1);
    watched.run_until([&] { return true; });
    CHECK(watched.health.back().find("set-aside-2") != std::string::npos);
    int set_aside = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path))
        set_aside += entry.path().filename().string().starts_with("set-aside-2");
    CHECK(set_aside == 1);
}
