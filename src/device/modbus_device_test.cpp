// Identity, polling and SunSpec of ModbusDevice; setpoints are in setpoint_writer_test.cpp.
#include "device/rigs/device_bench.hpp"

using namespace busbar;
using namespace busbar::device;

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

TEST_CASE("a device with another serial number than expected waits until somebody has looked") {
    Bench b;
    const auto open_expecting = [&](const std::string& serial) {
        ModbusDeviceOptions options;
        options.id = "battery";
        options.unit = 3;
        options.expected_serial = serial;
        ModbusDevice device(b.loop, b.bus, loaded(battery_profile), options);
        return b.run(device.open());
    };
    CHECK(open_expecting("SNA").has_value());
    const Status other = open_expecting("SNB");
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().kind == Errc::unsupported);
    CHECK(other.error().text.find("expected SN SNB, found SNA; if it was exchanged, replace it under its name") !=
          std::string::npos);
}

TEST_CASE("a device that could tell its serial number and does not is read, and nothing is written to it") {
    Bench b;
    b.set(20, {0, 0});
    ModbusDeviceOptions options;
    options.id = "battery";
    options.unit = 3;
    options.expected_serial = "SNA";
    ModbusDevice device(b.loop, b.bus, loaded(battery_profile), options);
    const SetpointWrite setpoint{{Role::battery_power_set, 0}, 800, 60s};
    REQUIRE(b.run(device.open()).has_value());
    const auto writes_are = [&](Errc kind) {
        const auto applied = b.run(device.apply(setpoint));
        REQUIRE_FALSE(applied.has_value());
        CHECK(applied.error().kind == kind);
        CHECK(b.run(device.release(setpoint.role)).error().kind == kind);
        CHECK(b.run(device.write_setting("none", 1)).error().kind == kind);
        CHECK(b.run(device.keep_clock({})).error().kind == kind);
        CHECK(b.writes().empty());
        return applied.error().text;
    };
    CHECK(writes_are(Errc::denied).starts_with("expected SN SNA, and it tells none: it is read"));
    const PollResult polled = b.run(device.poll(PollClass::critical));
    CHECK(polled.readings.size() == 2);  // its values are there, and the reason stands beside them
    REQUIRE(polled.failures.size() == 1);
    CHECK(polled.failures[0].text.find("take the number out of its configuration") != std::string::npos);

    SUBCASE("until it tells the right one") {
        b.set(20, {0x534E, 0x1B41});
        b.loop.run_for(10s);
        b.run(device.poll(PollClass::critical));
        CHECK(device.wants_reopen());
        CHECK_FALSE(b.run(device.apply(setpoint)).has_value());
        REQUIRE(b.run(device.open()).has_value());
        CHECK(b.run(device.apply(setpoint)).has_value());
        CHECK(b.run(device.poll(PollClass::critical)).failures.empty());
        CHECK(device.info().serial == "SNA");
    }
    SUBCASE("and not when it turns out to be another one") {
        b.set(20, {0x5858, 0x5858});
        b.loop.run_for(10s);
        b.run(device.poll(PollClass::critical));
        REQUIRE(device.wants_reopen());
        CHECK(b.run(device.open()).error().kind == Errc::unsupported);
        writes_are(Errc::denied);
    }
    SUBCASE("it may be another one each time it was away") {
        b.set(20, {0x534E, 0x1B41});
        REQUIRE(b.run(device.open()).has_value());
        REQUIRE(b.run(device.apply(setpoint)).has_value());
        b.writes();
        b.unit.is_silent = true;
        CHECK(b.run(device.open()).error().kind == Errc::timeout);
        b.unit.is_silent = false;
        writes_are(Errc::unavailable);  // what answers now has said nothing yet
    }
}

TEST_CASE("nothing is written to a stranger that took the place of ours") {
    Bench b;
    REQUIRE(b.open().has_value());
    REQUIRE(b.apply(800).has_value());
    b.writes();
    b.set(10, {0x5831, 0});
    CHECK(b.open().error().kind == Errc::unsupported);
    const auto applied = b.apply(900);
    REQUIRE_FALSE(applied.has_value());
    CHECK(applied.error().text.find("model reads 'X1'") != std::string::npos);
    CHECK(b.writes().empty());
}

TEST_CASE("nothing is written to a device that is kept off, however often it opens, until it may be used again") {
    Bench b;
    REQUIRE(b.open().has_value());
    b.device.keep_off(fail(Errc::unsupported, "this is device 'roof' once more"));
    const auto refused = [&] {
        const auto applied = b.apply(800);
        REQUIRE_FALSE(applied.has_value());
        CHECK(applied.error().kind == Errc::denied);
        CHECK(applied.error().text == "this is device 'roof' once more");
        CHECK(b.run(b.device.release({Role::battery_power_set, 0})).error().kind == Errc::denied);
        CHECK(b.run(b.device.write_setting("none", 1)).error().kind == Errc::denied);
        CHECK(b.run(b.device.keep_clock({})).error().kind == Errc::denied);
        CHECK(b.writes().empty());
    };
    refused();
    REQUIRE(b.open().has_value());
    refused();
    b.device.keep_off(std::nullopt);
    CHECK(b.apply(800).has_value());
}

TEST_CASE("a family that tells no serial number cannot be asked for one") {
    std::string text(battery_profile);
    const std::string serial = "  serial: {read: holding 20, count: 2}";
    text.erase(text.find(serial), serial.size());
    Bench b(loaded(text));
    b.fill();
    ModbusDeviceOptions options;
    options.id = "battery";
    options.unit = 3;
    options.expected_serial = "SNA";
    ModbusDevice device(b.loop, b.bus, loaded(text), options);
    REQUIRE(b.run(device.open()).has_value());
    CHECK(b.run(device.apply({{Role::battery_power_set, 0}, 800, 60s})).has_value());
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

TEST_CASE("a device that takes several requests at once gets a poll's reads together") {
    const auto take_at_once = [](std::string_view rules) {
        std::string text(battery_profile);
        text.replace(text.find("max_gap: 2"), 10, rules);
        Bench b(loaded(text));
        b.fill();
        REQUIRE(b.open().has_value());
        b.poll(PollClass::telemetry);
        b.bus.asked.clear();
        const Instant before = b.loop.now();
        const PollResult result = b.poll(PollClass::telemetry);
        CHECK(b.bus.asked.size() == 2);
        CHECK(result.failures.empty());
        CHECK(b.value(result, Role::battery_voltage) == 401.2);
        CHECK(b.value(result, Role::battery_temperature) == 21.5);
        Duration latest{};
        for (const PointReading& r : result.readings) latest = std::max(latest, r.reading.at - before);
        return latest;
    };
    CHECK(take_at_once("max_gap: 0, pipeline: 4") == 10ms);
    CHECK(take_at_once("max_gap: 0") == 20ms);
}

TEST_CASE("a device that takes several requests at once is split and found silent like others") {
    std::string text(battery_profile);
    text.replace(text.find("max_gap: 2"), 10, "max_gap: 9, pipeline: 4");
    Bench b(loaded(text));
    b.fill();
    b.unit.holding.erase(103);  // the hole between voltage and temperature
    REQUIRE(b.open().has_value());
    CHECK(b.device.info().points.size() == 6);
    b.poll(PollClass::telemetry);
    b.bus.asked.clear();
    const PollResult split = b.poll(PollClass::telemetry);
    CHECK(split.failures.empty());
    CHECK(b.value(split, Role::battery_temperature) == 21.5);
    CHECK(b.bus.asked.size() == 2);
    b.unit.is_silent = true;
    b.bus.asked.clear();
    const PollResult silent = b.poll(PollClass::telemetry);
    CHECK(silent.readings.empty());
    CHECK(silent.failures.size() == 2);
    CHECK(b.bus.asked.size() == 2);
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
    b.loop.run_for(10s);
    b.poll(PollClass::telemetry);
    CHECK(b.device.wants_reopen());
    REQUIRE(b.open().has_value());
    CHECK(b.device.info().points.size() == 5);
}

TEST_CASE("a register that vanishes later is invalid, does not harm its neighbours, and may come back") {
    Bench b;
    REQUIRE(b.open().has_value());
    for (const PollClass c : {PollClass::critical, PollClass::telemetry, PollClass::slow}) b.poll(c);
    b.unit.holding.erase(101);
    PollResult result = b.poll(PollClass::critical);
    CHECK(b.value(result, Role::battery_power) == 1200);
    CHECK(result.readings.size() == 1);  // one refusal is no news
    CHECK(result.failures.empty());
    b.loop.run_for(1s);
    result = b.poll(PollClass::critical);
    CHECK(b.value(result, Role::battery_power) == 1200);
    CHECK(result.readings.size() == 2);
    CHECK(result.failures.size() == 1);
    b.bus.asked.clear();
    CHECK(b.poll(PollClass::critical).readings.size() == 2);
    CHECK(b.bus.asked.size() == 1);
    b.set(101, {56});
    b.loop.run_for(2s);
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

TEST_CASE("a firmware that is known to fail, or not known to work, is told with the device") {
    const std::string rules = R"(firmware:
  - {models: [B1], known_good: [S1], too_old_below: R9, others: unsupported}
)";
    std::string text(battery_profile);
    const std::string serial = "  serial: {read: holding 20, count: 2}";
    text.replace(text.find(serial), serial.size(), "  firmware: {read: holding 20, count: 2}");
    Bench b(loaded(text + rules));
    b.fill();
    b.set(20, {0x5331, 0});  // "S1"
    REQUIRE(b.open().has_value());
    CHECK(b.device.info().firmware_support.verdict == profile::FirmwareVerdict::supported);
    b.set(20, {0x5332, 0});
    REQUIRE(b.open().has_value());
    CHECK(b.device.info().firmware_support.verdict == profile::FirmwareVerdict::unsupported);
    CHECK(b.device.info().firmware_support.text == "Firmware S2 is not among those known to work with B1: S1.");
    Bench none;
    REQUIRE(none.open().has_value());
    CHECK(none.device.info().firmware_support.verdict == profile::FirmwareVerdict::unknown);
    CHECK(none.device.info().firmware_support.text.empty());
}
