#include "field/bus_budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace busbar::gateway {
namespace {

using bus::budget::Verdict;
constexpr Duration judged_every = std::chrono::seconds(10);

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

// An assumption may promise less than there will be, but is no reason to call a line too full.
std::optional<api::BudgetView> judge(const BusFacts& bus, const std::vector<DeviceFacts>& devices) {
    const bus::budget::Line line = line_of(bus.config);
    const auto loads = loads_of(bus, devices, true);
    if (loads.size() > BusBudget::most_devices) return std::nullopt;
    const auto plan = bus::budget::plan(line, loads);
    if (plan.verdict != Verdict::fits &&
        bus::budget::plan(line, loads_of(bus, devices, false)).verdict == Verdict::fits)
        return std::nullopt;
    return view_of(plan);
}

}  // namespace

device::PollTiming poll_timing(const config::SiteConfig& site, const config::DeviceConfig& device) {
    device::PollTiming timing;
    if (device.use == model::Use::grid_meter) timing.critical = std::min<Duration>(timing.critical, site.control.cycle);
    return timing;
}

bus::budget::Line line_of(const config::BusConfig& bus) {
    if (const auto* serial = std::get_if<config::SerialPort>(&bus.link))
        return bus::budget::line_of(bus::SerialSettings{serial->path, serial->baud, serial->parity, serial->stop_bits});
    const auto& tcp = std::get<config::TcpEndpoint>(bus.link);
    return bus::budget::line_of(bus::TcpSettings{tcp.host, tcp.port});
}

Status check_room(const config::BusConfig& bus, std::vector<bus::budget::Load> there, bus::budget::Load added) {
    const bus::budget::Line line = line_of(bus);
    const std::string device = added.device;
    added.turnaround = {};
    there.push_back(std::move(added));
    const auto with = bus::budget::plan(line, there);
    if (with.verdict != Verdict::too_much) return ok();
    there.pop_back();
    if (bus::budget::plan(line, there).verdict == Verdict::too_much) return ok();
    return fail(Errc::denied, fmt::format("bus '{}' has no room for device '{}': {}", bus.id, device, with.text));
}

api::BudgetView view_of(const bus::budget::Plan& plan) {
    // As it is asked: nothing spreads telemetry, so what is wanted counts.
    api::BudgetView view{plan.wanted, plan.verdict == Verdict::fits ? "fits" : "too_much", plan.text, {}};
    if (plan.verdict == Verdict::replanned)
        view.text = fmt::format(
            "Telemetry does not fit: everything asked as often as wanted would take {} % of the line. It comes later "
            "than wanted; what control needs goes first and comes as planned.",
            std::lround(100 * plan.wanted));
    for (const auto& one : plan.refresh)
        if (one.guaranteed) view.refresh.push_back({one.device, to_seconds(*one.guaranteed) * 1000, std::nullopt});
    return view;
}

void BusBudget::take(const std::shared_ptr<const FieldReport>& report) {
    const bool is_same = judged_ && judged_->facts == report->facts;
    if (is_same && report->snapshot.at - judged_->snapshot.at < judged_every) return;
    judged_ = report;
    views_.clear();
    for (const BusFacts& bus : *report->buses)
        if (auto view = judge(bus, *report->facts)) views_[bus.config.id] = std::move(*view);
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
