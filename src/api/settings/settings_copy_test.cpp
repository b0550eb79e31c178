#include "api/settings/settings_copy.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/rigs/temporary_folder.hpp"

using namespace busbar;
using namespace busbar::api;
using State = ControlCopy::State;
using Mode = config::FeedInLimit::Mode;

namespace {
struct Folder : TemporaryFolder {
    std::string file() const { return path + "/control-settings"; }
};

ControlCopy saved() {
    ControlCopy copy{State::saved, {}};
    copy.control.settings.self_consumption = {false, -12.5};
    copy.control.settings.feed_in_limit = {Mode::percent, 30.1};
    copy.control.changed_by = "an na\nand more";
    copy.control.changed_at = WallTime(std::chrono::milliseconds(1'800'000'000'000));
    return copy;
}

void overwrite(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}
}  // namespace

TEST_CASE("the copy comes back as it was written, for its owner only") {
    const Folder folder;
    CHECK(read_copy(folder.file()).state == State::missing);
    for (const auto& copy : {saved(), ControlCopy{State::as_configured, {}}, ControlCopy{State::lost, {}}, saved()}) {
        REQUIRE(write_copy(folder.file(), copy).has_value());
        CHECK(read_copy(folder.file()) == copy);
    }
    const auto back = read_copy(folder.file()).control;
    CHECK_FALSE(back.settings.self_consumption.enabled);
    CHECK(back.settings.self_consumption.import_target_w == -12.5);
    CHECK(back.settings.feed_in_limit.mode == Mode::percent);
    CHECK(back.settings.feed_in_limit.value == 30.1);
    CHECK(back.changed_by == "an na\nand more");
    CHECK(back.changed_at == saved().control.changed_at);
    struct stat file {};
    REQUIRE(::stat(folder.file().c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    CHECK_FALSE(write_copy(folder.path + "/none/control-settings", saved()).has_value());
}

TEST_CASE("no changed byte and no missing end passes for settings") {
    const Folder folder;
    REQUIRE(write_copy(folder.file(), saved()).has_value());
    std::ifstream file(folder.file(), std::ios::binary);
    const std::string sound{std::istreambuf_iterator<char>(file), {}};
    for (std::size_t i = 0; i < sound.size(); ++i) {
        CAPTURE(i);
        std::string text = sound;
        text[i] = static_cast<char>(text[i] ^ 1);
        overwrite(folder.file(), text);
        CHECK(read_copy(folder.file()).state == State::damaged);
        overwrite(folder.file(), sound.substr(0, i));
        CHECK(read_copy(folder.file()).state == State::damaged);
    }
    overwrite(folder.file(), sound + sound);
    CHECK(read_copy(folder.file()).state == State::damaged);
    overwrite(folder.file(), std::string(100'000, 'x'));
    CHECK(read_copy(folder.file()).state == State::damaged);
}

TEST_CASE("what control runs on, for every pair of database and copy") {
    using Database = Result<std::optional<StoredControl>>;
    StoredControl newer = saved().control;
    newer.settings.feed_in_limit.value = 60;
    const Database has_row = std::optional(newer), empty = std::optional<StoredControl>();
    const Database unreadable = fail(Errc::corrupt, "disk I/O error");
    const ControlCopy kept = saved(), missing, damaged{State::damaged, {}}, as_configured{State::as_configured, {}},
                      lost{State::lost, {}};
    const struct {
        const Database& database;
        const char* set_aside;
        const ControlCopy& copy;
        std::optional<double> percent;  // of the limit that holds; nullopt: none is stored
        bool is_lost, is_told;
    } cases[] = {
        {has_row, "", kept, 60, false, false},          {has_row, "", lost, 60, false, false},
        {has_row, "", damaged, 60, false, false},       {has_row, "", missing, 60, false, false},
        {empty, "", missing, {}, false, false},         {empty, "", as_configured, {}, false, false},
        {empty, "", kept, 30.1, false, true},           {empty, "", lost, {}, true, true},
        {empty, "", damaged, {}, true, true},           {empty, "old", missing, {}, true, true},
        {empty, "old", as_configured, {}, false, true}, {empty, "old", kept, 30.1, false, true},
        {empty, "old", lost, {}, true, true},           {empty, "old", damaged, {}, true, true},
        {unreadable, "", kept, 30.1, false, true},      {unreadable, "", missing, {}, true, true},
        {unreadable, "", damaged, {}, true, true},      {unreadable, "", as_configured, {}, true, true},
    };
    for (const auto& c : cases) {
        const auto number = &c - cases;
        CAPTURE(number);
        const auto start = decide(c.database, c.set_aside, c.copy);
        REQUIRE(start.control.has_value() == c.percent.has_value());
        if (c.percent) CHECK(start.control->settings.feed_in_limit.value == *c.percent);
        CHECK(start.is_limit_lost == c.is_lost);
        CHECK(start.problem.empty() != c.is_told);
        CHECK(start.problem.find(c.set_aside) != std::string::npos);
    }
}
