#pragma once
// The closed list of meanings a point can have. Everything above device/ sees "device, role, value" and never registers or
// makers. A role is added only with unit, sign, range, kind and at least one consumer (role.cpp holds the table, the
// reference page is generated from it).
//
// Sign rule, once: sources (grid, PV, battery, inverter) count positive what they give to the site, consumers what they
// take: grid + import, PV + production, battery + discharge, so grid + pv + battery = consumption.
// Units in memory are SI per role (W, Wh, A, V, Hz, degree C, %, var, W/m2, m/s, degree); conversion happens in profile/
// only.
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace busbar::model {

enum class Role : std::uint8_t {
    // A power meter, wherever it sits (the site says what it measures). + = taken from the grid side.
    meter_power, meter_phase_power, meter_reactive_power, meter_power_factor, meter_voltage, meter_current,
    meter_frequency, meter_energy_import, meter_energy_export,
    // AC side of an inverter. + = given to the site.
    ac_power, ac_phase_power, ac_reactive_power, ac_power_factor, ac_voltage, ac_current, ac_frequency,
    ac_energy_export, ac_energy_today, ac_power_rated,
    // DC side of PV.
    pv_power, pv_string_voltage, pv_string_current, pv_energy_total, pv_energy_today,
    // Storage. + = discharge.
    battery_power, battery_soc, battery_soh, battery_voltage, battery_current, battery_temperature,
    battery_energy_charged, battery_energy_discharged, battery_capacity, battery_charge_power_max,
    battery_discharge_power_max, battery_soc_min, battery_soc_max,
    // The device itself.
    device_temperature, device_state, device_alarm,
    // A charge point for cars. + = taken by the car (a consumer).
    charger_power, charger_voltage, charger_current, charger_energy_total, charger_energy_session,
    charger_state,  // one of ChargerState, whatever codes the device has
    charger_phases, charger_current_max, charger_power_rated,
    // Weather station, radiation and temperature sensors.
    env_irradiance, env_irradiance_horizontal, env_air_temperature, env_module_temperature, env_wind_speed,
    env_wind_direction, env_humidity,
    // Setpoints: what the arbiter decides and the dispatcher writes.
    ac_power_limit_set,          // W, upper bound of an inverter's AC output
    ac_power_limit_percent_set,  // % of rated AC power, same meaning
    battery_power_set,           // W, + = discharge
    charger_current_limit_set,   // A per phase the car may take; 0 = pause, 0 < x < 6 does not exist (IEC 61851)
    charger_phases_set,          // 1 or 3 phases for the next charging
    count_
};
inline constexpr std::size_t role_count = static_cast<std::size_t>(Role::count_);

enum class RoleKind : std::uint8_t { state, counter, setting, setpoint };
enum class Unit : std::uint8_t { none, watt, watt_hour, volt, ampere, hertz, celsius, percent, var, watt_per_square_metre, metre_per_second, degree };
// How a role repeats inside one device: once, per phase (.l1 .l2 .l3), or numbered from 1 (.1 .2 ...).
enum class Repeat : std::uint8_t { once, phase, numbered };

struct RoleInfo {
    Role role;
    std::string_view key;   // "battery.power"
    Unit unit;
    RoleKind kind;
    Repeat repeat;
    double min;             // physically believable range in `unit`; outside = invalid reading
    double max;
    double resolution;      // default step kept in history when the profile knows no better
    std::string_view meaning;
};

// The values of charger.state: what control has to know, from the states of IEC 61851 and OCPP. Profiles translate the
// device's codes into these.
enum class ChargerState : std::uint8_t { unavailable, no_car, connected, charging, fault };
inline constexpr std::string_view charger_state_words[] = {"unavailable", "no car", "connected", "charging", "fault"};

const RoleInfo& info(Role role);
std::span<const RoleInfo> all_roles();
std::string_view to_string(Unit unit);  // "W", "Wh", ... "" for none

// A role with its phase or number: "ac.voltage.l2", "pv.string.voltage.3". index 0 = the role repeats once.
// A per-phase role may also appear with index 0, meaning the device's single or mean value.
struct RoleKey {
    Role role{};
    std::uint8_t index = 0;
    auto operator<=>(const RoleKey&) const = default;
};

inline constexpr std::uint8_t max_numbered = 24;  // largest number of strings known (Huawei)

std::string to_string(RoleKey key);
// nullopt when the text names no role, or an index the role does not have.
std::optional<RoleKey> parse_role(std::string_view text);

}  // namespace busbar::model
