#pragma once
// How a device stands with the gateway: kept by device/registry, carried by live state, shown by API and web.
#include <cstdint>
#include <string_view>

namespace busbar::model {

enum class DeviceState : std::uint8_t {
    starting,  // not opened yet
    online,
    offline,      // silent, or cannot be reached
    quarantined,  // broken configuration or profile, or another device than configured
};

inline std::string_view to_string(DeviceState state) {
    switch (state) {
        case DeviceState::starting:
            return "starting";
        case DeviceState::online:
            return "online";
        case DeviceState::offline:
            return "offline";
        case DeviceState::quarantined:
            return "quarantined";
    }
    return "offline";
}

}  // namespace busbar::model
