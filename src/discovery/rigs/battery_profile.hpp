#pragma once
// The one family that tests of a search look for: a battery that says "B1", and its registers on a FakeBus.
#include <doctest/doctest.h>

#include <memory>
#include <string_view>

#include "device/rigs/fake_bus.hpp"
#include "discovery/searched.hpp"
#include "profile/load/load.hpp"

namespace busbar::discovery {

inline Profiles battery_profiles() {
    constexpr std::string_view text = R"(profile: test/b
source: "test"
verified: "test"
products: [{brand: Test, models: [B1]}]
bus: {protocol: modbus, max_registers: 20}
identify:
  maker: Test
  model: {read: holding 10, count: 1, starts_with: B}
points:
  battery.soc: {read: holding 101, type: u16, unit: "%"}
)";
    auto loaded = profile::load(text, "test.yaml");
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text));
    return {std::make_shared<const profile::Profile>(std::move(*loaded))};
}

// "B1", half full.
inline void plug_battery(device::FakeBus& bus, std::uint8_t unit) {
    bus.units[unit].holding = {{10, 0x4231}, {101, 50}};
}

}  // namespace busbar::discovery
