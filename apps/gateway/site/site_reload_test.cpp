#include "site/site_reload.hpp"

#include <doctest/doctest.h>

#include "config/load.hpp"

using namespace busbar;
using namespace busbar::gateway;

namespace {
config::SiteConfig site(const std::string& text) {
    auto loaded = config::load(text, "site.yaml");
    REQUIRE(loaded.has_value());
    return loaded->config;
}
const std::string before =
    "name: House\n"
    "buses:\n  - {id: lan, link: tcp, host: 192.168.8.20}\n"
    "devices:\n  - {id: grid, profile: chint/dtsu666, bus: lan, unit: 11, use: grid_meter}\n"
    "  - {id: roof, profile: sunspec/inverter, bus: lan, unit: 1, use: pv}\n";
}  // namespace

TEST_CASE("nothing is different in a file that only looks different") {
    CHECK(differences(site(before), site("# moved\n\n" + before)).empty());
}

TEST_CASE("what is different is told part by part, and what has to wait for a new start") {
    const auto told = differences(
        site(before),
        site("name: Villa\n"
             "buses:\n  - {id: lan, link: tcp, host: 192.168.8.21}\n  - {id: b, link: tcp, host: h}\n"
             "devices:\n  - {id: grid, name: Meter, profile: chint/dtsu666, bus: lan, unit: 12, use: grid_meter}\n"
             "modbus_server: {devices: [grid]}\n"));
    REQUIRE(told.size() == 6);
    CHECK(told[0].part == "bus");
    CHECK(told[0].change == "changed");
    CHECK(told[0].text == "host: 192.168.8.20 -> 192.168.8.21");
    CHECK(told[1].id == "b");
    CHECK(told[1].change == "added");
    CHECK(told[2].text == "unit: 11 -> 12, name: - -> Meter");
    CHECK(told[3].id == "roof");
    CHECK(told[3].change == "removed");
    CHECK(told[4].part == "modbus_server");
    CHECK(told[4].change == "added");
    CHECK_FALSE(told[4].needs_restart);
    CHECK(told[5].text == "name: House -> Villa");
    CHECK(told[5].needs_restart);
}
