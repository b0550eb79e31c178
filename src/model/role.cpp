#include "model/role.hpp"

#include <array>
#include <charconv>

#include "base/assert.hpp"

namespace busbar::model {
namespace {

using enum Role;
using enum RoleKind;
using enum Repeat;
constexpr double GW = 1e9, PWh = 1e15;

constexpr std::array<RoleInfo, role_count> table{{
    {meter_power, "meter.power", Unit::watt, state, once, -GW, GW, 1, "active power; + taken from the grid side"},
    {meter_phase_power, "meter.phase.power", Unit::watt, state, phase, -GW, GW, 1, "active power of one phase; + taken"},
    {meter_reactive_power, "meter.reactive_power", Unit::var, state, once, -GW, GW, 1, "reactive power"},
    {meter_power_factor, "meter.power_factor", Unit::none, state, once, -1, 1, 0.001, "power factor"},
    {meter_voltage, "meter.voltage", Unit::volt, state, phase, 0, 1e5, 0.1, "voltage to neutral"},
    {meter_current, "meter.current", Unit::ampere, state, phase, -1e5, 1e5, 0.01, "current"},
    {meter_frequency, "meter.frequency", Unit::hertz, state, once, 0, 100, 0.01, "grid frequency"},
    {meter_energy_import, "meter.energy.import", Unit::watt_hour, counter, once, 0, PWh, 10, "energy taken"},
    {meter_energy_export, "meter.energy.export", Unit::watt_hour, counter, once, 0, PWh, 10, "energy given"},
    {ac_power, "ac.power", Unit::watt, state, once, -GW, GW, 1, "AC power of an inverter; + given to the site"},
    {ac_phase_power, "ac.phase.power", Unit::watt, state, phase, -GW, GW, 1, "AC power of one phase; + given"},
    {ac_reactive_power, "ac.reactive_power", Unit::var, state, once, -GW, GW, 1, "reactive power"},
    {ac_power_factor, "ac.power_factor", Unit::none, state, once, -1, 1, 0.001, "power factor"},
    {ac_voltage, "ac.voltage", Unit::volt, state, phase, 0, 1e5, 0.1, "voltage to neutral"},
    {ac_current, "ac.current", Unit::ampere, state, phase, -1e5, 1e5, 0.01, "current"},
    {ac_frequency, "ac.frequency", Unit::hertz, state, once, 0, 100, 0.01, "grid frequency"},
    {ac_energy_export, "ac.energy.export", Unit::watt_hour, counter, once, 0, PWh, 10, "energy given, lifetime"},
    {ac_energy_today, "ac.energy.today", Unit::watt_hour, state, once, 0, PWh, 10, "energy given today, by the device's clock"},
    {ac_power_rated, "ac.power.rated", Unit::watt, setting, once, 0, GW, 1, "rated AC power"},
    {pv_power, "pv.power", Unit::watt, state, once, -1e4, GW, 1, "DC power of all strings"},
    {pv_string_voltage, "pv.string.voltage", Unit::volt, state, numbered, 0, 2000, 0.1, "voltage of one string"},
    {pv_string_current, "pv.string.current", Unit::ampere, state, numbered, -100, 1e4, 0.01, "current of one string"},
    {pv_energy_total, "pv.energy.total", Unit::watt_hour, counter, once, 0, PWh, 10, "DC energy, lifetime"},
    {pv_energy_today, "pv.energy.today", Unit::watt_hour, state, once, 0, PWh, 10, "DC energy today, by the device's clock"},
    {battery_power, "battery.power", Unit::watt, state, once, -GW, GW, 1, "battery power; + discharge"},
    {battery_soc, "battery.soc", Unit::percent, state, once, 0, 100, 0.1, "state of charge"},
    {battery_soh, "battery.soh", Unit::percent, state, once, 0, 100, 0.1, "state of health"},
    {battery_voltage, "battery.voltage", Unit::volt, state, once, 0, 2000, 0.1, "battery voltage"},
    {battery_current, "battery.current", Unit::ampere, state, once, -1e4, 1e4, 0.1, "battery current; + discharge"},
    {battery_temperature, "battery.temperature", Unit::celsius, state, once, -60, 150, 0.1, "battery temperature"},
    {battery_energy_charged, "battery.energy.charged", Unit::watt_hour, counter, once, 0, PWh, 10, "energy charged, lifetime"},
    {battery_energy_discharged, "battery.energy.discharged", Unit::watt_hour, counter, once, 0, PWh, 10, "energy discharged, lifetime"},
    {battery_capacity, "battery.capacity", Unit::watt_hour, setting, once, 0, 1e9, 1, "rated energy"},
    {battery_charge_power_max, "battery.charge_power.max", Unit::watt, state, once, 0, GW, 1, "most charging power now"},
    {battery_discharge_power_max, "battery.discharge_power.max", Unit::watt, state, once, 0, GW, 1, "most discharging power now"},
    {battery_soc_min, "battery.soc.min", Unit::percent, setting, once, 0, 100, 0.1, "end of discharge"},
    {battery_soc_max, "battery.soc.max", Unit::percent, setting, once, 0, 100, 0.1, "end of charge"},
    {device_temperature, "device.temperature", Unit::celsius, state, once, -60, 200, 0.1, "inside temperature"},
    {device_state, "device.state", Unit::none, state, once, 0, 65535, 1, "state code; names in the profile"},
    {device_alarm, "device.alarm", Unit::none, state, numbered, 0, 4294967295.0, 1, "alarm bits; names in the profile"},
    {charger_power, "charger.power", Unit::watt, state, once, -1e6, 1e6, 1, "power of a charge point; + taken by the car"},
    {charger_voltage, "charger.voltage", Unit::volt, state, phase, 0, 1500, 0.1, "voltage to neutral at the charge point"},
    {charger_current, "charger.current", Unit::ampere, state, phase, -1000, 1000, 0.01, "current into the car"},
    {charger_energy_total, "charger.energy.total", Unit::watt_hour, counter, once, 0, PWh, 10, "energy charged into cars, lifetime"},
    {charger_energy_session, "charger.energy.session", Unit::watt_hour, state, once, 0, 1e9, 10, "energy since the car was plugged in"},
    {charger_state, "charger.state", Unit::none, state, once, 0, 4, 1, "0 unavailable, 1 no car, 2 connected, 3 charging, 4 fault"},
    {charger_phases, "charger.phases", Unit::none, state, once, 1, 3, 1, "phases in use"},
    {charger_current_max, "charger.current.max", Unit::ampere, setting, once, 0, 1000, 0.1, "most current per phase the charge point can give"},
    {charger_power_rated, "charger.power.rated", Unit::watt, setting, once, 0, 1e6, 1, "rated power of the charge point"},
    {env_irradiance, "env.irradiance", Unit::watt_per_square_metre, state, numbered, -50, 2500, 1, "irradiance in the plane of the modules"},
    {env_irradiance_horizontal, "env.irradiance.horizontal", Unit::watt_per_square_metre, state, once, -50, 2500, 1, "global horizontal irradiance"},
    {env_air_temperature, "env.air.temperature", Unit::celsius, state, once, -80, 80, 0.1, "temperature of the air"},
    {env_module_temperature, "env.module.temperature", Unit::celsius, state, numbered, -80, 150, 0.1, "temperature of a PV module or sensor cell"},
    {env_wind_speed, "env.wind.speed", Unit::metre_per_second, state, once, 0, 120, 0.1, "wind speed"},
    {env_wind_direction, "env.wind.direction", Unit::degree, state, once, 0, 360, 1, "where the wind comes from, clockwise from north"},
    {env_humidity, "env.humidity", Unit::percent, state, once, 0, 100, 1, "relative humidity"},
    {ac_power_limit_set, "ac.power.limit.set", Unit::watt, setpoint, once, 0, GW, 1, "upper bound of the AC output"},
    {ac_power_limit_percent_set, "ac.power.limit_percent.set", Unit::percent, setpoint, once, 0, 110, 0.1, "upper bound of the AC output, % of rated"},
    {battery_power_set, "battery.power.set", Unit::watt, setpoint, once, -GW, GW, 1, "battery power wanted; + discharge"},
    {charger_current_limit_set, "charger.current.limit.set", Unit::ampere, setpoint, once, 0, 1000, 0.1, "upper bound of the current per phase; 0 pauses"},
    {charger_phases_set, "charger.phases.set", Unit::none, setpoint, once, 1, 3, 1, "phases to charge with, 1 or 3"},
}};

constexpr bool table_is_ordered() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].role) != i) return false;
    return true;
}
static_assert(table_is_ordered(), "role.cpp: rows follow the enum");

}  // namespace

const RoleInfo& info(Role role) {
    BUSBAR_ASSERT(role < Role::count_);
    return table[static_cast<std::size_t>(role)];
}
std::span<const RoleInfo> all_roles() { return table; }

std::string_view to_string(Unit unit) {
    switch (unit) {
        case Unit::none: return "";
        case Unit::watt: return "W";
        case Unit::watt_hour: return "Wh";
        case Unit::volt: return "V";
        case Unit::ampere: return "A";
        case Unit::hertz: return "Hz";
        case Unit::celsius: return "°C";
        case Unit::percent: return "%";
        case Unit::var: return "var";
        case Unit::watt_per_square_metre: return "W/m²";
        case Unit::metre_per_second: return "m/s";
        case Unit::degree: return "°";
    }
    return "";
}

std::string to_string(RoleKey key) {
    const RoleInfo& role = info(key.role);
    std::string text(role.key);
    if (key.index == 0) return text;
    text += role.repeat == Repeat::phase ? ".l" : ".";
    text += std::to_string(key.index);
    return text;
}

std::optional<RoleKey> parse_role(std::string_view text) {
    for (const RoleInfo& role : table)
        if (text == role.key && role.repeat != Repeat::numbered) return RoleKey{role.role, 0};
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view base = text.substr(0, dot);
    std::string_view number = text.substr(dot + 1);
    for (const RoleInfo& role : table) {
        if (role.key != base || role.repeat == Repeat::once) continue;
        unsigned most = max_numbered;
        if (role.repeat == Repeat::phase) {
            if (!number.starts_with('l')) return std::nullopt;
            number.remove_prefix(1);
            most = 3;
        }
        unsigned index = 0;
        const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), index);
        if (ec != std::errc{} || end != number.data() + number.size() || index < 1 || index > most || number[0] == '0')
            return std::nullopt;
        return RoleKey{role.role, static_cast<std::uint8_t>(index)};
    }
    return std::nullopt;
}

}  // namespace busbar::model
