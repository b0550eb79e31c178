#pragma once
// What a search is told about the site: its buses, who is known on them, and the devices that are known
// anywhere. Plain data with
// pointers to what stays while the search runs.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/modbus_bus.hpp"
#include "discovery/line/scan.hpp"
#include "profile/profile.hpp"

namespace busbar::discovery {

// A device of the site: its unit is not asked.
struct KnownUnit {
    std::uint8_t unit = 0;
    std::string device, profile;  // its id and the name of its profile
    model::Use use = model::Use::sub_meter;
    std::string maker{}, model{}, serial{}, firmware{};  // as it said when it was opened; before, as the site says
};

// A bus of the site. `bus` must stay until the search has ended.
struct SearchedBus {
    std::string id;
    bus::ModbusBus* bus = nullptr;
    std::optional<LineSettings> line;  // serial: as configured; none: over TCP
    std::string host;                  // TCP
    std::uint16_t port = 0;
    std::vector<KnownUnit> known;
};

using Profiles = std::vector<std::shared_ptr<const profile::Profile>>;

// What is known about devices anywhere.
struct Catalogue {
    Profiles profiles;
    std::vector<profile::FirmwareRule> firmware;  // of devices that have no profile
};

}  // namespace busbar::discovery
