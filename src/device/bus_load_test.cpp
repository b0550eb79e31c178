#include "device/bus_load.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/virtual_loop.hpp"
#include "device/profile_store.hpp"
#include "device/rigs/fake_bus.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

const ProfileStore& store() {
    static const std::filesystem::path folders[] = {"profiles"};
    static const ProfileStore profiles = ProfileStore::read(folders);
    return profiles;
}

std::size_t registers_in(const bus::budget::Demand& demand) {
    std::size_t sum = 0;
    for (const std::uint16_t n : demand.registers) sum += n;
    return sum;
}

Task<void> open_device(ModbusDevice& device) {
    const Status opened = co_await device.open();
    INFO((opened ? "" : opened.error().text));
    CHECK(opened.has_value());
}

}  // namespace

TEST_CASE("the load of a profile is what its plans read, and every shipped family fits a line of its own") {
    int seen = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("profiles")) {
        if (entry.path().extension() != ".yaml") continue;
        const std::string name = entry.path().parent_path().filename().string() + "/" + entry.path().stem().string();
        CAPTURE(name);
        const auto profile = store().find(name);
        REQUIRE(profile.has_value());
        const PollTiming timing;
        const bus::budget::Load load = load_of(**profile, timing, "d");
        const std::size_t all = registers_in(load.critical) + registers_in(load.telemetry) + registers_in(load.slow);
        CHECK(all > 0);
        for (const auto* d : {&load.critical, &load.telemetry, &load.slow}) {
            CHECK(d->registers.empty() == (d->period == Duration{0}));
            for (const std::uint16_t n : d->registers) CHECK(n <= (*profile)->bus.max_registers);
        }
        CHECK(load.writes.registers.empty() == (*profile)->controls.empty());
        const bus::budget::Load loads[] = {load};
        const auto plan = bus::budget::plan({(*profile)->bus.baud, 10}, loads);
        CHECK_MESSAGE(plan.verdict != bus::budget::Verdict::too_much, plan.text);
        CHECK(load.tolerated <= model::most_critical_age);  // or control would not count what is promised
        ++seen;
    }
    CHECK(seen >= 5);
}

TEST_CASE("an open device costs what it really reads") {
    VirtualLoop loop;
    FakeBus bus(loop);
    const auto profile = store().find("eastron/sdm630");
    REQUIRE(profile.has_value());
    FakeBus::Unit& unit = bus.units[1];
    for (std::uint32_t a = 0; a < 0x200; ++a) unit.input[static_cast<std::uint16_t>(a)] = 0;
    for (std::uint32_t a = 0xFC00; a < 0xFD00; ++a) unit.holding[static_cast<std::uint16_t>(a)] = 0;
    ModbusDevice device(loop, bus, *profile, {"meter", "Meter", 1, std::nullopt});
    const PollTiming timing{.critical = 500ms};
    const auto before = load_of(device, timing);
    CHECK(before.device == "meter");
    CHECK(before.critical.period == Duration{500ms});
    CHECK(before.critical.registers == load_of(**profile, timing).critical.registers);
    loop.spawn("open", open_device(device));
    loop.run_for(60s);
    const auto after = load_of(device, timing);
    bus.asked.clear();
    auto poll = [](ModbusDevice& d) -> Task<void> {
        (void)co_await d.poll(PollClass::critical);  // what open() read
        (void)co_await d.poll(PollClass::critical);
    };
    loop.spawn("poll", poll(device));
    loop.run_for(60s);
    REQUIRE(bus.asked.size() == after.critical.registers.size());
    for (std::size_t i = 0; i < bus.asked.size(); ++i) CHECK(bus.asked[i].block.count == after.critical.registers[i]);
}
