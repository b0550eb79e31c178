#pragma once
// Words about a site that configuration, live state and control share.
#include <cstdint>
#include <string_view>

namespace busbar::model {

// What a device is at this site; decides which of its roles count where.
enum class Use : std::uint8_t {
    grid_meter,  // measures the grid connection point; exactly one per site
    pv,          // PV inverter
    hybrid,      // PV and battery behind one inverter
    battery,     // AC-coupled battery
    charger,     // charges cars; behind the grid connection point, part of what the house takes
    sub_meter,   // measures something behind the grid connection point; shown, not in the balance
};

inline std::string_view to_string(Use use) {
    switch (use) {
        case Use::grid_meter:
            return "grid_meter";
        case Use::pv:
            return "pv";
        case Use::hybrid:
            return "hybrid";
        case Use::battery:
            return "battery";
        case Use::charger:
            return "charger";
        case Use::sub_meter:
            return "sub_meter";
    }
    return "sub_meter";
}

}  // namespace busbar::model
