// A device that answers "illegal data address" for a while, as many do when they start up: nothing stays lost. The
// grid meter here has the real profile, and the registry polls it as in the gateway.
#include <bit>
#include <fstream>
#include <sstream>

#include "device/registry.hpp"
#include "device/rigs/device_bench.hpp"

using namespace busbar;
using namespace busbar::device;

namespace {

std::shared_ptr<const profile::Profile> from_file(const std::string& file) {
    std::ifstream in(file);
    REQUIRE(in.good());
    std::stringstream text;
    text << in.rdbuf();
    return loaded(text.str());
}

struct Meter {
    VirtualLoop loop;
    FakeBus bus{loop};
    FakeBus::Unit& unit = bus.units[1];
    model::Reading power, voltage;
    int openings = 0;
    std::vector<std::string> troubles;  // every health problem, in turn
    Registry registry{
        loop,
        {[this](std::size_t) { ++openings; }, [this](std::size_t, const PollResult& result) { keep(result); },
         [this](std::size_t, const Health& health) { troubles.push_back(health.problem); }}};

    Meter() {
        for (std::uint16_t a = 0; a < 80; ++a) unit.input[a] = 0;
        set(0, 230);
        set(52, 300);
        set(70, 50);
        loop.run_for(1s);  // instants in answers are not the epoch
        registry.add(std::make_unique<ModbusDevice>(loop, bus, from_file("profiles/eastron/sdm630.yaml"),
                                                    ModbusDeviceOptions{"grid", "Grid", 1, std::nullopt}),
                     {500ms, 10s, 10min});
        registry.start();
    }
    void set(std::uint16_t at, float value) {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        unit.input[at] = static_cast<std::uint16_t>(bits >> 16);
        unit.input[static_cast<std::uint16_t>(at + 1)] = static_cast<std::uint16_t>(bits);
    }
    void keep(const PollResult& result) {
        for (const PointReading& r : result.readings) {
            const Role role = registry.info(0).points[r.point].role.role;
            if (role == Role::meter_power) power = r.reading;
            if (role == Role::meter_voltage && registry.info(0).points[r.point].role == model::RoleKey{role, 1})
                voltage = r.reading;
        }
    }
    bool has_fresh(const model::Reading& reading, Duration max_age) const {
        return reading.fresh(loop.now(), max_age).has_value();
    }
    const Health& health() const { return registry.health(0); }
};

}  // namespace

TEST_CASE("three seconds of exception 2 cost the grid meter three seconds") {
    Meter meter;
    meter.loop.run_for(25s);
    REQUIRE(meter.has_fresh(meter.power, 1s));
    REQUIRE(meter.health().problem.empty());
    meter.unit.refuses = true;
    meter.loop.run_for(3s);
    CHECK(meter.power.quality == Quality::invalid);
    CHECK(meter.loop.now() - meter.power.at <= 1s);
    CHECK(meter.health().state == DeviceState::online);  // it answers
    CHECK(meter.health().problem == "meter.power is refused: read input 52..53: exception 2: illegal data address");
    meter.unit.refuses = false;
    meter.loop.run_for(2s);
    CHECK(meter.has_fresh(meter.power, 1s));
    CHECK(meter.health().problem.empty());
    CHECK(meter.openings == 1);
}

TEST_CASE("a single exception 2 is no news: the last value ages until the next poll") {
    Meter meter;
    meter.loop.run_for(25s);
    meter.unit.refuses = true;
    meter.loop.run_for(500ms);
    meter.unit.refuses = false;
    CHECK(meter.power.quality == Quality::good);
    CHECK(meter.loop.now() - meter.power.at >= 500ms);
    meter.loop.run_for(1s);
    CHECK(meter.has_fresh(meter.power, 600ms));
    CHECK(meter.troubles == std::vector<std::string>{""});
}

TEST_CASE("a long refusal is over at once, leaves no split plan and does not load the bus") {
    Meter meter;
    meter.loop.run_for(25s);
    meter.bus.asked.clear();
    meter.loop.run_for(100s);
    const std::size_t usual = meter.bus.asked.size();
    meter.unit.refuses = true;
    meter.loop.run_for(20s);  // the first telemetry poll splits its blocks
    meter.bus.asked.clear();
    meter.loop.run_for(100s);
    CHECK(meter.bus.asked.size() <= usual + 40);
    CHECK(meter.health().state == DeviceState::online);
    CHECK_FALSE(meter.health().problem.empty());
    CHECK(meter.voltage.quality == Quality::invalid);
    meter.unit.refuses = false;
    meter.loop.run_for(15s);
    CHECK(meter.has_fresh(meter.power, 1s));
    CHECK(meter.has_fresh(meter.voltage, 15s));
    CHECK(meter.health().problem.empty());
    meter.bus.asked.clear();
    meter.loop.run_for(100s);
    CHECK(meter.bus.asked.size() <= usual + 1);
    CHECK(meter.openings == 1);
}

TEST_CASE("a meter that refuses everything and then falls silent is offline as any other") {
    Meter meter;
    meter.loop.run_for(25s);
    meter.unit.refuses = true;
    meter.loop.run_for(10s);
    meter.unit.is_silent = true;
    meter.loop.run_for(10s);
    CHECK(meter.health().state == DeviceState::offline);
    meter.unit.is_silent = false;  // it starts up
    meter.loop.run_for(20s);
    meter.unit.refuses = false;
    meter.loop.run_for(35s);
    CHECK(meter.has_fresh(meter.power, 1s));
    CHECK(meter.health().state == DeviceState::online);
    CHECK(meter.health().problem.empty());
}

TEST_CASE("a meter that refuses everything while it is opened is there within 15 s of its first good answer") {
    Meter meter;
    meter.unit.refuses = true;
    meter.loop.run_for(3s);
    CHECK(meter.openings == 0);
    CHECK(meter.health().problem.find("grid frequency is refused") == 0);
    meter.unit.refuses = false;
    meter.loop.run_for(15s);
    CHECK(meter.has_fresh(meter.power, 1s));
    CHECK(meter.health().state == DeviceState::online);
    CHECK(meter.health().problem.empty());
}

TEST_CASE("power alone refused at the first opening is there within 15 s of its first good answer") {
    Meter meter;
    meter.unit.input.erase(52);
    meter.loop.run_for(3s);
    REQUIRE(meter.openings == 1);
    CHECK(meter.power.quality == Quality::unknown);
    meter.set(52, 300);
    meter.loop.run_for(15s);
    CHECK(meter.has_fresh(meter.power, 1s));
    CHECK(meter.openings == 2);
    CHECK(meter.health().problem.empty());
}

TEST_CASE("what was good before is not dropped by another opening that meets a refusal") {
    Meter meter;
    meter.loop.run_for(25s);
    meter.unit.is_silent = true;
    meter.loop.run_for(5s);
    REQUIRE(meter.health().state == DeviceState::offline);
    meter.unit.input.erase(52);
    meter.unit.is_silent = false;
    meter.loop.run_for(20s);
    REQUIRE(meter.openings == 2);
    CHECK(meter.health().state == DeviceState::online);
    CHECK(meter.health().problem.find("meter.power is refused") == 0);
    CHECK(meter.power.quality == Quality::invalid);
    meter.set(52, 300);
    meter.loop.run_for(2s);
    CHECK(meter.has_fresh(meter.power, 1s));
    CHECK(meter.openings == 2);
}

TEST_CASE("registers this model never had are no problem and are asked for ever more rarely") {
    Meter meter;
    for (std::uint16_t a = 60; a < 64; ++a) meter.unit.input.erase(a);
    meter.loop.run_for(60min);
    CHECK(meter.health().problem.empty());
    CHECK(meter.troubles == std::vector<std::string>{""});
    meter.bus.asked.clear();
    meter.loop.run_for(60min);
    const auto asked = std::count_if(meter.bus.asked.begin(), meter.bus.asked.end(),
                                     [](const FakeBus::Asked& a) { return a.block.address == 60; });
    CHECK(asked >= 5);
    CHECK(asked <= 7);
}

TEST_CASE("one point refused among good ones is asked at most each ten seconds, and is back within them") {
    Bench b;
    REQUIRE(b.open().has_value());
    for (const PollClass c : {PollClass::critical, PollClass::telemetry, PollClass::slow}) b.poll(c);
    b.unit.holding.erase(101);
    const auto poll_each_second = [&](int seconds) {
        PollResult last;
        for (int i = 0; i < seconds; ++i) {
            b.loop.run_for(1s);
            last = b.poll(PollClass::critical);
        }
        return last;
    };
    poll_each_second(40);
    b.bus.asked.clear();
    PollResult result = poll_each_second(100);
    CHECK(b.value(result, Role::battery_power) == 1200);
    CHECK(b.bus.asked.size() <= 111);
    REQUIRE(result.failures.size() == 1);
    CHECK(result.failures[0].text.find("battery.soc is refused: read holding 101..101: exception 2") == 0);
    b.set(101, {56});
    result = poll_each_second(12);
    CHECK(b.value(result, Role::battery_soc) == 56);
    CHECK(result.failures.empty());
    b.bus.asked.clear();
    poll_each_second(1);
    CHECK(b.bus.asked.size() == 1);
}
