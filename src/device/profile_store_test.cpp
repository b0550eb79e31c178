#include "device/profile_store.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "base/rigs/temporary_folder.hpp"

using namespace busbar;
using namespace busbar::device;
namespace fs = std::filesystem;

namespace {

struct Profiles : TemporaryFolder {
    const fs::path path{TemporaryFolder::path};
    void write(const fs::path& file, std::string_view text) const {
        fs::create_directories((path / file).parent_path());
        std::ofstream(path / file) << text;
    }
};

std::string meter_named(std::string_view name) {
    return "profile: " + std::string(name) + R"(
source: "a"
verified: "b"
products: [{brand: T, models: [M]}]
bus: {protocol: modbus}
identify: {maker: T, model: {read: holding 10, count: 4}}
points:
  meter.power: {read: holding 100, type: s32, unit: W, sign: import_positive}
)";
}

}  // namespace

TEST_CASE("good profiles are found, broken ones keep their error, earlier folders win") {
    const Profiles temp;
    temp.write("own/test/good.yaml", meter_named("test/good"));
    temp.write("own/test/broken.yaml", "profile: test/broken\npoints: [");
    temp.write("own/test/misnamed.yaml", meter_named("test/other"));
    temp.write("own/test/notes.txt", "not a profile");
    temp.write("own/stray.yaml", "neither");
    temp.write("shipped/test/good.yaml", "this one is hidden");
    temp.write("shipped/test/broken.yaml", meter_named("test/broken"));
    temp.write("shipped/test/extra.yaml", meter_named("test/extra"));
    const fs::path folders[] = {temp.path / "own", temp.path / "shipped", temp.path / "absent"};
    const ProfileStore store = ProfileStore::read(folders);

    CHECK(store.names() == std::vector<std::string>{"test/extra", "test/good"});
    CHECK(store.find("test/good").has_value());
    const auto broken = store.find("test/broken");
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.error().text.find("broken.yaml:2: not YAML") != std::string::npos);
    CHECK(store.find("test/misnamed").error().text.find("calls itself 'test/other'") != std::string::npos);
    const auto unknown = store.find("test/typo");
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().text.find("there is test/extra, test/good") != std::string::npos);
    REQUIRE(store.broken().size() == 3);
    CHECK(store.broken()[2].error.text.find("absent") != std::string::npos);
}

TEST_CASE("tables of firmware are read with all profiles, earlier folders win, a broken one is told") {
    const Profiles temp;
    const auto table = [](std::string_view model) {
        return "source: a\nfirmware: [{models: [" + std::string(model) + "], known_good: [1]}]";
    };
    temp.write("own/test/switches.firmware", table("Own"));
    temp.write("own/test/wrong.firmware", "firmware: []");
    temp.write("shipped/test/switches.firmware", table("Hidden"));
    temp.write("shipped/test/others.firmware", table("Other"));
    temp.write("shipped/test/good.yaml", meter_named("test/good"));
    const fs::path folders[] = {temp.path / "own", temp.path / "shipped"};
    const ProfileStore store = ProfileStore::read(folders);
    REQUIRE(store.firmware().size() == 2);
    CHECK(store.firmware()[0].models == std::vector<std::string>{"Own"});
    CHECK(store.firmware()[1].models == std::vector<std::string>{"Other"});
    CHECK(store.names() == std::vector<std::string>{"test/good"});
    REQUIRE(store.broken().size() == 1);
    CHECK(store.broken()[0].name == "test/wrong.firmware");
    CHECK(store.broken()[0].error.text.find("wrong.firmware:1: ") != std::string::npos);
    CHECK(ProfileStore::read(folders, {"test/good"}).firmware().empty());
}

TEST_CASE("profiles that no device wants are known by name and not read") {
    const Profiles temp;
    temp.write("test/good.yaml", meter_named("test/good"));
    temp.write("test/unread.yaml", "profile: test/unread\npoints: [");
    const fs::path folders[] = {temp.path};
    const ProfileStore store = ProfileStore::read(folders, {"test/good", "test/typo"});
    CHECK(store.find("test/good").has_value());
    CHECK(store.broken().empty());
    const auto unknown = store.find("test/typo");
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().text.find("there is test/good, test/unread") != std::string::npos);
}

TEST_CASE("a folder or a huge file in place of a profile breaks that profile only") {
    const Profiles temp;
    fs::create_directories(temp.path / "test" / "folder.yaml");
    temp.write("test/huge.yaml", std::string(300'000, '#'));
    temp.write("test/good.yaml", meter_named("test/good"));
    const fs::path folders[] = {temp.path};
    const ProfileStore store = ProfileStore::read(folders);
    CHECK(store.names() == std::vector<std::string>{"test/good"});
    CHECK(store.find("test/folder").error().text.find("no regular file") != std::string::npos);
    CHECK(store.find("test/huge").error().text.find("at most") != std::string::npos);
}

TEST_CASE("the repository's own profiles are all good") {
    const fs::path folders[] = {"profiles"};
    const ProfileStore store = ProfileStore::read(folders);
    for (const BrokenProfile& b : store.broken()) FAIL(b.error.text);
    CHECK(store.names().size() >= 5);
}
