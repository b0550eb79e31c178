#include "strategy/self_consumption.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace busbar;
using namespace busbar::strategy;
using namespace std::chrono_literals;
using model::BatteryView;
using model::Held;
using model::Measured;
using model::Snapshot;

namespace {
BatteryView battery(double power_w, double charge_max_w = 3000, double discharge_max_w = 3000) {
    BatteryView view;
    view.id = "store";
    view.power_w = Measured{power_w, Instant(100s)};
    view.charge_max_w = charge_max_w;
    view.discharge_max_w = discharge_max_w;
    view.is_settable = view.is_controllable = true;
    return view;
}
Snapshot at(Instant now, std::optional<double> grid_w, std::vector<BatteryView> batteries) {
    Snapshot snapshot;
    snapshot.at = now;
    if (grid_w) snapshot.grid_w = Measured{*grid_w, now};
    snapshot.batteries = std::move(batteries);
    return snapshot;
}
std::optional<double> first_wish(const Snapshot& snapshot, SelfConsumptionSettings settings = {}) {
    const auto [wishes, memory] = self_consumption(snapshot, settings, {});
    if (wishes.requests.empty()) return std::nullopt;
    return wishes.requests[0].value;
}
}  // namespace

TEST_CASE("self-consumption moves the battery by what the grid meter shows") {
    struct Case {
        const char* name;
        std::optional<double> grid_w;
        double battery_w;
        double target_w;
        std::optional<double> want;
    };
    const Case cases[] = {
        {"feeding in 480 W: charge", -480, 0, 0, -480},
        {"importing 520 W: discharge", 520, 0, 0, 520},
        {"on top of what it does already", 300, 1000, 0, 1300},
        {"less charging when the surplus shrinks", 200, -1000, 0, -800},
        {"aim is 50 W of import", 50, 700, 50, 700},
        {"inside the deadband: leave alone", 12, 500, 0, 500},
        {"grid unknown: no wish", std::nullopt, 500, 0, std::nullopt},
        {"charging power caps the step", -9000, 0, 0, -3000},
        {"discharging power caps the step", 9000, 0, 0, 3000},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.name));
        CHECK(first_wish(at(Instant(100s), c.grid_w, {battery(c.battery_w)}), {true, c.target_w}) == c.want);
    }
}

TEST_CASE("a full battery is not charged, an empty one not discharged") {
    CHECK(first_wish(at(Instant(100s), -2000, {battery(0, 0, 3000)})) == 0);
    CHECK(first_wish(at(Instant(100s), 2000, {battery(0, 3000, 0)})) == 0);
}

TEST_CASE("nothing is wished when switched off or when no battery can be set") {
    CHECK_FALSE(first_wish(at(Instant(100s), -480, {battery(0)}), {false, 0}));
    BatteryView stubborn = battery(0);
    stubborn.is_controllable = false;
    CHECK_FALSE(first_wish(at(Instant(100s), -480, {stubborn})));
}

TEST_CASE("several batteries share by what each can take") {
    const auto [wishes, memory] =
        self_consumption(at(Instant(100s), -3000, {battery(0, 1000), battery(0, 5000)}), {}, {});
    REQUIRE(wishes.requests.size() == 2);
    CHECK(wishes.requests[0].value == doctest::Approx(-500));
    CHECK(wishes.requests[1].value == doctest::Approx(-2500));
    CHECK(wishes.requests[1].text == "grid 3000 W feed-in, aim 0 W: battery charges 3000 W");
}

TEST_CASE("a step that is still on its way is not taken twice") {
    SelfConsumptionMemory memory;
    BatteryView store = battery(0);
    store.setpoint_w = Held{0, Instant(90s)};
    auto [first, after_first] = self_consumption(at(Instant(100s), 2000, {store}), {}, memory);
    CHECK(first.requests[0].value == doctest::Approx(2000));
    // 0.5 s later the meter still shows the old import: the battery cannot have arrived.
    store.setpoint_w = Held{2000, Instant(100s)};
    auto [second, after_second] = self_consumption(at(Instant(100500ms), 2000, {store}), {}, after_first);
    CHECK(second.requests[0].value == doctest::Approx(2000));
    // 10 s later it has arrived and 2000 W are missing still: now the load has grown.
    store.power_w = Measured{2000, Instant(110s)};
    auto [third, after_third] = self_consumption(at(Instant(110s), 900, {store}), {}, after_second);
    CHECK(third.requests[0].value == doctest::Approx(2900));
}

TEST_CASE("the same grid reading is acted on once") {
    BatteryView store = battery(0);
    store.setpoint_w = Held{0, Instant(90s)};
    auto [first, memory] = self_consumption(at(Instant(100s), 700, {store}), {}, {});
    Snapshot later = at(Instant(100s), 700, {store});
    later.at = Instant(101s);
    auto [second, unused] = self_consumption(later, {}, memory);
    CHECK(second.requests[0].value == first.requests[0].value);
}

TEST_CASE("a battery that gives less than told does not wind up") {
    BatteryView store = battery(0, 5000, 5000);
    store.setpoint_w = Held{4000, Instant(50s)};
    store.power_w = Measured{2500, Instant(100s)};
    // It gives 2500 W of 4000 W; the load fell by 1000 W and 500 W are fed in: 2000 W are wanted, not 3500 W.
    CHECK(first_wish(at(Instant(100s), -500, {store})) == doctest::Approx(2000));
}

namespace {

// A hybrid behind an AC cap of 2500 W, PV first; one turn a second. The house takes `house_w`.
struct CappedHybrid {
    double sun_w = 0, house_w = 2500, cap_w = 2500, setpoint_w = 0;
    double imported_wh = 0;
    SelfConsumptionMemory memory;
    Instant now{100s};

    double battery_w() const { return std::clamp(setpoint_w, -3000.0, std::max(0.0, cap_w - sun_w)); }
    double pv_w() const { return std::min(sun_w, cap_w - battery_w()); }
    double ac_w() const { return pv_w() + battery_w(); }
    void run(int seconds) {
        for (int s = 0; s < seconds; ++s) {
            Snapshot snapshot = at(now, house_w - ac_w(), {battery(battery_w())});
            snapshot.batteries[0].is_hybrid = true;
            snapshot.batteries[0].setpoint_w = Held{setpoint_w, since_};
            model::InverterView inverter;
            inverter.ac_power_w = Measured{ac_w(), now};
            inverter.pv_power_w = Measured{pv_w(), now};
            inverter.rated_w = 5000;
            inverter.cap_w = Held{cap_w, Instant{1s}};
            snapshot.inverters.push_back(inverter);
            auto [wishes, after] = self_consumption(snapshot, {}, memory);
            memory = after;
            const double next = wishes.requests.at(0).value;
            if (next != setpoint_w) since_ = now;
            setpoint_w = next;
            imported_wh += std::max(0.0, house_w - ac_w()) / 3600;
            now += 1s;
        }
    }

private:
    Instant since_{1s};
};

}  // namespace

TEST_CASE("a hybrid at its cap finds the sun that it cuts off, also when it was discharging before") {
    CappedHybrid hybrid;
    hybrid.setpoint_w = 700;
    hybrid.sun_w = 4000;
    hybrid.run(90);
    CHECK(hybrid.battery_w() < -1200);
    CHECK(hybrid.pv_w() > 3700);
    CHECK(hybrid.imported_wh < 2);
}

TEST_CASE("the search for cut-off sun grows rare where there is none, and does not happen at night") {
    CappedHybrid hybrid;
    hybrid.setpoint_w = 1500;
    hybrid.sun_w = 1000;
    hybrid.run(120);
    hybrid.imported_wh = 0;
    hybrid.run(3600);
    CHECK(hybrid.imported_wh < 12);
    hybrid.sun_w = 0;
    hybrid.run(60);
    hybrid.imported_wh = 0;
    hybrid.run(600);
    CHECK(hybrid.imported_wh < 1);
}
