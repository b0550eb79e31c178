// Devices that come and go while control runs.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "control/cycle.hpp"
#include "control/simulated_house.hpp"

using namespace busbar;
using namespace busbar::control;
using model::FaultKind;
using LimitMode = strategy::FeedInLimitSettings::Mode;

namespace {

HouseOptions limited(double percent) {
    HouseOptions options;
    options.settings.feed_in_limit = {LimitMode::percent, percent};
    return options;
}

bool is_any_active(Cycle& cycle, std::string_view source) {
    for (const model::Fault& fault : cycle.faults().faults())
        if (fault.source == source && !fault.cleared) return true;
    return false;
}

// When more than the limit was fed in last; valid as long as the house.
const Instant& watch(SimulatedHouse& house, double limit_w) {
    const auto last = std::make_shared<Instant>(house.now());
    house.on_step = [last, &house, limit_w](Instant at) {
        if (-house.grid_w() > limit_w + strategy::feed_in_tolerance_w(limit_w)) *last = at;
    };
    return *last;
}

SiteDevice battery(SimulatedHouse& house) {
    return {model::Use::battery, SimulatedHouse::shared(house.store_device), {}};
}
const std::vector<live::PointSpec> battery_points = {{{model::Role::battery_power, 0}, 1, 10s},
                                                     {{model::Role::battery_soc, 0}, 0.1, 30s}};
const std::vector<live::PointSpec> meter_points = {{{model::Role::meter_power, 0}, 1, 10s}};

}  // namespace

TEST_CASE("a site without a meter misses it only when there is something to steer") {
    SimulatedHouse house(limited(60));
    house.remove(SimulatedHouse::meter);
    house.meter_silent = true;
    house.run(20s);
    const auto text_of = [&]() -> std::string {
        for (const model::Fault& fault : house.cycle->faults().faults())
            if (fault.kind == FaultKind::meter_silent && !fault.cleared) return fault.text;
        return "";
    };
    CHECK(text_of() == "no meter is set up as the one at the grid");
    house.remove(SimulatedHouse::store);
    house.remove(SimulatedHouse::roof);
    house.run(2s);
    CHECK(text_of() == "");
}

TEST_CASE("a battery that is taken away is released first, and nothing else is disturbed") {
    SimulatedHouse house(limited(60));
    house.sun_w = 8000;
    house.load_w = 1000;
    house.run(60s);
    REQUIRE(house.store_device.held);
    REQUIRE(house.roof_device.held);
    const Instant begun = house.now();
    const auto cycles = house.cycle->statistics().count;
    house.remove(SimulatedHouse::store);
    CHECK(house.now() - begun < 1s);
    CHECK_FALSE(house.store_device.held);
    CHECK(house.store_device.releases == 1);
    const int writes = house.store_device.writes;
    house.run(60s);
    CHECK(house.store_device.writes == writes);
    CHECK(house.roof_device.releases == 0);
    CHECK(house.cycle->statistics().count >= cycles + 59);
    CHECK(house.cycle->snapshot().batteries.empty());
    CHECK_FALSE(house.cycle->snapshot().battery_w);
    REQUIRE(house.cycle->actuators().size() == 1);
    CHECK(house.cycle->actuators()[0].target.device == SimulatedHouse::roof);
    // The roof alone keeps the limit now: 60 % of 8 kW.
    CHECK(-house.grid_w() <= 4800 + strategy::feed_in_tolerance_w(4800));
    CHECK(-house.grid_w() >= 4500);
    CHECK_FALSE(is_any_active(*house.cycle, "store"));
}

// 5 kW that went into the battery must not go out. The inverter of this house comes within 2 % of a step in 6 s.
TEST_CASE("the feed-in limit holds again as soon as the inverter can, when a charging battery is taken away") {
    SimulatedHouse house(limited(30));
    house.sun_w = 8000;
    house.load_w = 500;
    house.run(60s);
    const Instant begun = house.now();
    house.remove(SimulatedHouse::store);
    const Instant& last_above = watch(house, 2400);
    house.run(60s);
    CHECK_MESSAGE(last_above - begun <= 7s, fmt::format("{:.2f} s", to_seconds(last_above - begun)));
}

TEST_CASE("a dead device does not hold its removal up, nor the cycle") {
    SimulatedHouse house(limited(60));
    house.sun_w = 8000;
    house.run(60s);
    house.store_device.is_silent = true;
    house.run(10s);
    const Instant begun = house.now();
    const auto cycles = house.cycle->statistics().count;
    house.remove(SimulatedHouse::store);
    CHECK(house.now() - begun <= Cycle::release_time + 100ms);
    house.run(20s);
    CHECK(house.cycle->statistics().count >= cycles + 19);
    CHECK(house.roof_device.releases == 0);
    CHECK_FALSE(is_any_active(*house.cycle, "store"));
    CHECK(house.cycle->snapshot().house_w);  // nothing unknown is left in the sums
}

TEST_CASE("a battery that somebody else works on is let go, left alone, and taken back") {
    SimulatedHouse house(limited(60));
    house.sun_w = 8000;
    house.load_w = 1000;
    house.run(60s);
    REQUIRE(house.store_device.held);
    REQUIRE(house.suspend(SimulatedHouse::store));
    CHECK_FALSE(house.store_device.held);
    const int writes = house.store_device.writes, releases = house.store_device.releases;
    house.run(60s);
    CHECK(house.store_device.writes == writes);
    CHECK(house.store_device.releases == releases);
    // It is still there with what it measures, but nothing is wished of it.
    REQUIRE(house.cycle->snapshot().batteries.size() == 1);
    CHECK(house.cycle->snapshot().batteries[0].power_w);
    CHECK_FALSE(house.cycle->snapshot().batteries[0].is_controllable);
    CHECK(-house.grid_w() <= 4800 + strategy::feed_in_tolerance_w(4800));
    house.cycle->resume_device(SimulatedHouse::store);
    house.run(30s);
    CHECK(house.store_device.held);
    CHECK(house.store_device.writes > writes);
}

TEST_CASE("an inverter that is there twice is in the sums once, and takes nothing away from itself") {
    SimulatedHouse house(limited(60)), alone(limited(60));
    for (SimulatedHouse* one : {&house, &alone}) {
        one->sun_w = 8000;
        one->run(60s);
    }
    const std::vector<live::PointSpec> points{{{model::Role::ac_power, 0}, 1, 3s}};
    const auto again = house.add("again", {model::Use::pv, nullptr, 8000.0}, points);
    house.live.set_state(again, live::DeviceState::quarantined, house.now(), "this is device 'roof' once more");
    house.cycle->leave_out(again, true);
    house.run(60s);
    alone.run(60s);
    REQUIRE(house.cycle->snapshot().inverters.size() == 1);
    CHECK(house.cycle->snapshot().pv_w);
    CHECK(house.cycle->snapshot().house_w.has_value() == alone.cycle->snapshot().house_w.has_value());
    CHECK(house.grid_w() == doctest::Approx(alone.grid_w()).epsilon(0.05));
    // The first one was taken away: it is a device like others now.
    house.cycle->leave_out(again, false);
    house.run(2s);
    CHECK(house.cycle->snapshot().inverters.size() == 2);
}

TEST_CASE("an announced absence is no fault until its time is over; any other is one") {
    SimulatedHouse house(limited(60));
    house.sun_w = 8000;
    house.run(60s);
    REQUIRE(house.suspend(SimulatedHouse::store));
    house.cycle->expect_absence(SimulatedHouse::store, house.now() + 120s);
    house.store_device.is_silent = true;
    house.run(110s);
    CHECK_FALSE(is_any_active(*house.cycle, "store"));
    CHECK_FALSE(house.cycle->snapshot().batteries[0].power_w);  // what it last said is not taken for true
    house.run(15s);
    CHECK(house.cycle->faults().is_active(FaultKind::device_offline, "store"));
    house.store_device.is_silent = false;
    house.cycle->resume_device(SimulatedHouse::store);
    house.run(15s);
    CHECK_FALSE(is_any_active(*house.cycle, "store"));
    CHECK(house.store_device.held);
    // Nobody announced this one.
    house.store_device.is_silent = true;
    house.run(30s);
    CHECK(house.cycle->faults().is_active(FaultKind::device_offline, "store"));
}

// Its power is not ours to limit for a while: the others keep the limit as if it gave all it has.
TEST_CASE("an inverter that is let go counts with the most it can give") {
    SimulatedHouse house(limited(30));
    house.sun_w = 8000;
    house.run(60s);
    REQUIRE(house.roof_device.held);
    REQUIRE(house.suspend(SimulatedHouse::roof));
    house.run(5s);
    REQUIRE(house.cycle->snapshot().inverters.size() == 1);
    const model::InverterView& roof = house.cycle->snapshot().inverters[0];
    CHECK_FALSE(roof.is_controllable);
    CHECK(roof.worst_case_w >= 8000);
}

TEST_CASE("a device that does not let go is not given to anybody else, and control keeps it") {
    SimulatedHouse house(limited(60));
    house.sun_w = 8000;
    house.load_w = 1000;
    house.run(60s);
    house.store_device.is_holding_on = true;
    CHECK_FALSE(house.suspend(SimulatedHouse::store));
    const int writes = house.store_device.writes;
    house.run(30s);
    CHECK(house.store_device.writes > writes);
    CHECK(house.cycle->snapshot().batteries[0].is_controllable);
}

TEST_CASE("without its grid meter a limited site is at its fail-safe caps at once, and comes back with another one") {
    HouseOptions options = limited(0);
    options.guaranteed_load_w = 300;
    SimulatedHouse house(options);
    house.sun_w = 8000;
    house.load_w = 3000;
    house.soc = 100;
    house.run(60s);
    REQUIRE(house.cycle->mode() == Mode::normal);
    REQUIRE(house.pv_w > 2000);
    house.remove(SimulatedHouse::meter);
    house.run(1s);
    CHECK(house.cycle->mode() == Mode::open_loop);
    CHECK_FALSE(house.cycle->snapshot().grid_w);
    CHECK(house.roof_device.held.value_or(9999) <= 300);
    house.run(15s);
    CHECK(house.pv_w <= 310);
    CHECK(house.cycle->faults().is_active(FaultKind::meter_silent, "site"));

    const auto index = house.add("meter2", {model::Use::grid_meter, nullptr, {}}, meter_points);
    CHECK(index == SimulatedHouse::meter);  // the free place
    house.run(40s);
    CHECK(house.cycle->mode() == Mode::normal);
    CHECK(house.pv_w > 2000);
    CHECK(-house.grid_w() <= strategy::feed_in_tolerance_w(0));
    CHECK_FALSE(house.cycle->faults().is_active(FaultKind::meter_silent, "site"));
}

TEST_CASE("a battery added to the running site is used, and the inverter keeps its cap meanwhile") {
    SimulatedHouse house(limited(30));
    house.remove(SimulatedHouse::store);
    house.sun_w = 8000;
    house.load_w = 500;
    house.run(60s);
    REQUIRE(house.pv_w < 3200);  // capped: load and limit
    const int releases = house.roof_device.releases;
    CHECK(house.add("store", battery(house), battery_points) == SimulatedHouse::store);
    const Instant begun = house.now();
    const Instant& last_above = watch(house, 2400);
    house.run(90s);
    CHECK(house.battery_w < -4000);
    CHECK(house.pv_w > 6500);
    CHECK_MESSAGE(last_above - begun <= 5s, fmt::format("{:.2f} s", to_seconds(last_above - begun)));
    CHECK(house.roof_device.releases == releases);
}

TEST_CASE("taking a device away, or back, while the gateway stops ends in time") {
    SimulatedHouse house(limited(60));
    house.sun_w = 8000;
    house.run(30s);
    house.store_device.is_silent = true;
    house.run(5s);
    house.cycle->stop();
    house.run(500ms);
    house.remove(SimulatedHouse::store);
    house.run(5s);
    CHECK(house.cycle->has_stopped());
    CHECK_FALSE(house.roof_device.held);
}
