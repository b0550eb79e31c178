#pragma once
// Whether what a bus is asked fits into its time, as people see it and as it decides on a device to be added: from the
// loads the field reports (DeviceFacts), what the bus has measured of its units, and bus/health/budget.hpp. Where a
// line cannot hold all wishes, it says how many times as rarely telemetry is to be asked; the field does it.
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
// What is asked of a line: before a change and after it.
struct LineUse {
    config::BusConfig bus;
    std::vector<bus::budget::Load> loads;
};
// Why a change may not be made, with the plan's remedy: it is too much for the line then and is not now. Only what is
// sure not to fit is refused: loads as surest_loads() has them, and what is new answers at once. A line that is too
// full already refuses nobody: its budget says so.
std::optional<std::string> lack_of_room(const LineUse& now, const LineUse& then);
// The same as a refusal. `device`: the id of the one that is new; empty: the line is set otherwise. Error: denied, "bus
// 'x' has no room for device 'y': ...".
Status check_room(const LineUse& now, const LineUse& then, const std::string& device);

class BusBudget {
public:
    // More devices on one line are not judged: what helps is looked for among all of them, and that takes time.
    static constexpr std::size_t most_devices = 64;

    // Judges anew when devices changed, and every 10 s for what was measured since.
    void take(const std::shared_ptr<const FieldReport>& report);
    // Devices whose critical points have no bound, or that have none, are not in `refresh`. nullopt: no such bus, not
    // reported yet, or too many devices.
    std::optional<api::BudgetView> view(const std::string& bus) const;
    // By bus, how many times as rarely telemetry is to be asked there than wanted; 1 and more. Grows as soon as it has
    // to, in quarters, and shrinks when there is clearly more room.
    const std::map<std::string, double>& stretches() const { return stretches_; }
    // Of the devices that run there, what they cost in any case: always as quick as they usually answer, at once while
    // that was not measured yet. Empty for a bus that is not known.
    std::vector<bus::budget::Load> surest_loads(const std::string& bus) const;

private:
    std::shared_ptr<const FieldReport> judged_;
    void judge(const BusFacts& bus);

    std::map<std::string, api::BudgetView> views_;  // by bus
    std::map<std::string, double> stretches_;
};

}  // namespace busbar::gateway
