#include "strategy/self_consumption.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/phrases_running.hpp"
#include "strategy/share.hpp"

namespace busbar::strategy {
namespace {

using model::BatteryView;

// How far to go from the cautious answer (least movement that explains the reading) to the likely one. 0 needs 7 s
// after a meter that averages over its period, 1 overshoots when the battery is slower than assumed.
constexpr double lean = 0.8;

constexpr Duration cap_rise = std::chrono::seconds(2);
constexpr Duration search_pause_min = std::chrono::seconds(3), search_pause_max = std::chrono::seconds(30);
constexpr double even_w = 4 * self_consumption_deadband_w;  // a cap keeps a margin to its limit

bool is_usable(const BatteryView& battery) {
    return battery.is_controllable && (battery.setpoint_w || battery.power_w);
}

// What a battery is set to; before the first setpoint what it does by itself.
double base_w(const BatteryView& battery) {
    return battery.setpoint_w ? battery.setpoint_w->value : battery.power_w->value;
}

struct Group {
    double held_w = 0;      // sum of setpoints
    Instant since{};        // newest of them
    double measured_w = 0;  // sum of measured power
    bool is_measured = true;
    double charge_max_w = 0, discharge_max_w = 0;
};

Group sum(const std::vector<BatteryView>& batteries) {
    Group group;
    for (const BatteryView& battery : batteries) {
        if (!is_usable(battery)) continue;
        group.held_w += base_w(battery);
        if (battery.setpoint_w) group.since = std::max(group.since, battery.setpoint_w->since);
        group.is_measured = group.is_measured && battery.power_w.has_value();
        if (battery.power_w) group.measured_w += battery.power_w->value;
        group.charge_max_w += battery.charge_max_w;
        group.discharge_max_w += battery.discharge_max_w;
    }
    return group;
}

double next_total(const Group& group, double error_w, const CommandTrail& trail, const model::Snapshot& now) {
    const double held = group.held_w;
    // A battery that gives less than it was told must not be told ever more: when the surplus ends, the setpoint would
    // have to come all the way back first.
    const auto shortfall = group.is_measured ? trail.shortfall(now.at, group.measured_w) : std::nullopt;
    const Range in_flight = shortfall ? Range{} : trail.in_flight(now.grid_w->at, {});
    const double base = shortfall.value_or(held);
    const double low = base + error_w - in_flight.high;
    const double high = base + error_w - in_flight.low;
    const double cautious = std::clamp(held, low, high);
    const double likely = (low + high) / 2;
    double total = cautious == held ? held : cautious + lean * (likely - cautious);
    total = std::clamp(total, -group.charge_max_w, group.discharge_max_w);
    const bool is_allowed = held >= -group.charge_max_w && held <= group.discharge_max_w;
    return is_allowed && std::abs(total - held) <= self_consumption_deadband_w ? held : total;
}

struct Gate {
    bool is_at_cap = false;  // all batteries we control are hybrids at their AC cap: moving them moves nothing outside
    bool has_sun = false;
    double ac_w = 0;
};
Gate gate_of(const model::Snapshot& now) {
    Gate gate{.is_at_cap = true};
    bool any = false;
    for (const BatteryView& battery : now.batteries) {
        if (!is_usable(battery)) continue;
        if (!battery.is_hybrid) return {};
        for (const model::InverterView& inverter : now.inverters) {
            if (inverter.device != battery.device) continue;
            if (!inverter.cap_w || !inverter.ac_power_w) return {};
            const double slack = std::max(60.0, 0.01 * inverter.rated_w.value_or(0));
            gate.ac_w += inverter.ac_power_w->value;
            gate.is_at_cap = gate.is_at_cap && inverter.ac_power_w->value >= inverter.cap_w->value - slack;
            gate.has_sun = gate.has_sun || !inverter.pv_power_w || inverter.pv_power_w->value > 50;
            any = true;
        }
    }
    return any ? gate : Gate{};
}

// What the house lacks comes through the cap, which rises first; a charging battery waits for it.
bool waits_for_cap(const Group& group, const Gate& gate, double error_w, Instant at, SelfConsumptionMemory& memory) {
    const bool is_charging = group.held_w <= 0;
    if (gate.is_at_cap && is_charging && error_w > even_w && !memory.wait_until) {
        memory.wait_until = at + cap_rise;
        memory.wait_ac_w = gate.ac_w;
    }
    const bool is_waiting = memory.wait_until && at < *memory.wait_until && is_charging && error_w > 0;
    if (!is_waiting) memory.wait_until.reset();
    // Less through the cap than before: not the house has grown, the sun has gone.
    return is_waiting && gate.ac_w >= memory.wait_ac_w - even_w;
}

// What the sun has left over behind the cap is searched for: in growing steps while it is found, ever more seldom while
// nothing is found. A step that finds nothing is imported until the meter has shown it, so the largest stays small.
std::optional<double> search_behind_cap(const Group& group, bool is_possible, const model::Measured& error_w,
                                        SunSearch& search) {
    const double smallest = 0.02 * group.charge_max_w, largest = 0.05 * group.charge_max_w;
    const bool is_refuted = search.is_under_way && error_w.value > search.error_w + 0.5 * search.step_w;
    if (!is_possible || is_refuted) {
        if (search.is_under_way) search.pause = std::min(2 * search.pause, search_pause_max);
        search.is_under_way = false;
        return std::nullopt;
    }
    if (error_w.at - search.stepped_at < search.pause)
        return search.is_under_way ? std::optional(group.held_w) : std::nullopt;
    search.step_w = search.is_under_way ? std::clamp(1.5 * search.step_w, smallest, largest) : smallest;
    if (search.is_under_way) search.pause = search_pause_min;
    search.is_under_way = true;
    search.stepped_at = error_w.at;
    search.error_w = error_w.value;
    // PV goes first through a cap: what it leaves no room for the battery does not give, whatever it was told.
    const double from = group.is_measured ? std::min(group.held_w, std::max(group.measured_w, 0.0)) : group.held_w;
    return std::max(from - search.step_w, -group.charge_max_w);
}

std::optional<double> decide_behind_cap(const Group& group, double error_w, const model::Snapshot& now,
                                        SelfConsumptionMemory& memory) {
    const Instant at = now.grid_w->at;
    const Gate gate = gate_of(now);
    if (waits_for_cap(group, gate, error_w, at, memory)) return group.held_w;
    const bool is_possible = gate.is_at_cap && gate.has_sun && std::abs(error_w) <= even_w;
    return search_behind_cap(group, is_possible, {error_w, at}, memory.search);
}

std::string whole(double value_w) { return fmt::format("{:.0f}", value_w); }

std::string explain(double grid_w, double target_w, double total_w) {
    const std::string grid = whole(std::abs(grid_w)), aim = whole(target_w), power = whole(std::abs(total_w));
    if (grid_w < 0)
        return total_w < 0 ? say<phrases::wish_feed_in_charges>(grid, aim, power)
                           : say<phrases::wish_feed_in_discharges>(grid, aim, power);
    return total_w < 0 ? say<phrases::wish_import_charges>(grid, aim, power)
                       : say<phrases::wish_import_discharges>(grid, aim, power);
}

model::Wishes wish(const model::Snapshot& now, double total_w, double target_w) {
    std::vector<Part> parts;
    for (const BatteryView& battery : now.batteries) {
        const double most = total_w < 0 ? battery.charge_max_w : battery.discharge_max_w;
        parts.push_back(is_usable(battery) ? Part{most, most} : Part{});
    }
    const std::vector<double> shares = share(std::abs(total_w), parts);
    model::Wishes wishes;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!is_usable(now.batteries[i])) continue;
        wishes.requests.push_back({.target = {now.batteries[i].device, {model::Role::battery_power_set, 0}},
                                   .value = total_w < 0 ? -shares[i] : shares[i],
                                   .priority = 10,
                                   .source = "self_consumption",
                                   .text = explain(now.grid_w->value, target_w, total_w)});
    }
    return wishes;
}

}  // namespace

std::pair<model::Wishes, SelfConsumptionMemory> self_consumption(const model::Snapshot& now,
                                                                 const SelfConsumptionSettings& settings,
                                                                 SelfConsumptionMemory memory) {
    const bool can_act =
        settings.enabled && now.grid_w && std::any_of(now.batteries.begin(), now.batteries.end(), is_usable);
    if (!can_act) return {{}, {}};
    const Group group = sum(now.batteries);
    memory.trail.note({group.held_w, group.since});
    // Between two grid readings nothing new is known: the wish stays, so that leases are refreshed.
    if (!memory.has_total || now.grid_w->at != memory.last_grid) {
        const double error_w = now.grid_w->value - settings.import_target_w;
        const auto behind_cap = decide_behind_cap(group, error_w, now, memory);
        memory.total_w = behind_cap ? *behind_cap : next_total(group, error_w, memory.trail, now);
        memory.last_grid = now.grid_w->at;
        memory.has_total = true;
    }
    return {wish(now, memory.total_w, settings.import_target_w), memory};
}

}  // namespace busbar::strategy
