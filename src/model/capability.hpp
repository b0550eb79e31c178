#pragma once
// Capabilities: named sets of roles, computed when a profile is loaded. A site that needs a missing one fails at
// configuration time, with the profile's line.
#include <cstdint>
#include <span>
#include <string_view>

#include "model/role.hpp"

namespace busbar::model {

enum class Capability : std::uint8_t {
    meters_power,         // meter.power
    produces_ac,          // ac.power
    produces_pv,          // pv.power or ac.power of a PV inverter
    stores_energy,        // battery.power and battery.soc
    sets_battery_power,   // battery.power.set
    limits_feed_in,       // ac.power.limit.set or ac.power.limit_percent.set
    charges_cars,         // charger.power or charger.state
    limits_charging,      // charger.current.limit.set
    senses_weather,       // env.*
    count_
};

class Capabilities {
public:
    bool has(Capability c) const { return bits_ >> static_cast<unsigned>(c) & 1; }
    void add(Capability c) { bits_ |= 1u << static_cast<unsigned>(c); }
    bool operator==(const Capabilities&) const = default;

private:
    std::uint32_t bits_ = 0;
};

std::string_view to_string(Capability c);            // "meters_power"
Capabilities capabilities_of(std::span<const RoleKey> roles);

}  // namespace busbar::model
