#include "device/bus_load.hpp"

#include <algorithm>

#include "profile/read_plan.hpp"
#include "profile/setting.hpp"
#include "profile/sunspec/sunspec.hpp"

namespace busbar::device {
namespace {

using namespace std::chrono_literals;
constexpr Duration setpoint_holds = 5s;
constexpr std::size_t changing_steps = 2;

bus::budget::Demand demand_of(std::span<const profile::Point> points, PollClass of, const profile::BusRules& rules,
                              Duration period) {
    std::vector<std::uint16_t> which;
    for (std::uint16_t i = 0; i < points.size(); ++i)
        if (points[i].every == of) which.push_back(i);
    bus::budget::Demand demand{.period = period};
    for (const profile::ReadRequest& r : profile::plan_reads(points, which, rules)) demand.registers.push_back(r.count);
    if (demand.registers.empty()) demand.period = Duration{0};
    return demand;
}

// A setpoint that changes: what its program sends then (the value and the last step, when others stand already), and
// one read-back. Control holds a value for some seconds on average; a device that takes long has a third of its time
// for it.
bus::budget::Demand writes_of(const profile::Profile& profile) {
    bus::budget::Demand most;
    for (const profile::Control& control : profile.controls) {
        std::vector<std::uint16_t> requests;
        for (const profile::WriteStep& step : control.write) {
            const std::uint16_t words = profile::words_of(step.encoding.type);
            if (step.join && !requests.empty())
                requests.back() = static_cast<std::uint16_t>(requests.back() + words);
            else
                requests.push_back(words);
        }
        if (requests.empty()) continue;
        std::sort(requests.rbegin(), requests.rend());
        requests.resize(std::min<std::size_t>(requests.size(), changing_steps));
        requests.push_back(requests.front());
        if (requests.size() > most.registers.size()) most.registers = std::move(requests);
    }
    const auto count = static_cast<std::int64_t>(most.registers.size());
    if (count > 0) most.period = std::max<Duration>(setpoint_holds, 3 * count * profile.bus.pause);
    return most;
}

std::uint16_t longest_by_hand(const profile::Profile& profile) {
    std::vector<profile::Point> points;
    for (const profile::Setting& setting : profile.settings) points.push_back(profile::reading_of(setting));
    std::vector<std::uint16_t> all(points.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
    std::uint16_t most = 0;
    for (const profile::ReadRequest& r : profile::plan_reads(points, all, profile.bus)) most = std::max(most, r.count);
    return most;
}

bus::budget::Load load_of_points(const profile::Profile& placed, std::span<const profile::Point> points,
                                 const PollTiming& timing) {
    const profile::BusRules& rules = placed.bus;
    bus::budget::Load load;
    load.critical = demand_of(points, PollClass::critical, rules, timing.critical);
    load.telemetry = demand_of(points, PollClass::telemetry, rules, timing.telemetry);
    load.slow = demand_of(points, PollClass::slow, rules, timing.slow);
    load.by_hand = longest_by_hand(placed);
    if (placed.upgrade) load.record = placed.upgrade->record_words;
    load.writes = writes_of(placed);
    load.pause = rules.pause;
    load.timeout = rules.timeout;
    load.turnaround = bus::budget::assumed_turnaround(rules.timeout);
    load.tolerated = stale_after(PollClass::critical, rules);
    return load;
}

}  // namespace

bus::budget::Load load_of(const profile::Profile& profile, const PollTiming& timing, std::string device) {
    bus::budget::Load load;
    if (profile.sunspec && !profile.sunspec->bases.empty()) {
        std::vector<std::uint16_t> models;
        for (const profile::ModelLength& m : profile.sunspec->models) models.push_back(m.model);
        const auto chain = profile::chain_of(profile, profile.sunspec->bases.front(), models);
        const profile::Profile placed = profile::resolve_models(profile, chain);
        load = load_of_points(placed, placed.points, timing);
    } else {
        load = load_of_points(profile, profile.points, timing);
    }
    load.device = std::move(device);
    return load;
}

bus::budget::Load load_of(const ModbusDevice& device, const PollTiming& timing) {
    const auto placed = device.placed();
    if (!placed) return load_of(device.profile(), timing, device.info().id);
    bus::budget::Load load = load_of_points(*placed, device.points(), timing);
    load.device = device.info().id;
    return load;
}

}  // namespace busbar::device
