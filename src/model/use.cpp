#include "model/use.hpp"

#include <algorithm>

namespace busbar::model {

bool can_be(Use use, std::span<const RoleKey> roles) {
    const auto has = [&](Role role) { return std::find(roles.begin(), roles.end(), RoleKey{role, 0}) != roles.end(); };
    const bool tells_power = has(Role::ac_power) || has(Role::pv_power);
    switch (use) {
        case Use::grid_meter:
            return has(Role::meter_power);
        case Use::pv:
            return tells_power;
        case Use::hybrid:
            return tells_power && (has(Role::battery_power) || has(Role::battery_soc));
        case Use::battery:
            return has(Role::battery_power);
        case Use::charger:
            return has(Role::charger_power) || has(Role::charger_state);
        case Use::sub_meter:
            return true;
    }
    return false;
}

std::vector<Use> uses_of(std::span<const RoleKey> roles) {
    std::vector<Use> uses;
    for (const Use use : {Use::grid_meter, Use::pv, Use::hybrid, Use::battery, Use::charger, Use::sub_meter})
        if (can_be(use, roles)) uses.push_back(use);
    return uses;
}

std::string_view need_of(Use use) {
    switch (use) {
        case Use::grid_meter:
            return "meter.power";
        case Use::pv:
            return "ac.power or pv.power";
        case Use::hybrid:
            return "ac.power or pv.power, and battery.power or battery.soc";
        case Use::battery:
            return "battery.power";
        case Use::charger:
            return "charger.power or charger.state";
        case Use::sub_meter:
            return "";
    }
    return "";
}

}  // namespace busbar::model
