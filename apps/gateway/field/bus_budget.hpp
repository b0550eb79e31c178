#pragma once
// Whether what a bus is asked fits into its time, as people see it and as it decides on a device to be added: from the
// loads the field reports (DeviceFacts), what the bus has measured of its units, and bus/health/budget.hpp. It judges
// only: telemetry that does not fit is not spread, and is said not to fit.
//
// Service loop only; `poll_timing`, `line_of` and `check_room` are pure.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/commissioning.hpp"
#include "bus/health/budget.hpp"
#include "config/site_config.hpp"
#include "device/registry.hpp"
#include "field/field_report.hpp"

namespace busbar::gateway {

// How often the field polls this device. A cycle faster than the grid meter is read would decide on nothing new.
device::PollTiming poll_timing(const config::SiteConfig& site, const config::DeviceConfig& device);
bus::budget::Line line_of(const config::BusConfig& bus);
// Whether a device can be added. Only what is sure not to fit is refused: `there` as surest_loads() has them, and
// `added` answers at once. Error: denied, with the plan's reason and remedy, when they are too much for the line and
// were not without it. A line that is too full already refuses nobody: its budget says so.
Status check_room(const config::BusConfig& bus, std::vector<bus::budget::Load> there, bus::budget::Load added);
// Devices whose critical points have no bound, or that have none, are not in `refresh`.
api::BudgetView view_of(const bus::budget::Plan& plan);

class BusBudget {
public:
    // More devices on one line are not judged: what helps is looked for among all of them, and that takes time.
    static constexpr std::size_t most_devices = 64;

    // Judges anew when devices changed, and every 10 s for what was measured since.
    void take(const std::shared_ptr<const FieldReport>& report);
    // nullopt: no such bus, not reported yet, too many devices, or it depends on a device that was not measured yet.
    std::optional<api::BudgetView> view(const std::string& bus) const;
    // Of the devices that run there, what they cost in any case: always as quick as they usually answer, at once while
    // that was not measured yet. Empty for a bus that is not known.
    std::vector<bus::budget::Load> surest_loads(const std::string& bus) const;

private:
    std::shared_ptr<const FieldReport> judged_;
    std::map<std::string, api::BudgetView> views_;  // by bus
};

}  // namespace busbar::gateway
