#include "strategy/feed_in_limit.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::strategy;
using namespace std::chrono_literals;
using model::BatteryView;
using model::Held;
using model::InverterView;
using model::Measured;
using model::Role;
using model::RoleKey;
using model::Snapshot;
using Mode = FeedInLimitSettings::Mode;

namespace {
InverterView inverter(double ac_w, double rated_w, std::optional<double> cap_w = std::nullopt,
                      Role role = Role::ac_power_limit_set) {
    InverterView view;
    view.id = "roof";
    view.ac_power_w = view.pv_power_w = Measured{ac_w, Instant(100s)};
    view.rated_w = rated_w;
    view.limit_role = RoleKey{role, 0};
    view.is_online = view.is_controllable = true;
    view.worst_case_w = rated_w;
    view.last_ac_w = ac_w;
    if (cap_w) view.cap_w = Held{*cap_w, Instant(50s)};
    return view;
}
Snapshot site(double grid_w, std::vector<InverterView> inverters, std::vector<BatteryView> batteries = {}) {
    Snapshot snapshot;
    snapshot.at = Instant(100s);
    snapshot.grid_w = Measured{grid_w, Instant(100s)};
    snapshot.pv_peak_w = 10000;
    snapshot.inverters = std::move(inverters);
    snapshot.batteries = std::move(batteries);
    return snapshot;
}
BatteryView battery(double charge_max_w) {
    BatteryView view;
    view.power_w = Measured{0, Instant(100s)};
    view.charge_max_w = charge_max_w;
    view.is_settable = view.is_controllable = true;
    view.setpoint_w = Held{0, Instant(50s)};
    return view;
}
// The caps wished in the first cycle, in the device's unit.
std::vector<double> caps(const Snapshot& snapshot, FeedInLimitSettings settings, bool battery_takes_surplus = true) {
    const auto [wishes, memory] = feed_in_limit(snapshot, settings, battery_takes_surplus, {});
    std::vector<double> found;
    for (const auto& limit : wishes.limits) found.push_back(limit.high);
    return found;
}
}  // namespace

TEST_CASE("the limit in watts follows its mode") {
    CHECK_FALSE(limit_w({Mode::none, 5}, 8000));
    CHECK(limit_w({Mode::zero, 5}, 8000) == 0);
    CHECK(limit_w({Mode::watts, 500}, 8000) == 500);
    CHECK(limit_w({Mode::percent, 60}, 8000) == 4800);
    CHECK(limit_w({Mode::percent, -60}, 8000) == 0);
}

TEST_CASE("caps sum up to house plus limit, less a margin") {
    struct Case {
        const char* name;
        double grid_w;
        std::vector<InverterView> inverters;
        std::vector<BatteryView> batteries;
        FeedInLimitSettings settings;
        std::vector<double> want;
    };
    // House = grid + inverters (+ batteries, 0 here).
    const Case cases[] = {
        {"zero feed-in, house 1000 W", -3000, {inverter(4000, 8000, 4000)}, {}, {Mode::zero, 0}, {0}},
        {"at the limit: stays there", -4780, {inverter(5780, 8000, 5780)}, {}, {Mode::watts, 4800}, {5780}},
        {"the house falls 500 W: cut by it and a third more",
         -5280,
         {inverter(5780, 8000, 5780)},
         {},
         {Mode::watts, 4800},
         {5119}},
        {"percent of the peak", -6480, {inverter(7480, 8000, 7480)}, {}, {Mode::percent, 60}, {6819}},
        {"a battery with room is filled first",
         -6000,
         {inverter(7000, 8000)},
         {battery(3000)},
         {Mode::percent, 60},
         {8000}},
        {"in percent, rounded down",
         -5280,
         {inverter(5780, 8000, 5780, Role::ac_power_limit_percent_set)},
         {},
         {Mode::watts, 4800},
         {63.9}},
        {"two inverters by what they can give",
         -5280,
         {inverter(1926, 2000, 1926), inverter(3854, 4000, 3854)},
         {},
         {Mode::watts, 4800},
         {1706, 3412}},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.name));
        const auto got = caps(site(c.grid_w, c.inverters, c.batteries), c.settings);
        REQUIRE(got.size() == c.want.size());
        for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(c.want[i]).epsilon(0.001));
    }
}

TEST_CASE("nothing is wished without a limit, without a grid reading and without an inverter that can be capped") {
    CHECK(caps(site(-9000, {inverter(9000, 9000)}), {Mode::none, 0}).empty());
    Snapshot blind = site(0, {inverter(9000, 9000)});
    blind.grid_w.reset();
    CHECK(caps(blind, {Mode::zero, 0}).empty());
    InverterView plain = inverter(9000, 9000);
    plain.limit_role.reset();
    CHECK(caps(site(-9000, {plain}), {Mode::zero, 0}).empty());
}

TEST_CASE("a silent inverter's possible rise is taken from the others") {
    InverterView silent = inverter(0, 5000, 3000);
    silent.is_online = silent.is_controllable = false;
    silent.ac_power_w.reset();
    silent.worst_case_w = 3000;
    silent.last_ac_w = 1000;
    // House 1000 + limit 4000 - margin 20; the silent one gave 1000 and may give 2000 more.
    const auto got = caps(site(-3000, {inverter(3000, 5000, 3980), silent}), {Mode::watts, 4000});
    REQUIRE(got.size() == 1);
    CHECK(got[0] == doctest::Approx(1980));
}

TEST_CASE("each cap says why, and the wish behind it is all the sun gives") {
    const auto [wishes, memory] =
        feed_in_limit(site(-5280, {inverter(5780, 8000, 5780)}), {Mode::watts, 4800}, false, {});
    REQUIRE(wishes.requests.size() == 1);
    CHECK(wishes.requests[0].value == 8000);
    CHECK(wishes.limits[0].rank == model::Rank::grid_operator);
    CHECK(wishes.requests[0].source == "inverter");
    CHECK(wishes.limits[0].text == "feed-in 5280 W, allowed 4800 W: inverters together 5119 W");
    const auto [roomy, with_battery] =
        feed_in_limit(site(-5280, {inverter(5780, 8000, 5780)}, {battery(2500)}), {Mode::watts, 4800}, true, {});
    CHECK(roomy.limits[0].text.find(", battery room 2500 W: inverters") != std::string::npos);
}

TEST_CASE("sun is kept back where a cap binds, not where there is one") {
    const auto held = [](InverterView view, std::vector<BatteryView> batteries = {}) {
        return holds_sun_back(site(-4800, {std::move(view)}, std::move(batteries)));
    };
    CHECK(held(inverter(4990, 8000, 5000)));
    CHECK(held(inverter(5600, 8000, 5000)));        // on its way down
    CHECK_FALSE(held(inverter(1140, 8000, 5000)));  // a cloud under the cap
    CHECK_FALSE(held(inverter(7990, 8000, 8000)));  // all it can
    CHECK_FALSE(held(inverter(4990, 8000)));        // never told
    CHECK_FALSE(held(inverter(0, 8000, 0)));        // night at zero feed-in
    InverterView disobeying = inverter(5700, 8000, 900);
    disobeying.is_controllable = false;
    CHECK_FALSE(held(disobeying));

    // A hybrid: its battery at rest or charging all it can leaves sun over, discharging or with room it does not.
    InverterView hybrid = inverter(500, 8000, 500);
    hybrid.pv_power_w = Measured{3000, Instant(100s)};
    BatteryView pack = battery(2500);
    pack.is_hybrid = true;
    for (const auto& [power_w, is_held] : {std::pair(0.0, true), {-2490.0, true}, {-1200.0, false}, {300.0, false}}) {
        CAPTURE(power_w);
        pack.power_w = Measured{power_w, Instant(100s)};
        CHECK(held(hybrid, {pack}) == is_held);
    }
}
