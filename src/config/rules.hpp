#pragma once
// What may stand in a site beside what is there already: one address for one device, one grid meter, chargers where
// they may hang, no more devices than the installer allows. Pure; asked by the loader for a file written by hand and by
// the gateway before it changes a site. Each error names who holds what is wanted, and the remedy.
//
// Kinds of errors: out_of_range (a value no device or bus can have), denied (another one is in the way, or the site's
// limit), unsupported (what is named is not in the site).
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/site_config.hpp"

namespace busbar::config {

inline constexpr std::size_t max_name_bytes = 64;
inline constexpr std::size_t max_serial_bytes = 32;

bool is_id(std::string_view text);
inline constexpr std::string_view id_rule = "letters, digits, '-' and '_', 1 to 32 of them";

// Letters and digits, and '-', '_', '/', '.' as some makers print them. Devices of the makers whose portal knows ten
// characters have exactly ten letters and digits.
Status check_serial(std::string_view serial, std::string_view profile);
// 1 to 64 bytes of text without control characters.
Status check_name(std::string_view name);
// What a unit id may be on this link: 1..247 on a serial line or behind a serial server, 0..255 over TCP.
Status check_unit(const BusConfig& bus, int unit);

// What stands against a device beside the others of the site: its id, its address, its serial number, a second grid
// meter. A device of which this is wrong cannot be in service. `device` itself is not in `site`.
Status check_place(const SiteConfig& site, const DeviceConfig& device);

// Whole changes: values, place, wiring of chargers and limits.
Status may_add(const SiteConfig& site, const DeviceConfig& device);
// The device with the same id becomes `wanted`: another name, use, place or profile. Limits count when it moves.
Status may_change(const SiteConfig& site, const DeviceConfig& wanted);

// What somebody says about a device that is to be deleted. It must be all true, so that nobody deletes another one.
struct DevicePlace {
    std::string bus, profile;
    int unit = 1;
};
Status may_remove(const SiteConfig& site, std::string_view id, const DevicePlace& said);

Status may_add_bus(const SiteConfig& site, const BusConfig& bus);
Status may_change_bus(const SiteConfig& site, const BusConfig& wanted);
Status may_remove_bus(const SiteConfig& site, std::string_view id);

// Who may read and write devices through the gateway: devices of the site, clients of private networks, a write right
// for devices that the client may read.
Status may_share(const SiteConfig& site, const ModbusServerConfig& wanted);

// Where a file written by hand goes beyond its limits or breaks a rule of wiring: told, never an outage.
std::vector<std::string> doubts(const SiteConfig& site);

const DeviceConfig* find_device(const SiteConfig& site, std::string_view id);
const BusConfig* find_bus(const SiteConfig& site, std::string_view id);

}  // namespace busbar::config
