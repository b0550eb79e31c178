#include "api/settings/settings_store.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/rigs/temporary_folder.hpp"

using namespace busbar;
using namespace busbar::api;
using namespace std::chrono_literals;

namespace {
struct Folder : TemporaryFolder {
    std::string file() const { return path + "/settings.db"; }
};
const WallTime now{1'800'000'000'000ms};
const AuditRow audit{now, "anna", "192.168.8.20", "test", {}, "{}"};
}  // namespace

TEST_CASE("accounts, sessions and control settings are there after reopening") {
    const Folder folder;
    {
        auto store = SettingsStore::open(folder.file(), now);
        REQUIRE(store.has_value());
        CHECK((*store)->add_account({"anna", "hash", Access::installer, "de", now}, audit).has_value());
        CHECK((*store)->save_session({hash_of("t"), "anna", Instant(1s), Instant(2s), {}}, "boot").has_value());
        StoredControl control;
        control.settings.feed_in_limit = {config::FeedInLimit::Mode::watts, 4800.5};
        control.changed_by = "anna";
        control.changed_at = now;
        CHECK((*store)->save_control(control, audit).has_value());
    }
    struct stat file {};
    REQUIRE(::stat(folder.file().c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    auto store = SettingsStore::open(folder.file(), now);
    REQUIRE(store.has_value());
    const auto accounts = (*store)->accounts();
    REQUIRE(accounts->size() == 1);
    CHECK(accounts->at(0).username == "anna");
    CHECK(accounts->at(0).role == Access::installer);
    CHECK((*store)->sessions("boot")->size() == 1);
    CHECK((*store)->control()->value().settings.feed_in_limit.value == 4800.5);
    CHECK((*store)->audit(10, {})->size() == 2);
    CHECK((*store)->audit(10, now)->empty());
    CHECK((*store)->remove_account("anna", audit).has_value());
    CHECK((*store)->sessions("boot")->empty());
}

TEST_CASE("a failed write leaves nothing behind") {
    const Folder folder;
    auto store = SettingsStore::open(folder.file(), now);
    REQUIRE(store.has_value());
    CHECK((*store)->add_account({"anna", "hash", Access::owner, "", now}, audit).has_value());
    const auto twice = (*store)->add_account({"anna", "other", Access::owner, "", now}, audit);
    CHECK_FALSE(twice.has_value());
    CHECK((*store)->accounts()->at(0).hash == "hash");
    CHECK((*store)->audit(10, {})->size() == 1);
}

TEST_CASE("a second gateway on the same file is refused with the remedy") {
    const Folder folder;
    auto first = SettingsStore::open(folder.file(), now);
    REQUIRE(first.has_value());
    CHECK((*first)->add_account({"anna", "hash", Access::owner, "", now}, audit).has_value());
    const auto second = SettingsStore::open(folder.file(), now);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().text.find("another gateway") != std::string::npos);
}

TEST_CASE("a damaged file is set aside and the gateway starts") {
    const Folder folder;
    {
        auto store = SettingsStore::open(folder.file(), now);
        CHECK((*store)->add_account({"anna", "hash", Access::owner, "", now}, audit).has_value());
    }
    SUBCASE("overwritten") { std::ofstream(folder.file()) << std::string(8192, 'x'); }
    SUBCASE("a page in the middle") {
        std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096);
        file << std::string(8192, '\x5a');
    }
    auto store = SettingsStore::open(folder.file(), now);
    REQUIRE(store.has_value());
    CHECK((*store)->set_aside() == "settings.db.corrupt-1800000000000");
    CHECK((*store)->accounts()->empty());
    CHECK(std::filesystem::exists(folder.file() + ".corrupt-1800000000000"));
}

TEST_CASE("a feed-in limit outlives a damaged database, and its loss is remembered until somebody saves one") {
    const Folder folder;
    StoredControl limit;
    limit.settings.feed_in_limit = {config::FeedInLimit::Mode::percent, 30};
    limit.changed_by = "anna";
    const auto opened = [&] {
        auto store = SettingsStore::open(folder.file(), now);
        REQUIRE(store.has_value());
        return std::move(*store);
    };
    const auto damage = [&] { std::ofstream(folder.file()) << std::string(8192, 'x'); };
    CHECK(opened()->control_at_start().problem.empty());
    damage();
    {
        const auto start = opened()->control_at_start();
        CHECK_FALSE(start.is_limit_lost);  // it is known that none had been saved
        CHECK(start.problem.find("settings.db.corrupt-1800000000000") != std::string::npos);
    }
    CHECK(opened()->save_control(limit, audit).has_value());
    CHECK(opened()->control_at_start().problem.empty());
    damage();
    for (int starts = 0; starts < 2; ++starts) {
        const auto start = opened()->control_at_start();
        REQUIRE(start.control.has_value());
        CHECK(start.control->settings.feed_in_limit.value == 30);
        CHECK(start.problem.find("anna") != std::string::npos);
    }
    damage();
    std::filesystem::remove(folder.path + "/control-settings");
    for (int starts = 0; starts < 2; ++starts) {
        const auto start = opened()->control_at_start();
        CHECK_FALSE(start.control.has_value());
        CHECK(start.is_limit_lost);
        CHECK(start.problem.find("nothing is fed in") != std::string::npos);
    }
    CHECK(opened()->save_control(limit, audit).has_value());
    CHECK(opened()->control_at_start().problem.empty());
}

TEST_CASE("a stored mode that no version writes is no absent limit: the copy holds") {
    const Folder folder;
    StoredControl limit;
    limit.settings.feed_in_limit = {config::FeedInLimit::Mode::percent, 30};
    limit.changed_by = "anna";
    CHECK((*SettingsStore::open(folder.file(), now))->save_control(limit, audit).has_value());
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
    std::string change = "UPDATE control SET mode = -1";
    SUBCASE("below the modes") {}
    SUBCASE("above them") { change = "UPDATE control SET mode = 4"; }
    SUBCASE("a value that is none") { change = "UPDATE control SET value = 9e999"; }
    CHECK(sqlite3_exec(database, change.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    const auto start = (*SettingsStore::open(folder.file(), now))->control_at_start();
    REQUIRE(start.control.has_value());
    CHECK(start.control->settings.feed_in_limit.mode == config::FeedInLimit::Mode::percent);
    CHECK(start.control->settings.feed_in_limit.value == 30);
    CHECK(start.problem.find("anna") != std::string::npos);
}

TEST_CASE("a change that the copy cannot take is refused and not in the database") {
    const Folder folder;
    auto store = SettingsStore::open(folder.file(), now);
    REQUIRE(store.has_value());
    std::filesystem::create_directories(folder.path + "/control-settings/in-the-way");
    const auto saved = (*store)->save_control({}, audit);
    REQUIRE_FALSE(saved.has_value());
    CHECK(saved.error().text.find("control-settings") != std::string::npos);
    CHECK_FALSE((*store)->control()->has_value());
    CHECK((*store)->audit(10, {})->empty());
}

TEST_CASE("a newer file and an impossible place are named, not touched") {
    const Folder folder;
    const auto nowhere = SettingsStore::open(folder.path + "/none/settings.db", now);
    REQUIRE_FALSE(nowhere.has_value());
    CHECK(nowhere.error().text.find("data folder") != std::string::npos);
}
