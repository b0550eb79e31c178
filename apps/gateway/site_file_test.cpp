#include "site_file.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace busbar;
using namespace busbar::gateway;
using Mode = config::FeedInLimit::Mode;

namespace {
struct Folder {
    std::string path;
    Folder() {
        char name[] = "/tmp/busbar_site_XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string site() const { return path + "/site.yaml"; }
    config::LoadOutcome read(const std::string& text) const {
        std::ofstream(site(), std::ios::trunc) << text;
        return read_site(site(), path);
    }
};
constexpr const char* good =
    "buses:\n  - {id: lan, link: tcp, host: 192.168.8.20}\n"
    "devices:\n  - {id: grid, profile: chint/dtsu666, bus: lan, unit: 11, use: grid_meter}\n"
    "control: {feed_in_limit: {mode: watts, value: 500}}\n";
}  // namespace

TEST_CASE("a site file that is broken as a whole is replaced by the last one that could be read") {
    const Folder folder;
    CHECK(folder.read(good).site.empty());
    for (const char* broken : {"buses:\n  - {id: lan\ndevices: []\n", "", "text", "a: 1\na: 2\n"}) {
        CAPTURE(broken);
        for (int starts = 0; starts < 2; ++starts) {
            const auto out = folder.read(broken);
            REQUIRE(out.config.devices.size() == 1);
            CHECK(out.config.control.feed_in_limit.value == 500);
            REQUIRE(out.site.size() == 1);
            CHECK(out.site[0].starts_with(folder.site() + ":"));
            CHECK(out.site[0].find(last_site_name) != std::string::npos);
        }
    }
    CHECK(folder.read(std::string(config::max_file_bytes + 1, '#')).config.devices.size() == 1);
    CHECK(folder.read(good).site.empty());
}

TEST_CASE("a mistake in one part is no reason for the old file, and the new one is kept") {
    const Folder folder;
    folder.read(good);
    const auto slip = folder.read(std::string(good) + "colour: blue\n");
    REQUIRE(slip.site.size() == 1);
    CHECK(slip.site[0].find("colour") != std::string::npos);
    CHECK(folder.read("{").site.size() == 2);  // the bracket, and what stands against the copy
}

TEST_CASE("without a copy a broken file is a site without devices that feeds nothing in") {
    const Folder folder;
    const auto broken = folder.read("{");
    CHECK(broken.config.devices.empty());
    CHECK(broken.config.control.feed_in_limit.mode == Mode::zero);
    CHECK(broken.site.size() == 1);
    folder.read(good);
    const auto absent = read_site(folder.path + "/absent.yaml", folder.path);
    CHECK(absent.config.devices.empty());
    CHECK(absent.site.at(0).find("--site") != std::string::npos);
    CHECK(read_site("/", folder.path).config.devices.empty());
}
