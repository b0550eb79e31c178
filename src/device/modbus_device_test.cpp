#include "device/modbus_device.hpp"

#include <doctest/doctest.h>

#include "base/virtual_loop.hpp"
#include "device/fake_bus.hpp"
#include "profile/load.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;
using model::Quality;
using model::Role;

namespace {

constexpr std::string_view battery_profile = R"(profile: test/battery
source: "test"
verified: "test"
products: [{brand: Test, models: [B1]}]
bus: {protocol: modbus, max_registers: 20, max_gap: 2, timeout: 500ms}
identify:
  maker: Test
  model: {read: holding 10, count: 2, starts_with: B}
  serial: {read: holding 20, count: 2}
points:
  battery.power: {read: holding 100, type: s16, unit: W, sign: charge_positive, invalid: 0x7FFF}
  battery.soc: {read: holding 101, type: u16, unit: "%"}
  battery.voltage: {read: holding 102, type: u16, unit: 0.1 V}
  battery.temperature: {read: holding 104, type: s16, unit: 0.1 degC}
  battery.soh: {read: holding 106, type: u16, unit: "%", every: slow}
  ac.power.rated: {read: holding 107, type: u16, unit: W}
controls:
  battery.power.set:
    before: [{to: holding 200, value: 1}]
    write:
      - {to: holding 201, type: u16, unit: W, value: negative_part}
      - {to: holding 202, type: u16, unit: W, value: positive_part}
      - {to: holding 203, unit: min, value: lease, verify: false}
      - {to: holding 204, by_sign: [1, 0, 2]}
    range: [-5000, 5000]
    repeat: 30s
    falls_back_after: lease
    falls_back_to: itself
    release: [{to: holding 204, value: 0}, {to: holding 200, value: 0}]
  ac.power.limit.set:
    write: [{to: holding 210, type: s16, unit: "%", percent_of: ac.power.rated, value: setpoint}]
    range: [0, 10000]
    falls_back_after: never
    release: [{to: holding 210, value: 100}]
)";

std::shared_ptr<const profile::Profile> loaded(std::string_view text) {
    auto profile = profile::load(text, "test.yaml");
    INFO((profile ? "" : profile.error().text));
    REQUIRE(profile.has_value());
    return std::make_shared<const profile::Profile>(std::move(*profile));
}

// One device, its loop and its bus.
struct Bench {
    VirtualLoop loop;
    FakeBus bus{loop};
    FakeBus::Unit& unit = bus.units[3];
    ModbusDevice device;

    explicit Bench(std::shared_ptr<const profile::Profile> profile)
        : device(loop, bus, std::move(profile), {"battery", "Battery", 3, std::nullopt}) {}
    Bench() : Bench(loaded(battery_profile)) {
        set(10, {0x4231, 0x0000});  // "B1"
        set(20, {0x534E, 0x1B41});  // "SN<ESC>A"
        set(100, {static_cast<std::uint16_t>(-1200), 55, 4012, 0, 215, 0, 98, 8000});
        set(200, {0, 0, 0, 0, 0});
        set(210, {100});
        loop.run_for(1s);  // instants in answers are not the epoch
    }
    void set(std::uint16_t first, std::vector<std::uint16_t> words) {
        for (const std::uint16_t w : words) unit.holding[first++] = w;
    }

    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        loop.spawn("test", keep(std::move(task), result));
        loop.run_for(60s);
        REQUIRE(result.has_value());
        return std::move(*result);
    }
    template <class T>
    static Task<void> keep(Task<T> task, std::optional<T>& into) {
        T value = co_await std::move(task);
        into.emplace(std::move(value));
    }

    Status open() { return run(device.open()); }
    PollResult poll(PollClass due) { return run(device.poll(due)); }
    Result<double> apply(double value, Duration lease = 60s, model::RoleKey role = {Role::battery_power_set, 0}) {
        return run(device.apply({role, value, lease}));
    }
    // What was written since the last look, as "address=word,word ...".
    std::string writes() {
        std::string text;
        for (const auto& w : bus.written)
            text += fmt::format("{}{}={}", text.empty() ? "" : " ", w.address, fmt::join(w.words, ","));
        bus.written.clear();
        return text;
    }
    std::optional<double> value(const PollResult& result, Role role) {
        for (const PointReading& r : result.readings)
            if (device.info().points[r.point].role.role == role && r.reading.quality == Quality::good)
                return r.reading.value;
        return std::nullopt;
    }
};

}  // namespace

TEST_CASE("open tells who the device is, with its strings cleaned") {
    Bench b;
    REQUIRE(b.open().has_value());
    CHECK(b.device.info().maker == "Test");
    CHECK(b.device.info().model == "B1");
    CHECK(b.device.info().serial == "SNA");
    CHECK(b.device.info().points.size() == 6);
    CHECK(b.device.info().setpoints.size() == 2);
    CHECK(b.device.info().capabilities.has(model::Capability::sets_battery_power));
    CHECK(b.device.info().capabilities.has(model::Capability::stores_energy));
}

TEST_CASE("another device at the address is not taken for ours") {
    Bench b;
    b.set(10, {0x5831, 0});
    const Status opened = b.open();
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().kind == Errc::unsupported);
    CHECK(opened.error().text.find("model reads 'X1', expected B") != std::string::npos);
    CHECK(b.poll(PollClass::critical).failures.size() == 1);
}

TEST_CASE("nobody at the address is a timeout with its place") {
    Bench b;
    b.unit.is_silent = true;
    const Status opened = b.open();
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().kind == Errc::timeout);
    CHECK(opened.error().text == "read holding 10..11: no answer");
}

TEST_CASE("polls bring values in our units and signs, by class") {
    Bench b;
    REQUIRE(b.open().has_value());
    b.set(100, {static_cast<std::uint16_t>(-1500)});
    for (int round = 0; round < 2; ++round) {  // the first hands out what open() read
        const PollResult critical = b.poll(PollClass::critical);
        CHECK(critical.failures.empty());
        CHECK(critical.readings.size() == 2);
        CHECK(b.value(critical, Role::battery_power) == (round == 0 ? 1200 : 1500));
        CHECK(b.value(critical, Role::battery_soc) == 55);
    }
    const PollResult telemetry = b.poll(PollClass::telemetry);
    CHECK(b.value(telemetry, Role::battery_voltage) == 401.2);
    CHECK(b.value(telemetry, Role::battery_temperature) == 21.5);
    CHECK(b.value(b.poll(PollClass::slow), Role::battery_soh) == 98);
}

TEST_CASE("what is unavailable or unbelievable is invalid, never 0") {
    Bench b;
    b.set(100, {0x7FFF, 101});  // "not available", and 101 %
    REQUIRE(b.open().has_value());
    const PollResult result = b.poll(PollClass::critical);
    REQUIRE(result.readings.size() == 2);
    for (const PointReading& r : result.readings) CHECK(r.reading.quality == Quality::invalid);
    CHECK(result.failures.empty());
}

TEST_CASE("registers a device lacks are found by splitting and left out; the rest is read") {
    Bench b;
    b.unit.holding.erase(102);
    b.unit.holding.erase(106);
    REQUIRE(b.open().has_value());
    CHECK(b.device.info().points.size() == 4);
    CHECK(b.value(b.poll(PollClass::telemetry), Role::battery_temperature) == 21.5);
    b.bus.asked.clear();
    CHECK(b.value(b.poll(PollClass::telemetry), Role::battery_temperature) == 21.5);
    CHECK(b.bus.asked.size() == 1);  // no request meets the hole again
    CHECK_FALSE(b.device.wants_reopen());
    b.set(106, {97});  // the part was fitted
    b.poll(PollClass::slow);
    b.poll(PollClass::slow);
    CHECK(b.device.wants_reopen());
    REQUIRE(b.open().has_value());
    CHECK(b.device.info().points.size() == 5);
}

TEST_CASE("a register that vanishes later is invalid, does not harm its neighbours, and may come back") {
    Bench b;
    REQUIRE(b.open().has_value());
    for (const PollClass c : {PollClass::critical, PollClass::telemetry, PollClass::slow}) b.poll(c);
    b.unit.holding.erase(101);
    const PollResult result = b.poll(PollClass::critical);
    CHECK(b.value(result, Role::battery_power) == 1200);
    CHECK(result.readings.size() == 2);
    b.bus.asked.clear();
    CHECK(b.poll(PollClass::critical).readings.size() == 2);
    CHECK(b.bus.asked.size() == 1);
    b.set(101, {56});
    b.poll(PollClass::slow);
    CHECK(b.value(b.poll(PollClass::critical), Role::battery_soc) == 56);
}

TEST_CASE("a device that falls silent costs one time-out per poll") {
    Bench b;
    REQUIRE(b.open().has_value());
    b.poll(PollClass::telemetry);
    b.unit.is_silent = true;
    b.bus.asked.clear();
    const PollResult result = b.poll(PollClass::telemetry);
    CHECK(result.readings.empty());
    REQUIRE(result.failures.size() == 1);
    CHECK(result.failures[0].text.find("read holding 102..104: no answer") != std::string::npos);
    CHECK(b.bus.asked.size() == 1);
}

TEST_CASE("a setpoint runs its program, an unchanged one is quiet until its lease has to be refreshed") {
    Bench b;
    REQUIRE(b.open().has_value());
    auto held = b.apply(-2000);
    REQUIRE(held.has_value());
    CHECK(*held == -2000);
    CHECK(b.writes() == "200=1 201=2000 202=0 203=1 204=1");
    // run() lets a minute pass: the lease of 60 s was due for a refresh, `before` is not repeated.
    REQUIRE(b.apply(-2000).has_value());
    CHECK(b.writes() == "201=2000 202=0 203=1 204=1");
    // A new value skips what already stands there; the last step always goes out.
    REQUIRE(b.apply(-2500, 10min).has_value());
    CHECK(b.writes() == "201=2500 203=10 204=1");
    REQUIRE(b.apply(800, 10min).has_value());
    CHECK(b.writes() == "201=0 202=800 204=2");
    CHECK(b.unit.holding[203] == 10);
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

TEST_CASE("SunSpec: the models are found by walking, points and limit follow them") {
    const auto profile = loaded(R"(profile: test/sunspec
source: "test"
verified: "test"
products: [{brand: Test, models: [S1]}]
bus: {protocol: modbus, max_gap: 40}
sunspec: {bases: [40000, 50000, 0], models: {1: 66, 103: 50, 113: 60, 120: 26, 121: 30, 123: 24}}
identify: {maker: {read: model 1 offset 2, count: 16}, model: {read: model 1 offset 18, count: 16}}
points:
  ac.power:
    - {read: model 103 offset 14, type: s16, unit: W, exponent: 15, sign: export_positive}
    - {read: model 113 offset 22, type: f32, unit: W, sign: export_positive}
  ac.power.rated:
    - {read: model 121 offset 2, type: u16, unit: W, exponent: 22}
    - {read: model 120 offset 3, type: u16, unit: W, exponent: 4}
controls:
  ac.power.limit_percent.set:
    write:
      - {to: model 123 offset 5, unit: "%", exponent: 23, value: setpoint}
      - {to: model 123 offset 7, unit: s, value: lease}
      - {to: model 123 offset 9, value: 1}
    range: [0, 100]
    falls_back_after: lease
    falls_back_to: no limit
    release: [{to: model 123 offset 9, value: 0}]
)");
    Bench b(profile);
    b.loop.run_for(1s);
    const auto model = [&](std::uint16_t at, std::uint16_t id, std::uint16_t length) {
        b.set(at, std::vector<std::uint16_t>(length + 2u, 0xFFFF));
        b.set(at, {id, length});
    };
    // Base 50000; model 1 without its pad (65), an unknown model on the way, model 120 but no 121.
    b.set(50000, {0x5375, 0x6E53});
    model(50002, 1, 65);
    b.set(50004, {0x4D61, 0x6B65, 0});
    model(50069, 64200, 7);
    model(50078, 103, 50);
    b.set(50078 + 14, {static_cast<std::uint16_t>(-123), 1});
    model(50130, 120, 26);
    b.set(50130 + 3, {5000, 0});
    model(50158, 123, 24);
    b.set(50158 + 23, {0xFFFE});
    b.set(50184, {0xFFFF});
    const Status opened = b.open();
    INFO((opened ? "" : opened.error().text));
    REQUIRE(opened.has_value());
    CHECK(b.device.info().maker == "Make");
    CHECK(b.value(b.poll(PollClass::critical), Role::ac_power) == -1230);
    CHECK(b.value(b.poll(PollClass::slow), Role::ac_power_rated) == 5000);
    const auto held = b.apply(62.5, 60s, {Role::ac_power_limit_percent_set, 0});
    REQUIRE(held.has_value());
    CHECK(*held == 62.5);
    CHECK(b.writes() == "50163=6250 50165=60 50167=1");
    REQUIRE(b.run(b.device.release({Role::ac_power_limit_percent_set, 0})).has_value());
    CHECK(b.writes() == "50167=0");

    b.set(50000, {0});
    const Status lost = b.open();
    REQUIRE_FALSE(lost.has_value());
    CHECK(lost.error().text.find("no SunSpec mark at 40000, 50000, 0") != std::string::npos);
}

TEST_CASE("SunSpec: a chain that never ends is not followed for ever") {
    Bench b(loaded(R"(profile: test/sunspec
source: "test"
verified: "test"
products: [{brand: Test, models: [S1]}]
bus: {protocol: modbus}
sunspec: {bases: [0], models: {103: 50}}
identify: {maker: Test}
points:
  ac.power: {read: model 103 offset 14, type: s16, unit: W, exponent: 15, sign: export_positive}
)"));
    for (std::uint32_t a = 0; a <= 0xFFFF; ++a) b.unit.holding[static_cast<std::uint16_t>(a)] = 0;
    b.set(0, {0x5375, 0x6E53});
    const Status opened = b.open();
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().kind == Errc::malformed);
    CHECK(b.bus.asked.size() < 300);
}
