// Settings of a device, through ModbusDevice.
#include "device/rigs/device_bench.hpp"

using namespace busbar;
using namespace busbar::device;

namespace {

constexpr std::string_view inverter_profile = R"(profile: test/inverter
source: "test"
verified: "test"
products: [{brand: Test, models: [B1]}]
bus: {protocol: modbus, max_registers: 20, max_gap: 2, timeout: 500ms}
identify: {maker: Test, model: {read: holding 10, count: 2, starts_with: B}}
points:
  battery.soc: {read: holding 101, type: u16, unit: "%"}
controls:
  battery.power.set:
    write: [{to: holding 200, type: s16, unit: W, sign: charge_positive, value: setpoint}]
    release: [{to: holding 200, value: 0}]
    range: [-5000, 5000]
    falls_back_after: never
settings:
  feed_in_limit:
    {text: Largest feed-in power, at: holding 300, type: u16, unit: 0.1 kW, range: [0, 5000], access: installer,
     before: [{to: holding 310, value: 1000}], danger: Set what the grid operator demands.}
  feed_in_mode: {text: Feed-in limitation, at: holding 301, access: owner, choices: {0: unlimited, 6: limit in W}}
  reserve: {text: Reserve, at: holding 302, unit: "%", range: [10, 90], step: 5, access: owner, applies: after a restart}
  baud: {text: Baud rate, at: holding 305, choices: {0: "9600", 1: "19200"}, access: installer, verify: false}
  ratio: {text: Ratio, at: holding 320, type: f32, range: [1, 10], access: installer}
  code: {text: Grid code, at: holding 303, access: nobody, choices: {7: Germany}}
)";

struct SettingBench : Bench {
    SettingBench() : Bench(loaded(inverter_profile)) {
        set(10, {0x4231, 0});
        set(101, {55});
        set(200, {0});
        set(300, {28, 6, 20, 7, 0, 0});
        set(310, {0});
        set(320, {0x3F80, 0});  // 1.0
        loop.run_for(1s);
        REQUIRE(open().has_value());
    }
    Result<SettingWritten> write(std::string key, double value) {
        return run(device.write_setting(std::move(key), value));
    }
    std::vector<SettingValue> read() {
        auto values = run(device.read_settings());
        REQUIRE(values.has_value());
        return *values;
    }
};

}  // namespace

TEST_CASE("a device tells its settings, and reads them behind what control needs") {
    SettingBench b;
    REQUIRE(b.device.info().settings);
    const std::vector<SettingInfo>& infos = *b.device.info().settings;
    REQUIRE(infos.size() == 6);
    CHECK(infos[0].key == "feed_in_limit");
    CHECK(infos[0].unit == "W");
    CHECK(infos[0].max == 5000);
    CHECK(infos[0].step == 100);
    CHECK_FALSE(infos[0].is_owners);
    CHECK(infos[0].danger == "Set what the grid operator demands.");
    CHECK(infos[1].is_owners);
    CHECK(infos[1].choices.at(1).second == "limit in W");
    CHECK(infos[2].applies == "after a restart");
    CHECK_FALSE(infos[5].is_writable);
    b.bus.asked.clear();
    const auto values = b.read();
    REQUIRE(values.size() == 6);
    CHECK(values[0].value == 2800);
    CHECK(values[1].value == 6);
    CHECK(values[2].value == 20);
    CHECK(values[4].value == 1);
    CHECK(values[5].value == 7);
    CHECK(b.bus.asked.size() == 2);  // 300..305 over a gap, and 320..321
    for (const FakeBus::Asked& asked : b.bus.asked) CHECK(asked.urgency == bus::Urgency::by_hand);
}

TEST_CASE("what a device lacks is said, the rest is read") {
    SettingBench b;
    b.unit.holding.erase(302);
    const auto values = b.read();
    CHECK(values[0].value == 2800);
    CHECK_FALSE(values[2].value.has_value());
    CHECK(values[2].problem == "this device does not have it");
    CHECK(values[5].value == 7);
    CHECK(b.write("reserve", 30).error().kind == Errc::unsupported);
    b.unit.is_silent = true;
    CHECK(b.run(b.device.read_settings()).error().kind == Errc::timeout);
}

TEST_CASE("a setting is unlocked, written in its turn and read back") {
    SettingBench b;
    const auto written = b.write("feed_in_limit", 3000);
    REQUIRE_MESSAGE(written.has_value(), (written ? "" : written.error().text));
    CHECK(written->before == 2800);
    CHECK(written->value == 3000);
    for (const FakeBus::Written& w : b.bus.written) CHECK(w.urgency == bus::Urgency::by_hand);
    CHECK(b.writes() == "310=1000 300=30");
    // What stands already is not written: such memory wears out.
    CHECK(b.write("feed_in_limit", 3000)->value == 3000);
    CHECK(b.writes().empty());
    REQUIRE(b.write("ratio", 2.5).has_value());
    CHECK(b.writes() == "320=16416,0");
    // What cannot be read back goes out once, and is taken for what was written.
    b.unit.holding.erase(305);
    const auto baud = b.write("baud", 1);
    REQUIRE_MESSAGE(baud.has_value(), (baud ? "" : baud.error().text));
    CHECK_FALSE(baud->before.has_value());
    CHECK(baud->value == 1);
    CHECK(b.writes() == "305=1");
}

TEST_CASE("what a setting does not offer is refused before a byte is sent") {
    SettingBench b;
    b.bus.asked.clear();
    struct Case {
        std::string key;
        double value;
        Errc kind;
        std::string text;
    };
    const Case cases[] = {
        {"feed_in_limit", 5100, Errc::out_of_range, "feed_in_limit: 5100 W is outside 0 W to 5000 W"},
        {"feed_in_limit", -100, Errc::out_of_range, "feed_in_limit: -100 W is outside 0 W to 5000 W"},
        {"feed_in_limit", 2850, Errc::out_of_range,
         "feed_in_limit: 2850 W lies between the steps; the nearest are 2800 W and 2900 W"},
        {"feed_in_limit", std::nan(""), Errc::out_of_range, "feed_in_limit: is no number"},
        {"feed_in_limit", INFINITY, Errc::out_of_range, "feed_in_limit: is no number"},
        {"feed_in_mode", 5, Errc::out_of_range, "feed_in_mode: 5 is none of its choices; it begins with 0 (unlimited)"},
        {"reserve", 12, Errc::out_of_range, "reserve: 12 % lies between the steps; the nearest are 10 % and 15 %"},
        {"code", 7, Errc::denied, "code: is only shown; it is set at the device itself"},
        {"no_such", 1, Errc::unsupported, "'no_such' is no setting of test/inverter"},
    };
    for (const Case& c : cases) {
        const auto written = b.write(c.key, c.value);
        REQUIRE_FALSE(written.has_value());
        CHECK(written.error().kind == c.kind);
        CHECK(written.error().text == c.text);
    }
    CHECK(b.writes().empty());
    CHECK(b.bus.asked.empty());
}

TEST_CASE("a device that says yes and holds something else is found out") {
    SettingBench b;
    b.unit.on_write = [](FakeBus::Unit& unit, std::uint16_t address) {
        if (address == 300) unit.holding[300] = 28;
    };
    const auto written = b.write("feed_in_limit", 3000);
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().kind == Errc::refused);
    CHECK(written.error().text == "feed_in_limit: wrote 3000 W, the device holds 2800 W");
}

TEST_CASE("a device that takes a moment to take over is given it") {
    SettingBench b;
    int reads = 0;
    b.unit.on_write = [](FakeBus::Unit& unit, std::uint16_t address) {
        if (address == 302) unit.holding[302] = 20;
    };
    auto later = [](SettingBench& bench, int&) -> Task<void> {
        co_await bench.loop.sleep_for(500ms);
        bench.unit.holding[302] = 30;
    };
    b.loop.spawn("device", later(b, reads));
    const auto written = b.write("reserve", 30);
    REQUIRE_MESSAGE(written.has_value(), (written ? "" : written.error().text));
    CHECK(written->value == 30);
}

TEST_CASE("after a lost answer the device is asked; when it says nothing, nobody claims to know") {
    SettingBench b;
    // The write arrived, its answer did not, the read-back did.
    b.unit.lost_write_answers = 1;
    auto written = b.write("reserve", 30);
    REQUIRE_MESSAGE(written.has_value(), (written ? "" : written.error().text));
    CHECK(written->value == 30);
    // Neither arrived.
    b.unit.silent_after = 1;
    written = b.write("reserve", 40);
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().kind == Errc::timeout);
    CHECK(written.error().text.find("reserve: whether 40 % or 30 % holds now is not known (") == 0);
    CHECK(written.error().text.find("read the settings again") != std::string::npos);
    // The device was away before the write.
    written = b.write("reserve", 40);
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().text.find("reserve: nothing was written: read holding 302") == 0);
}

TEST_CASE("a refusal is told with what may help, and a second write waits") {
    SettingBench b;
    b.unit.refused_writes = {300};
    const auto refused = b.write("feed_in_limit", 3000);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == Errc::refused);
    CHECK(refused.error().text.find("feed_in_limit: the device refuses 3000 W") == 0);
    CHECK(refused.error().text.find("exception 3") != std::string::npos);

    std::optional<Result<SettingWritten>> first, second;
    b.loop.spawn("first", Bench::keep(b.device.write_setting("reserve", 50), first));
    b.loop.spawn("second", Bench::keep(b.device.write_setting("feed_in_mode", 0), second));
    b.loop.run_for(5s);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->has_value());
    REQUIRE_FALSE(second->has_value());
    CHECK(second->error().kind == Errc::unavailable);
}

TEST_CASE("a setpoint passes a setting that is being written, and both hold") {
    SettingBench b;
    std::optional<Result<SettingWritten>> written;
    std::optional<Result<double>> held;
    b.loop.spawn("setting", Bench::keep(b.device.write_setting("feed_in_limit", 4000), written));
    b.loop.spawn("setpoint", Bench::keep(b.device.apply({{Role::battery_power_set, 0}, -2000, 60s}), held));
    b.loop.run_for(5s);
    REQUIRE(written);
    REQUIRE(held);
    CHECK((*written)->value == 4000);
    CHECK(held->value() == -2000);
    for (const FakeBus::Written& w : b.bus.written)
        CHECK(w.urgency == (w.address == 200 ? bus::Urgency::setpoint : bus::Urgency::by_hand));
}

TEST_CASE("a device without settings says so, and one that is not open too") {
    Bench none;
    REQUIRE(none.open().has_value());
    CHECK_FALSE(none.device.info().settings);
    CHECK(none.run(none.device.read_settings())->empty());
    CHECK(none.run(none.device.write_setting("x", 1)).error().kind == Errc::unsupported);
    Bench closed(loaded(inverter_profile));
    CHECK(closed.run(closed.device.write_setting("reserve", 20)).error().kind == Errc::unavailable);
    CHECK(closed.run(closed.device.read_settings()).error().kind == Errc::unavailable);
}
