#include "plant/devices/device_view.hpp"

#include <algorithm>
#include <cmath>

namespace busbar::plant {
namespace {

using enum model::Role;
// Motors and ballasts: what a household draws besides active power.
constexpr double reactive_share = 0.15;

// Per-phase roles: index 1..3 is the phase, 0 the mean.
double phase_of(const std::array<double, 3>& values, std::uint8_t index) {
    return index >= 1 && index <= 3 ? values[index - 1u] : (values[0] + values[1] + values[2]) / 3;
}

}  // namespace

std::optional<double> DeviceView::value(model::RoleKey key) const {
    if (key.role >= charger_power && key.role <= charger_power_rated) return charger(key);
    if (key.role >= env_irradiance && key.role <= env_humidity) return weather(key);
    const bool is_meter = key.role >= meter_power && key.role <= meter_energy_export;
    if (is_meter) return meter(key);  // many hybrids pass on their own grid meter
    if (kind_ == Kind::converter) return converter(key);
    return kind_ == Kind::whole_site ? whole_site(key) : std::nullopt;
}

std::optional<double> DeviceView::meter(model::RoleKey key) const {
    const auto& grid = site_->grid();
    const bool is_load = kind_ == Kind::load_meter;
    const PhasePower active = is_load ? site_->loads()[index_].power_w() : grid.power_w();
    double load_w = 0;
    for (const auto& load : site_->loads()) load_w += sum(load.power_w());
    const double reactive = reactive_share * (is_load ? sum(active) : load_w);
    switch (key.role) {
        case meter_power:
            return sum(active);
        case meter_phase_power:
            return phase_of(active, key.index);
        case meter_reactive_power:
            return reactive;
        case meter_power_factor: {
            const double apparent = std::hypot(sum(active), reactive);
            return apparent > 0 ? sum(active) / apparent : 1;
        }
        case meter_voltage:
            return phase_of(grid.voltage_v(), key.index);
        case meter_current: {
            PhasePower current{};
            for (std::size_t i = 0; i < 3; ++i)
                current[i] = std::hypot(active[i], reactive / 3) / std::max(1.0, grid.voltage_v()[i]);
            return phase_of(current, key.index);
        }
        case meter_frequency:
            return grid.frequency_hz();
        case meter_energy_import:
            return is_load ? site_->loads()[index_].energy().wh() : grid.energy().positive.wh();
        case meter_energy_export:
            return is_load ? 0 : grid.energy().negative.wh();
        default:
            return std::nullopt;
    }
}

// A load behind a charge point is a car that charges; anywhere else no car is plugged in.
std::optional<double> DeviceView::charger(model::RoleKey key) const {
    const bool has_car = kind_ == Kind::load_meter;
    const auto of_load = [&](model::Role role) { return has_car ? meter({role, key.index}) : std::optional(0.0); };
    switch (key.role) {
        case charger_power:
            return of_load(meter_power);
        case charger_voltage:
            return phase_of(site_->grid().voltage_v(), key.index);
        case charger_current:
            return of_load(meter_current);
        case charger_energy_total:
        case charger_energy_session:
            return of_load(meter_energy_import);
        case charger_state: {
            const bool is_charging = of_load(meter_power).value_or(0) > 100;
            const auto state = !has_car      ? model::ChargerState::no_car
                               : is_charging ? model::ChargerState::charging
                                             : model::ChargerState::connected;
            return static_cast<double>(state);
        }
        case charger_phases:
            return 3;
        case charger_current_max:
            return 16;
        case charger_power_rated:
            return 11'000;
        default:
            return std::nullopt;
    }
}

std::optional<double> DeviceView::weather(model::RoleKey key) const {
    const Site::Weather now = site_->weather();
    constexpr double warming = 0.03;  // K per W/m2: a module in the sun
    switch (key.role) {
        case env_irradiance:
            return now.plane_wm2;
        case env_irradiance_horizontal:
            return now.horizontal_wm2;
        case env_air_temperature:
            return now.air_c;
        case env_module_temperature:
            return now.air_c + warming * now.plane_wm2;
        case env_wind_speed:
            return 2;
        case env_wind_direction:
            return 270;
        case env_humidity:
            return 60;
        default:
            return std::nullopt;
    }
}

std::optional<double> DeviceView::converter(model::RoleKey key) const {
    const auto& c = source();
    const auto& volts = site_->grid().voltage_v();
    switch (key.role) {
        case ac_power:
            return c.ac_w();
        case ac_phase_power:
            return c.ac_w() / 3;
        case ac_reactive_power:
            return 0;
        case ac_power_factor:
            return 1;
        case ac_voltage:
            return phase_of(volts, key.index);
        case ac_current: {  // without a phase: the total, as inverters state it
            const double phase_a = std::abs(c.ac_w()) / 3 / std::max(1.0, phase_of(volts, key.index));
            return key.index == 0 ? 3 * phase_a : phase_a;
        }
        case ac_frequency:
            return site_->grid().frequency_hz();
        case ac_energy_export:
            return c.ac_energy().positive.wh();
        case ac_power_rated:
            return c.spec().inverter.rated_w;
        case device_temperature:
            return c.temperature_c();
        case device_alarm:
            return 0;
        case pv_power:
        case pv_energy_total:
        case pv_string_voltage:
        case pv_string_current:
            return string_value(key);
        default:
            return battery(key.role);
    }
}

std::optional<double> DeviceView::string_value(model::RoleKey key) const {
    const auto& c = source();
    const auto& array = c.spec().array;
    if (!array) return std::nullopt;
    const double string_v = string_voltage_v(*array, c.available_w());
    const bool exists = key.index <= array->strings;
    switch (key.role) {
        case pv_power:
            return c.pv_w();
        case pv_energy_total:
            return c.pv_energy().wh();
        case pv_string_voltage:
            return exists ? std::optional(string_v) : std::nullopt;
        case pv_string_current:
            if (!exists) return std::nullopt;
            return string_v > 0 ? c.pv_w() / array->strings / string_v : 0;
        default:
            return std::nullopt;
    }
}

std::optional<double> DeviceView::battery(model::Role role) const {
    const auto* b = source().battery();
    if (!b) return std::nullopt;
    switch (role) {
        case battery_power:
            return b->power_w();
        case battery_soc:
            return b->soc();
        case battery_soh:
            return 98;
        case battery_voltage:
            return b->voltage_v();
        case battery_current:
            return b->power_w() / b->voltage_v();
        case battery_temperature:
            return b->temperature_c();
        case battery_energy_charged:
            return b->energy().negative.wh();
        case battery_energy_discharged:
            return b->energy().positive.wh();
        case battery_capacity:
            return b->spec().capacity_wh;
        case battery_charge_power_max:
            return b->charge_limit_w();
        case battery_discharge_power_max:
            return b->discharge_limit_w();
        case battery_soc_min:
            return b->spec().soc_min;
        case battery_soc_max:
            return b->spec().soc_max;
        default:
            return std::nullopt;
    }
}

// What a logger makes of the devices behind it: powers and energies add up, a state of charge is weighted by capacity,
// texts of single strings it does not have.
std::optional<double> DeviceView::whole_site(model::RoleKey key) const {
    const auto converters = site_->converters();
    const auto of = [&](std::size_t i, model::Role role) {
        return DeviceView(*site_, Kind::converter, i).value({role, key.index});
    };
    double sum = 0, weight = 0;
    std::size_t known = 0;
    for (std::size_t i = 0; i < converters.size(); ++i) {
        const auto value = of(i, key.role);
        if (!value) continue;
        const double share = key.role == battery_soc ? converters[i].battery()->spec().capacity_wh : 1;
        sum += *value * share;
        weight += share;
        ++known;
    }
    if (known == 0) return std::nullopt;
    switch (model::info(key.role).unit) {
        case model::Unit::watt:
        case model::Unit::var:
        case model::Unit::watt_hour:
        case model::Unit::ampere:
            return key.role == pv_string_current ? std::nullopt : std::optional(sum);
        default:
            return key.role == pv_string_voltage ? std::nullopt : std::optional(sum / weight);
    }
}

Activity DeviceView::activity() const {
    if (kind_ != Kind::converter) return Activity::running;
    const auto& c = source();
    if (c.ac_w() == 0 && c.battery_w() == 0) return Activity::off;
    return c.pv_w() < c.available_w() - 1 ? Activity::limited : Activity::running;
}

RemoteValue* DeviceView::remote(model::Role role) const {
    if (kind_ != Kind::converter && kind_ != Kind::whole_site) return nullptr;
    if (site_->converters().empty()) return nullptr;
    auto& c = site_->converters()[index_];
    switch (role) {
        case ac_power_limit_set:
            return &c.limit;
        case ac_power_limit_percent_set:
            return &c.limit_percent;
        case battery_power_set:
            return c.battery() ? &c.battery_set : nullptr;
        default:
            return nullptr;
    }
}

// A logger hands an order on to all inverters; what the first one has is what it shows.
template <class Action>
void DeviceView::hand_on(Action action) const {
    for (std::size_t i = 0; i < site_->converters().size(); ++i) action(DeviceView(*site_, Kind::converter, i));
}

bool DeviceView::apply(model::Role role, double value, double lease_s) {
    if (kind_ == Kind::whole_site) {
        bool is_obeyed = false;
        hand_on([&](DeviceView one) { is_obeyed |= one.apply(role, value, lease_s); });
        return is_obeyed;
    }
    auto* r = remote(role);
    if (r) r->set(value, lease_s);
    return r != nullptr;
}
void DeviceView::release(model::Role role) {
    if (kind_ == Kind::whole_site) hand_on([&](DeviceView one) { one.release(role); });
    if (auto* r = remote(role)) r->release();
}
bool DeviceView::in_force(model::Role role) const {
    const auto* r = remote(role);
    return r && r->value();
}
double DeviceView::left_s(model::Role role) const {
    const auto* r = remote(role);
    return r ? r->left_s() : 0;
}
bool DeviceView::has_battery() const {
    if (kind_ == Kind::whole_site)
        return std::ranges::any_of(site_->converters(), [](const Converter& c) { return c.battery() != nullptr; });
    return kind_ == Kind::converter && source().battery() != nullptr;
}

}  // namespace busbar::plant
