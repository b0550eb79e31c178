#pragma once
// What the tests of ModbusDevice share: a battery's profile, and one device with its loop and its bus.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "base/virtual_loop.hpp"
#include "device/modbus_device.hpp"
#include "device/rigs/fake_bus.hpp"
#include "profile/load/load.hpp"

namespace busbar::device {

using namespace std::chrono_literals;
using model::Quality;
using model::Role;

inline constexpr std::string_view battery_profile = R"(profile: test/battery
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

inline std::shared_ptr<const profile::Profile> loaded(std::string_view text) {
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
    Bench() : Bench(loaded(battery_profile)) { fill(); }
    // The registers of the battery.
    void fill() {
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
        for (int i = 0; i < 600 && !result; ++i) loop.run_for(100ms);
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

}  // namespace busbar::device
