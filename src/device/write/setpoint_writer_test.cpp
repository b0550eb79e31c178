// Write programs, through ModbusDevice.
#include "device/rigs/device_bench.hpp"

using namespace busbar;
using namespace busbar::device;

TEST_CASE("a setpoint runs its program, an unchanged one is quiet until its lease has to be refreshed") {
    Bench b;
    REQUIRE(b.open().has_value());
    auto held = b.apply(-2000);
    REQUIRE(held.has_value());
    CHECK(*held == -2000);
    CHECK(b.writes() == "200=1 201=2000 202=0 203=1 204=1");
    // The lease of 60 s is refreshed at half its time; `before` is not repeated.
    b.loop.run_for(29s);
    REQUIRE(b.apply(-2000).has_value());
    CHECK(b.writes().empty());
    b.loop.run_for(2s);
    REQUIRE(b.apply(-2000).has_value());
    CHECK(b.writes() == "201=2000 202=0 203=1 204=1");
    // A new value skips what already stands there; the last step always goes out.
    REQUIRE(b.apply(-2500).has_value());
    CHECK(b.writes() == "201=2500 204=1");
    REQUIRE(b.apply(800).has_value());
    CHECK(b.writes() == "201=0 202=800 204=2");
    // A new lease is a new promise: everything goes out.
    REQUIRE(b.apply(800, 10min).has_value());
    CHECK(b.writes() == "201=0 202=800 203=10 204=2");
}

TEST_CASE("within repeat and lease an unchanged setpoint touches no wire") {
    Bench b;
    REQUIRE(b.open().has_value());
    const model::RoleKey role{Role::battery_power_set, 0};
    const SetpointWrite setpoint{role, 500, 60s};
    int writes_after_20s = 0, writes_after_40s = 0;
    auto cycle = [](Bench& bench, SetpointWrite wanted, int& at_20s, int& at_40s) -> Task<void> {
        for (int second = 0; second < 45; ++second) {
            const auto held_now = co_await bench.device.apply(wanted);
            CHECK(held_now.has_value());
            if (second == 20) at_20s = static_cast<int>(bench.bus.written.size());
            if (second == 40) at_40s = static_cast<int>(bench.bus.written.size());
            co_await bench.loop.sleep_for(1s);
        }
    };
    b.loop.spawn("cycle", cycle(b, setpoint, writes_after_20s, writes_after_40s));
    b.loop.run_for(60s);
    CHECK(writes_after_20s == 5);
    CHECK(writes_after_40s == 9);  // refreshed once, after 30 s
}

TEST_CASE("a device that says yes and does not obey is found out") {
    Bench b;
    REQUIRE(b.open().has_value());
    b.unit.on_write = [](FakeBus::Unit& unit, std::uint16_t address) {
        if (address == 202) unit.holding[202] = 5000;
    };
    const auto held = b.apply(3000);
    REQUIRE_FALSE(held.has_value());
    CHECK(held.error().kind == Errc::refused);
    CHECK(held.error().text == "holding 202: wrote 3000 for a setpoint of 3000, device holds 5000");
    CHECK(b.device.shown({Role::battery_power_set, 0}) == 5000);
    b.writes();
    b.unit.on_write = nullptr;
    REQUIRE(b.apply(3000).has_value());
    CHECK(b.writes() == "200=1 201=0 202=3000 203=1 204=2");  // after a doubt the whole program runs
}

TEST_CASE("a device may round; what it holds is what is in force") {
    Bench b;
    REQUIRE(b.open().has_value());
    b.unit.on_write = [](FakeBus::Unit& unit, std::uint16_t address) {
        if (address == 202) unit.holding[202] = static_cast<std::uint16_t>(unit.holding[202] / 10 * 10);
    };
    const auto held = b.apply(1234);
    REQUIRE(held.has_value());
    CHECK(*held == 1230);
}

TEST_CASE("what a device shows is told as it is, and not at all when it was not read") {
    Bench b;
    const model::RoleKey role{Role::battery_power_set, 0};
    CHECK_FALSE(b.device.shown(role));
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(-2000).has_value());
    CHECK(b.device.shown(role) == -2000);
    // Somebody else gives the opposite command: both of its registers are told, not the first that differs.
    b.unit.holding[201] = 0;
    b.unit.holding[202] = 1500;
    b.loop.run_for(11s);
    const auto other = b.apply(-2000);
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().kind == Errc::refused);
    CHECK(b.device.shown(role) == 1500);
    b.unit.is_silent = true;
    CHECK_FALSE(b.apply(-2000).has_value());
    CHECK_FALSE(b.device.shown(role));
}

TEST_CASE("percent registers refer to the device's rating") {
    Bench b;
    REQUIRE(b.open().has_value());
    const auto held = b.apply(2000, 60s, {Role::ac_power_limit_set, 0});
    REQUIRE(held.has_value());
    CHECK(*held == 2000);
    CHECK(b.writes() == "210=25");
    const auto clipped = b.apply(9999, 60s, {Role::ac_power_limit_set, 0});
    REQUIRE(clipped.has_value());
    CHECK(*clipped == 8000);
}

TEST_CASE("setpoints outside the range, unknown ones and a silent device are told apart") {
    Bench b;
    CHECK(b.apply(100).error().kind == Errc::unavailable);  // not open
    REQUIRE(b.open().has_value());
    CHECK(b.apply(5001).error().kind == Errc::out_of_range);
    CHECK(b.apply(std::nan("")).error().kind == Errc::out_of_range);
    CHECK(b.apply(50, 60s, {Role::ac_power_limit_percent_set, 0}).error().kind == Errc::unsupported);
    CHECK(b.writes().empty());
    b.unit.is_silent = true;
    CHECK(b.apply(100).error().kind == Errc::timeout);
}

TEST_CASE("a busy device has not refused: the setpoint may be tried again at once, whole") {
    Bench b;
    REQUIRE(b.open().has_value());
    b.unit.busy_writes = 1;
    const auto busy = b.apply(700);
    REQUIRE_FALSE(busy.has_value());
    CHECK(busy.error().kind == Errc::unavailable);
    CHECK(busy.error().retryable());
    b.writes();
    REQUIRE(b.apply(700).has_value());
    CHECK(b.writes() == "200=1 201=0 202=700 203=1 204=2");
    b.unit.busy_writes = 1;
    CHECK(b.run(b.device.release({Role::battery_power_set, 0})).error().kind == Errc::unavailable);
    REQUIRE(b.run(b.device.release({Role::battery_power_set, 0})).has_value());
}

TEST_CASE("a write that breaks off is begun again from the start") {
    Bench b;
    REQUIRE(b.open().has_value());
    b.unit.silent_after = 2;
    CHECK_FALSE(b.apply(700).has_value());
    b.writes();
    b.unit.is_silent = false;
    b.unit.silent_after = -1;
    REQUIRE(b.apply(700).has_value());
    CHECK(b.writes() == "200=1 201=0 202=700 203=1 204=2");
}

TEST_CASE("release hands control back, and the next setpoint takes it again") {
    Bench b;
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(700).has_value());
    b.writes();
    REQUIRE(b.run(b.device.release({Role::battery_power_set, 0})).has_value());
    CHECK(b.writes() == "204=0 200=0");
    REQUIRE(b.apply(700).has_value());
    CHECK(b.writes() == "200=1 201=0 202=700 203=1 204=2");
}

TEST_CASE("the fallback is what the profile states, with the lease in force") {
    Bench b;
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(700, 120s).has_value());
    const Fallback battery = b.device.fallback({Role::battery_power_set, 0});
    CHECK(battery.reverts);
    CHECK(battery.after == 120s);
    CHECK(battery.to == "itself");
    CHECK_FALSE(b.device.fallback({Role::ac_power_limit_set, 0}).reverts);
}

TEST_CASE("after the device was away, control is taken anew") {
    Bench b;
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(700, 10min).has_value());
    b.writes();
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(700, 10min).has_value());
    CHECK(b.writes() == "200=1 201=0 202=700 203=10 204=2");
}

TEST_CASE("somebody else who writes the register is noticed within ten seconds") {
    Bench b;
    REQUIRE(b.open().has_value());
    std::vector<double> refused_at;
    auto cycle = [](Bench& bench, std::vector<double>& refused) -> Task<void> {
        const SetpointWrite wanted{{Role::battery_power_set, 0}, 700, 10min};
        for (int second = 0; second < 29; ++second) {
            if (second == 12) bench.set(202, {4000});
            const auto held = co_await bench.device.apply(wanted);
            if (!held) refused.push_back(second);
            co_await bench.loop.sleep_for(1s);
        }
    };
    b.loop.spawn("cycle", cycle(b, refused_at));
    b.loop.run_for(60s);
    REQUIRE(refused_at.size() == 1);
    CHECK(refused_at[0] <= 22);
    CHECK(b.unit.holding[202] == 700);  // and put right by the next call
}

TEST_CASE("a device that restarted and forgot what came before is taken again") {
    Bench b;
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(700, 10min).has_value());
    b.set(200, {0});
    b.loop.run_for(11s);
    CHECK(b.apply(700, 10min).error().text.find("holding 200: wrote 1") != std::string::npos);
    b.writes();
    REQUIRE(b.apply(700, 10min).has_value());
    CHECK(b.writes() == "200=1 201=0 202=700 203=10 204=2");
}

TEST_CASE("a changing setpoint does not let the lease run out") {
    Bench b;
    REQUIRE(b.open().has_value());
    auto cycle = [](Bench& bench) -> Task<void> {
        for (int second = 0; second < 50; ++second) {
            const SetpointWrite wanted{{Role::battery_power_set, 0}, 500.0 + second, 60s};
            (void)co_await bench.device.apply(wanted);
            co_await bench.loop.sleep_for(1s);
        }
    };
    b.loop.spawn("cycle", cycle(b));
    b.loop.run_for(60s);
    const auto leases =
        std::count_if(b.bus.written.begin(), b.bus.written.end(), [](const auto& w) { return w.address == 203; });
    CHECK(leases == 2);  // at the start and after 30 s
}

TEST_CASE("an optional register the device lacks is left out, and the fallback says so") {
    std::string text(battery_profile);
    const std::string_view step = "{to: holding 203, unit: min, value: lease, verify: false}";
    text.replace(text.find(step), step.size(), "{to: holding 203, unit: min, value: lease, optional: true}");
    Bench b(loaded(text));
    b.fill();
    b.unit.holding.erase(203);
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(700).has_value());
    CHECK(b.writes() == "200=1 201=0 202=700 204=2");
    CHECK_FALSE(b.device.fallback({Role::battery_power_set, 0}).reverts);
    b.set(203, {0});
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(700).has_value());
    CHECK(b.writes() == "200=1 201=0 202=700 203=1 204=2");
    CHECK(b.device.fallback({Role::battery_power_set, 0}).reverts);
}
