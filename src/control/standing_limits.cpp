#include "control/standing_limits.hpp"

#include <fmt/format.h>

#include "base/phrases_running.hpp"
#include "strategy/feed_in_limit.hpp"
#include "strategy/share.hpp"

namespace busbar::control {
namespace {

using model::Rank;
using model::Role;
using model::Target;

constexpr std::uint8_t fallback_priority = 100;

bool can_be_capped(const model::InverterView& inverter) {
    return inverter.limit_role && inverter.rated_w && *inverter.rated_w > 0;
}

std::string whole(double value_w) { return fmt::format("{:.0f}", value_w); }

void add_cap(model::Wishes& wishes, const model::InverterView& inverter, double cap_w, std::string text) {
    wishes.requests.push_back(strategy::all_the_sun(inverter));
    wishes.limits.push_back(strategy::cap(inverter, cap_w, "fallback", std::move(text)));
}

void hold_battery(model::Wishes& wishes, const model::BatteryView& battery, double value_w, std::string text) {
    wishes.requests.push_back({.target = {battery.device, {Role::battery_power_set, 0}},
                               .value = value_w,
                               .priority = fallback_priority,
                               .source = "fallback",
                               .text = std::move(text)});
}

}  // namespace

void add_device_limits(model::Wishes& wishes, const model::Snapshot& now, std::span<const Actuator> actuators) {
    for (const Actuator& actuator : actuators) {
        if (actuator.range.max <= actuator.range.min) continue;
        wishes.limits.push_back({.target = actuator.target,
                                 .rank = Rank::nameplate,
                                 .low = actuator.range.min,
                                 .high = actuator.range.max,
                                 .source = "device",
                                 .text = say<phrases::device_accepts>()});
    }
    for (const model::BatteryView& battery : now.batteries) {
        if (!battery.is_settable) continue;
        wishes.limits.push_back(
            {.target = {battery.device, {Role::battery_power_set, 0}},
             .rank = Rank::bms,
             .low = -battery.charge_max_w,
             .high = battery.discharge_max_w,
             .source = "battery",
             .text = say<phrases::battery_range>(whole(battery.charge_max_w), whole(battery.discharge_max_w))});
    }
}

void add_fallback(model::Wishes& wishes, const model::Snapshot& now, const Envelope& envelope) {
    const std::string open_loop = envelope.has_lost_grid ? say<phrases::grid_lost>() : say<phrases::grid_not_yet>();
    if (envelope.hold_battery)
        for (const model::BatteryView& battery : now.batteries)
            if (battery.is_controllable) hold_battery(wishes, battery, 0, say<phrases::battery_rests>(open_loop));
    if (!envelope.inverters_max_w) return;
    std::vector<strategy::Part> parts;
    for (const model::InverterView& inverter : now.inverters) {
        const bool counts = inverter.is_controllable && can_be_capped(inverter);
        parts.push_back(counts ? strategy::Part{*inverter.rated_w, *inverter.rated_w} : strategy::Part{});
    }
    const std::vector<double> caps = strategy::share(*envelope.inverters_max_w, parts);
    const bool is_open = envelope.mode == Mode::open_loop;
    const std::string total = whole(*envelope.inverters_max_w);
    const std::string why =
        is_open ? say<phrases::cap_safe>(open_loop, total) : say<phrases::cap_rising>(say<phrases::grid_back>(), total);
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (parts[i].weight > 0) add_cap(wishes, now.inverters[i], caps[i], why);
}

void add_lost_devices(model::Wishes& wishes, const model::Snapshot& now, double safe_w) {
    double rated_w = 0;
    for (const model::InverterView& inverter : now.inverters)
        if (can_be_capped(inverter)) rated_w += *inverter.rated_w;
    for (const model::InverterView& inverter : now.inverters) {
        if (!can_be_capped(inverter) || inverter.is_controllable) continue;
        const double last_w = inverter.cap_w ? inverter.cap_w->value : 0;
        // One that answers and disobeys may obey again at any time, while the house may take less than when it stopped.
        if (inverter.is_online)
            add_cap(wishes, inverter, std::min(last_w, safe_w * *inverter.rated_w / rated_w),
                    say<phrases::stray_cap_safe>());
        else
            add_cap(wishes, inverter, last_w, say<phrases::stray_cap_stays>());
    }
    for (const model::BatteryView& battery : now.batteries) {
        if (!battery.is_settable || battery.is_controllable) continue;
        // A silent one that charged goes on when it is back: stopping it would feed in what it took.
        const bool is_silent = !battery.power_w && battery.setpoint_w;
        if (is_silent && battery.setpoint_w->value < 0)
            hold_battery(wishes, battery, battery.setpoint_w->value, say<phrases::stray_charges_on>());
        else
            hold_battery(wishes, battery, 0, say<phrases::stray_rests>());
    }
}

}  // namespace busbar::control
