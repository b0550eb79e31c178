#pragma once
// What the gateway must know of firmware upgrades when it starts again: for each device the last one, and whether it
// was under way. One text file in the data folder, written as a whole. Pure, but for reading.
#include <map>
#include <string>
#include <string_view>

#include "api/commissioning.hpp"
#include "device/device.hpp"

namespace busbar::gateway {

struct UpgradeRecord {
    device::UpgradeState state;
    std::string image;              // its SHA-256: the file's name in the upgrade area
    std::uint64_t size = 0;         // of the image, bytes
    std::string username, address;  // who ordered it
    bool is_under_way = false;      // when this was written
};
using UpgradeRecords = std::map<std::string, UpgradeRecord>;  // by device id

std::string to_text(const UpgradeRecords& records);
// What cannot be understood is left out: the file may be damaged, or of a later version.
UpgradeRecords parse_upgrade_records(std::string_view text);
// Nothing when there is no file, or a strange one.
UpgradeRecords read_upgrade_records(const std::string& path);

api::UpgradeView view_of(const UpgradeRecord& record);

}  // namespace busbar::gateway
