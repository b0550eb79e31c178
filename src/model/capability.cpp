#include "model/capability.hpp"

#include <algorithm>

namespace busbar::model {

std::string_view to_string(Capability c) {
    switch (c) {
        case Capability::meters_power: return "meters_power";
        case Capability::produces_ac: return "produces_ac";
        case Capability::produces_pv: return "produces_pv";
        case Capability::stores_energy: return "stores_energy";
        case Capability::sets_battery_power: return "sets_battery_power";
        case Capability::limits_feed_in: return "limits_feed_in";
        case Capability::charges_cars: return "charges_cars";
        case Capability::limits_charging: return "limits_charging";
        case Capability::senses_weather: return "senses_weather";
        case Capability::count_: break;
    }
    return "unknown";
}

Capabilities capabilities_of(std::span<const RoleKey> roles) {
    const auto has = [&](Role role) {
        return std::any_of(roles.begin(), roles.end(), [&](RoleKey key) { return key.role == role; });
    };
    Capabilities found;
    if (has(Role::meter_power)) found.add(Capability::meters_power);
    if (has(Role::ac_power)) found.add(Capability::produces_ac);
    if (has(Role::pv_power) || (has(Role::ac_power) && !has(Role::battery_power))) found.add(Capability::produces_pv);
    if (has(Role::battery_power) && has(Role::battery_soc)) found.add(Capability::stores_energy);
    if (has(Role::battery_power_set)) found.add(Capability::sets_battery_power);
    if (has(Role::ac_power_limit_set) || has(Role::ac_power_limit_percent_set)) found.add(Capability::limits_feed_in);
    if (has(Role::charger_power) || has(Role::charger_state)) found.add(Capability::charges_cars);
    if (has(Role::charger_current_limit_set)) found.add(Capability::limits_charging);
    if (std::any_of(roles.begin(), roles.end(), [](RoleKey key) {
            return key.role >= Role::env_irradiance && key.role <= Role::env_humidity;
        }))
        found.add(Capability::senses_weather);
    return found;
}

}  // namespace busbar::model
