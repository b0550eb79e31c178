#include "views/overview.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace busbar;
using namespace busbar::gateway;
using namespace std::chrono_literals;

namespace {

model::Snapshot house(std::optional<double> grid_w, double pv_w, double battery_w) {
    model::Snapshot s;
    s.at = Instant(100s);
    if (grid_w) s.grid_w = model::Measured{*grid_w, Instant(99s)};
    model::InverterView inverter;
    inverter.pv_power_w = model::Measured{pv_w, Instant(98s)};
    s.inverters.push_back(inverter);
    model::BatteryView battery;
    battery.power_w = model::Measured{battery_w, Instant(97s)};
    s.batteries.push_back(battery);
    s.pv_w = pv_w;
    s.battery_w = battery_w;
    if (grid_w) s.house_w = *grid_w + pv_w + battery_w;
    return s;
}

std::string sentence(const model::Snapshot& s, bool limiting = false, std::size_t devices = 3) {
    const auto view = make_overview({.now = s, .devices = devices, .feed_in_limit_w = 4800, .is_limiting = limiting});
    std::string text(to_string(view.sentence));
    for (const auto& [name, value] : view.sentence_values)
        text += " " + name + "=" + std::to_string(static_cast<int>(value));
    return text;
}

}  // namespace

TEST_CASE("the sentence says what matters most") {
    const struct {
        const char* what;
        model::Snapshot now;
        bool limiting;
        const char* expected;
    } cases[] = {
        {"sun fills the battery", house(-20, 4000, -3400), false, "charging_from_sun power_w=3400"},
        {"battery charges more than the sun gives", house(900, 500, -1000), false, "charging_from_sun power_w=500"},
        {"rest is fed in", house(-2500, 4000, 0), false, "feeding_in power_w=2500"},
        {"the limit throws sun away", house(-4800, 6000, -500), true, "feed_in_limited power_w=4800"},
        {"a cap holds, and not because of the limit", house(-1140, 2300, 0), true, "feeding_in power_w=1140"},
        {"night on battery", house(10, 0, 600), false, "discharging_to_house power_w=600"},
        {"night on grid", house(700, 0, 0), false, "importing power_w=700"},
        {"all in balance", house(20, 500, 30), false, "balanced"},
        {"no meter", house(std::nullopt, 4000, -3400), false, "meter_unknown"},
    };
    for (const auto& c : cases) CHECK_MESSAGE(sentence(c.now, c.limiting) == c.expected, c.what);
    CHECK(sentence(house(0, 0, 0), false, 0) == "no_devices");
}

TEST_CASE("a sum is as old as its oldest part, and unknown stays unknown") {
    const auto s = house(-20, 4000, -3400);
    const auto view = make_overview({.now = s, .devices = 3});
    CHECK(view.grid_w.age == 1000ms);
    CHECK(view.house_w.age == 3000ms);
    CHECK(view.house_w.value == 580);
    const auto blind = make_overview({.now = house(std::nullopt, 1, 1), .devices = 3});
    CHECK_FALSE(blind.grid_w.value.has_value());
    CHECK_FALSE(blind.house_w.value.has_value());
    CHECK_FALSE(blind.house_w.age.has_value());
}

TEST_CASE("more fed in than allowed comes before all but an unknown meter, and never as a limit that holds") {
    const auto view = [](std::optional<double> grid_w, bool is_exceeding) {
        return make_overview({.now = house(grid_w, 6000, -3000),
                              .devices = 3,
                              .feed_in_limit_w = 900,
                              .is_limiting = true,
                              .is_exceeding = is_exceeding});
    };
    const auto exceeding = view(-5700, true);
    CHECK(to_string(exceeding.sentence) == "feed_in_exceeded");
    CHECK(exceeding.feed_in_exceeded);
    CHECK(exceeding.sentence_values ==
          std::vector<std::pair<std::string, double>>{{"power_w", 5700}, {"limit_w", 900}});
    // For the moment that inverters need, it is said what flows.
    CHECK(to_string(view(-5700, false).sentence) == "charging_from_sun");
    CHECK_FALSE(view(-5700, false).feed_in_exceeded);
    // The alarm is still there, the excess is over.
    CHECK(to_string(view(-880, true).sentence) == "feed_in_limited");
    CHECK_FALSE(view(-880, true).feed_in_exceeded);
    CHECK(to_string(view(std::nullopt, true).sentence) == "meter_unknown");
}
