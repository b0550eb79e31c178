#include "control/snapshot_builder.hpp"

#include <algorithm>
#include <cmath>

#include "control/fallback.hpp"

namespace busbar::control {
namespace {

using model::Measured;
using model::Role;
using model::RoleKey;
using model::Use;

class Builder {
public:
    Builder(const live::LiveState& live, const Site& site, std::span<const Actuator> actuators, Distrust distrust,
            Instant now)
        : live_(live), site_(site), actuators_(actuators), distrust_(distrust) {
        snapshot_.at = now;
        snapshot_.pv_peak_w = site.pv_peak_w;
    }

    model::Snapshot build() {
        const std::size_t count = std::min(site_.devices.size(), live_.device_count());
        for (std::size_t i = 0; i < count; ++i) {
            const auto device = static_cast<live::DeviceIndex>(i);
            if (site_.devices[i].is_double) continue;
            switch (site_.devices[i].use) {
                case Use::grid_meter:
                    snapshot_.grid_w = measured(device, Role::meter_power, grid_max_age);
                    break;
                case Use::pv:
                    add_inverter(device, false);
                    break;
                case Use::hybrid:
                    add_inverter(device, true);
                    add_battery(device, true);
                    break;
                case Use::battery:
                    add_battery(device, false);
                    break;
                case Use::charger:
                case Use::sub_meter:
                    break;
            }
        }
        add_sums();
        return std::move(snapshot_);
    }

private:
    std::optional<Measured> measured(live::DeviceIndex device, Role role, Duration max_age = power_max_age) const {
        const auto reading = live_.fresh(device, {role, 0}, snapshot_.at);
        if (!reading || snapshot_.at - reading->at > max_age) return std::nullopt;
        return Measured{reading->value, reading->at};
    }
    // Settings and ratings hardly change: the newest good value counts, however old.
    std::optional<double> known(live::DeviceIndex device, Role role) const {
        const auto point = live_.find(device, {role, 0});
        if (!point) return std::nullopt;
        const model::Reading& reading = live_.reading(device, *point);
        return reading.quality == model::Quality::good ? std::optional(reading.value) : std::nullopt;
    }
    const Actuator* actuator(live::DeviceIndex device, Role role) const {
        const auto found = std::find_if(actuators_.begin(), actuators_.end(), [&](const Actuator& a) {
            return a.target.device == device && a.target.role == RoleKey{role, 0};
        });
        return found == actuators_.end() ? nullptr : &*found;
    }
    bool is_online(live::DeviceIndex device) const { return live_.status(device).state == live::DeviceState::online; }
    bool obeys(const Actuator& actuator) const { return !actuator.is_refusing && !distrust_.has(actuator.target); }

    std::optional<double> rated(live::DeviceIndex device, const Actuator* cap) const {
        if (site_.devices[device].rated_power_w) return site_.devices[device].rated_power_w;
        if (const auto said = known(device, Role::ac_power_rated); said && *said > 0) return said;
        const bool is_watts = cap && cap->target.role.role == Role::ac_power_limit_set;
        if (is_watts && cap->range.max > 0 && cap->range.max < 1e8) return cap->range.max;
        return site_.pv_peak_w > 0 ? std::optional(site_.pv_peak_w) : std::nullopt;
    }

    void add_inverter(live::DeviceIndex device, bool is_hybrid) {
        model::InverterView view;
        view.device = device;
        view.id = live_.id(device);
        view.is_hybrid = is_hybrid;
        view.ac_power_w = measured(device, Role::ac_power);
        view.pv_power_w = measured(device, Role::pv_power);
        if (!view.ac_power_w && !is_hybrid) view.ac_power_w = view.pv_power_w;
        if (!view.pv_power_w && !is_hybrid) view.pv_power_w = view.ac_power_w;
        const Actuator* cap = actuator(device, Role::ac_power_limit_set);
        if (!cap) cap = actuator(device, Role::ac_power_limit_percent_set);
        view.rated_w = rated(device, cap);
        view.is_online = is_online(device) && view.ac_power_w;
        view.last_ac_w =
            std::max(0.0, known(device, Role::ac_power).value_or(known(device, Role::pv_power).value_or(0)));
        view.worst_case_w = view.rated_w.value_or(std::max(view.last_ac_w, site_.pv_peak_w));
        if (cap && view.rated_w) add_cap(view, *cap);
        snapshot_.inverters.push_back(std::move(view));
    }

    void add_cap(model::InverterView& view, const Actuator& cap) const {
        view.limit_role = cap.target.role;
        const bool is_percent = cap.target.role.role == Role::ac_power_limit_percent_set;
        if (cap.held)
            view.cap_w =
                model::Held{is_percent ? cap.held->value / 100 * *view.rated_w : cap.held->value, cap.held->since};
        view.is_controllable = view.is_online && obeys(cap);
        // Silent, it keeps its cap as long as its own fallback has not begun; one that disobeys may do anything.
        const bool may_have_left =
            !cap.confirmed_at || (cap.fallback.reverts && snapshot_.at - *cap.confirmed_at > cap.fallback.after);
        if (view.cap_w && obeys(cap) && !may_have_left)
            view.worst_case_w = std::min(view.worst_case_w, view.cap_w->value);
    }

    void add_battery(live::DeviceIndex device, bool is_hybrid) {
        model::BatteryView view;
        view.device = device;
        view.id = live_.id(device);
        view.is_hybrid = is_hybrid;
        view.power_w = measured(device, Role::battery_power);
        const auto soc = live_.fresh(device, {Role::battery_soc, 0}, snapshot_.at);
        if (soc) view.soc_percent = Measured{soc->value, soc->at};
        view.capacity_wh = known(device, Role::battery_capacity);
        const Actuator* set = actuator(device, Role::battery_power_set);
        view.is_settable = set != nullptr;
        if (set) {
            view.setpoint_w = set->held;
            view.is_controllable = is_online(device) && view.power_w && obeys(*set);
        }
        add_battery_limits(view, set);
        snapshot_.batteries.push_back(std::move(view));
    }

    void add_battery_limits(model::BatteryView& view, const Actuator* set) const {
        const std::optional<double> rated = site_.devices[view.device].rated_power_w;
        const auto most = [&](Role role, double offered) {
            double value = std::isfinite(offered) && offered > 0 && offered < 1e8 ? offered : rated.value_or(0);
            if (rated) value = std::min(value, *rated);
            // The battery's own word, as long as it is fresh; it sinks when it is cold or nearly full.
            const auto said = live_.fresh(view.device, {role, 0}, snapshot_.at);
            return said ? std::min(value > 0 ? value : said->value, said->value) : value;
        };
        view.charge_max_w = most(Role::battery_charge_power_max, set ? -set->range.min : 0);
        view.discharge_max_w = most(Role::battery_discharge_power_max, set ? set->range.max : 0);
        if (!view.soc_percent) return;
        if (view.soc_percent->value >= known(view.device, Role::battery_soc_max).value_or(100)) view.charge_max_w = 0;
        if (view.soc_percent->value <= known(view.device, Role::battery_soc_min).value_or(0)) view.discharge_max_w = 0;
    }

    void add_sums() {
        std::optional<double> pv = 0, battery = 0,
                              house = snapshot_.grid_w ? std::optional(snapshot_.grid_w->value) : std::nullopt;
        const auto add = [](std::optional<double>& sum, const std::optional<Measured>& part) {
            sum = sum && part ? std::optional(*sum + part->value) : std::nullopt;
        };
        double charge = 0, weight = 0;
        for (const auto& inverter : snapshot_.inverters) {
            add(pv, inverter.pv_power_w);
            add(house, inverter.ac_power_w);
        }
        for (const auto& view : snapshot_.batteries) {
            add(battery, view.power_w);
            if (!view.is_hybrid) add(house, view.power_w);
            if (!view.soc_percent) continue;
            const double share = view.capacity_wh.value_or(1);
            charge += share * view.soc_percent->value;
            weight += share;
        }
        if (!snapshot_.inverters.empty()) snapshot_.pv_w = pv;
        if (!snapshot_.batteries.empty()) snapshot_.battery_w = battery;
        snapshot_.house_w = house;
        if (weight > 0) snapshot_.battery_soc_percent = charge / weight;
    }

    const live::LiveState& live_;
    const Site& site_;
    std::span<const Actuator> actuators_;
    Distrust distrust_;
    model::Snapshot snapshot_;
};

}  // namespace

bool Distrust::has(model::Target target) const {
    return std::find(uncontrollable.begin(), uncontrollable.end(), target) != uncontrollable.end();
}

model::Snapshot build_snapshot(const live::LiveState& live, const Site& site, std::span<const Actuator> actuators,
                               Distrust distrust, Instant now) {
    return Builder(live, site, actuators, distrust, now).build();
}

bool has_lost(const live::LiveState& live, live::DeviceIndex device, model::Role role, Instant now) {
    const auto point = live.find(device, {role, 0});
    if (!point) return false;
    const model::Reading& reading = live.reading(device, *point);
    // A register that is suddenly refused names itself in the problem; one that is not available (at night) does not.
    if (reading.quality == model::Quality::invalid)
        return live.status(device).problem.starts_with(to_string(model::RoleKey{role, 0}) + " is refused");
    // A device that wants long pauses tells its power more rarely; it is missed when it is late by its own measure.
    const bool counts = live.fresh(device, {role, 0}, now) && now - reading.at <= power_max_age;
    return reading.quality == model::Quality::good && now - reading.at > missed_after && !counts;
}

std::optional<Instant> grid_reading_at(const live::LiveState& live, const Site& site) {
    for (std::size_t i = 0; i < site.devices.size() && i < live.device_count(); ++i) {
        if (site.devices[i].use != Use::grid_meter) continue;
        const auto device = static_cast<live::DeviceIndex>(i);
        const auto point = live.find(device, {Role::meter_power, 0});
        if (!point || live.reading(device, *point).quality != model::Quality::good) return std::nullopt;
        return live.reading(device, *point).at;
    }
    return std::nullopt;
}

}  // namespace busbar::control
