#include "model/fault.hpp"

#include <array>

#include "base/assert.hpp"

namespace busbar::model {
namespace {

using enum FaultKind;
using enum Severity;

constexpr std::array<FaultInfo, static_cast<std::size_t>(FaultKind::count_)> table{{
    {meter_silent, critical, "meter_silent", "The grid meter gives no values; the site runs on its safe limits.",
     "Check the meter's supply, wiring, address and baud rate."},
    {meter_implausible, critical, "meter_implausible",
     "The grid meter's values cannot be true; the site runs on its safe limits.",
     "Check the meter's wiring and the direction of its current transformers."},
    {device_offline, major, "device_offline", "A device does not answer.",
     "Check its supply, wiring, address and network."},
    {uncontrollable, critical, "uncontrollable",
     "A device accepts setpoints and does not obey; its worst case is assumed.",
     "Check its remote-control settings and whether another system controls it."},
    {two_masters, major, "two_masters", "Something else keeps changing a setpoint of a device.",
     "Let one system only control this device: look for the maker's app or a second gateway."},
    {write_refused, major, "write_refused", "A device refuses a setpoint.",
     "Check that remote control is enabled in the device and that its installer password is not locked."},
    {feed_in_exceeded, major, "feed_in_exceeded", "More power is fed in than allowed.",
     "Check that the inverters obey and that the meter measures at the grid connection point."},
    {no_fallback, warning, "no_fallback", "A device keeps its last setpoint for ever when the gateway falls silent.",
     "Set the device's own communication-loss limit, if it has one."},
    {config_problem, major, "config_problem", "A part of the site configuration is wrong and is left out.",
     "Correct the configuration at the place named."},
    {history_failing, major, "history_failing", "History cannot be written; control goes on.",
     "Check the disk's free space and health."},
    {access_failing, major, "access_failing", "Settings and web interface are not available; control goes on.",
     "Do what the text names: free some space on the disk, or stop the program that uses the port."},
    {unsupported_firmware, warning, "unsupported_firmware", "A device has a firmware that is not known to work.",
     "Update the device to a version that is named, or ask its maker."},
    {clock_wrong, warning, "clock_wrong", "The clock of a device is wrong and cannot be set.",
     "Set it at the device; its day counters and logs go by it."},
    {upgrade_failed, minor, "upgrade_failed", "A device did not get its new firmware.",
     "Read at the device why, then start the upgrade again, or give it up with busbarctl upgrade --cancel."},
    {wrong_device, major, "wrong_device",
     "Not the expected device answers, or one that is there already: it is left out.",
     "Correct address, profile or serial number, replace an exchanged device under its name, or delete one of two."},
}};

constexpr bool table_is_ordered() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].kind) != i) return false;
    return true;
}
static_assert(table_is_ordered(), "fault.cpp: rows follow the enum");

}  // namespace

const FaultInfo& info(FaultKind kind) {
    BUSBAR_ASSERT(kind < FaultKind::count_);
    return table[static_cast<std::size_t>(kind)];
}
std::span<const FaultInfo> all_faults() { return table; }

std::string_view to_string(Severity severity) {
    switch (severity) {
        case critical:
            return "critical";
        case major:
            return "major";
        case minor:
            return "minor";
        case warning:
            return "warning";
    }
    return "warning";
}

}  // namespace busbar::model
