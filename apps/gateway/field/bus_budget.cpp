#include "field/bus_budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/phrases.hpp"
#include "field/bus_link.hpp"

namespace busbar::gateway {
namespace {

using bus::budget::Verdict;
constexpr Duration judged_every = std::chrono::seconds(10);
// The meter's reading starts the control cycle: by then the others' powers are there, and the line is free again.
constexpr Duration meter_comes_last = std::chrono::milliseconds(100);

// `is_assumed`: a device that was not measured yet answers as its profile lets expect; else at once.
std::vector<bus::budget::Load> loads_of(const BusFacts& bus, const std::vector<DeviceFacts>& devices, bool is_assumed) {
    std::vector<bus::budget::Load> loads;
    for (const DeviceFacts& device : devices) {
        if (device.config.bus != bus.config.id || !device.load) continue;
        bus::budget::Load load = *device.load;
        if (!is_assumed) load.turnaround = {};
        for (const bus::UnitStatistics& unit : bus.statistics.units)
            if (unit.unit == device.config.unit) bus::budget::use_measured(load, line_of(bus.config), unit);
        loads.push_back(std::move(load));
    }
    return loads;
}

std::size_t unmeasured(const BusFacts& bus, const std::vector<bus::budget::Load>& loads,
                       const std::vector<DeviceFacts>& devices) {
    const auto is_unmeasured = [&](const bus::budget::Load& load) {
        return std::none_of(devices.begin(), devices.end(), [&](const DeviceFacts& d) {
            return d.config.id == load.device &&
                   std::any_of(bus.statistics.units.begin(), bus.statistics.units.end(), [&](const auto& unit) {
                       return unit.unit == d.config.unit && bus::budget::is_measured(unit);
                   });
        });
    };
    return static_cast<std::size_t>(std::count_if(loads.begin(), loads.end(), is_unmeasured));
}

std::optional<double> measured_ms(const BusFacts& bus, const std::vector<DeviceFacts>& devices,
                                  const std::string& device) {
    for (const DeviceFacts& d : devices)
        for (const bus::UnitStatistics& unit : bus.statistics.units)
            if (d.config.id == device && d.config.bus == bus.config.id && unit.unit == d.config.unit &&
                unit.worst_refresh)
                return to_seconds(*unit.worst_refresh) * 1000;
    return std::nullopt;
}

std::optional<double> in_ms(const std::optional<Duration>& time) {
    return time ? std::optional(to_seconds(*time) * 1000) : std::nullopt;
}

constexpr double step = 0.25;

// Up at once, down when there is room for more than a step.
double next_stretch(double now, double planned) {
    const double wanted = std::min(bus::budget::most_stretch, std::ceil(planned / step) * step);
    return wanted > now || wanted < now - step || wanted == 1 ? wanted : now;
}

std::string guess_text(std::size_t guessed) {
    return guessed == 1 ? say<phrases::line_guess_one>(guessed) : say<phrases::line_guess>(guessed);
}

std::string stretched_text(const bus::budget::Plan& plan, double stretch) {
    return say<phrases::line_stretched>(std::lround(100 * plan.wanted), fmt::format("{:.2g}", stretch));
}

}  // namespace

device::PollTiming poll_timing(const config::SiteConfig& site, const config::DeviceConfig& device) {
    device::PollTiming timing;
    if (device.use != model::Use::grid_meter) return timing;
    timing.critical = std::min<Duration>(timing.critical, site.control.cycle);
    timing.phase = meter_comes_last;
    return timing;
}

bus::budget::Line line_of(const config::BusConfig& bus) { return bus::budget::line_of(link_of(bus)); }

std::optional<std::string> lack_of_room(const LineUse& now, const LineUse& then) {
    const auto after = bus::budget::plan(line_of(then.bus), then.loads);
    if (after.verdict != Verdict::too_much) return std::nullopt;
    if (bus::budget::plan(line_of(now.bus), now.loads).verdict == Verdict::too_much) return std::nullopt;
    return after.text;
}

Status check_room(const LineUse& now, const LineUse& then, const std::string& device) {
    const auto lack = lack_of_room(now, then);
    if (!lack) return ok();
    return fail(Errc::denied, device.empty() ? say<phrases::no_room_so>(then.bus.id, *lack)
                                             : say<phrases::no_room>(then.bus.id, device, *lack));
}

// What is not measured yet counts as its profile lets expect. That may promise less than there will be, but is no
// reason to call a line too full, nor to ask anybody less often.
void BusBudget::judge(const BusFacts& bus) {
    const std::vector<DeviceFacts>& devices = *judged_->facts;
    const auto loads = loads_of(bus, devices, true);
    if (loads.size() > most_devices) return;
    const bus::budget::Line line = line_of(bus.config);
    const std::size_t guessed = unmeasured(bus, loads, devices);
    const auto plan = bus::budget::plan(line, loads);
    const auto sure = guessed == 0 ? plan : bus::budget::plan(line, loads_of(bus, devices, false));
    double& stretch = stretches_.try_emplace(bus.config.id, 1).first->second;
    stretch = next_stretch(stretch, sure.stretch);

    const bool is_sure = sure.verdict == plan.verdict;
    api::BudgetView view;
    view.utilisation = is_sure ? plan.utilisation : sure.utilisation;
    view.verdict = sure.verdict == Verdict::too_much ? "too_much" : stretch > 1 ? "replanned" : "fits";
    view.text = view.verdict == "replanned" ? stretched_text(sure, stretch) : is_sure ? plan.text : guess_text(guessed);
    view.is_estimated = guessed > 0;
    for (const auto& one : plan.refresh)
        if (one.guaranteed)
            view.refresh.push_back({one.device, to_seconds(*one.guaranteed) * 1000,
                                    measured_ms(bus, devices, one.device), in_ms(one.while_upgrading)});
    for (const bus::budget::Load& load : loads)
        if (stretch > 1 && load.telemetry.period > Duration{0})
            view.spread.push_back(
                {load.device, to_seconds(load.telemetry.period) * stretch, to_seconds(load.telemetry.period)});
    views_[bus.config.id] = std::move(view);
}

void BusBudget::take(const std::shared_ptr<const FieldReport>& report) {
    const bool is_same = judged_ && judged_->facts == report->facts;
    if (is_same && report->snapshot.at - judged_->snapshot.at < judged_every) return;
    judged_ = report;
    views_.clear();
    for (const BusFacts& bus : *report->buses) judge(bus);
    std::erase_if(stretches_, [&](const auto& one) { return !views_.contains(one.first); });
}

std::optional<api::BudgetView> BusBudget::view(const std::string& bus) const {
    const auto found = views_.find(bus);
    return found == views_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<bus::budget::Load> BusBudget::surest_loads(const std::string& bus) const {
    std::vector<bus::budget::Load> loads;
    if (judged_)
        for (const BusFacts& one : *judged_->buses)
            if (one.config.id == bus) loads = loads_of(one, *judged_->facts, false);
    for (bus::budget::Load& load : loads) load.turnaround.worst = load.turnaround.usual;
    return loads;
}

}  // namespace busbar::gateway
