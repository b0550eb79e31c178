#pragma once
// Everything a strategy may know, frozen at one instant for one cycle. Built by control/snapshot_builder; strategies,
// the arbiter and tests only read it. A missing optional means unknown: never measured, stale or not believable.
// Signs: grid + import, inverter and PV + production, battery + discharge. Watts.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/reading.hpp"

namespace busbar::model {

// A fresh value and when its last byte arrived.
struct Measured {
    double value = 0;
    Instant at{};
};

// A setpoint that was sent to a device and not refused, and since when.
struct Held {
    double value = 0;
    Instant since{};
};

struct BatteryView {
    std::uint16_t device = 0;
    DeviceId id;
    std::optional<Measured> power_w;
    std::optional<Measured> soc_percent;
    std::optional<double> capacity_wh;
    double charge_max_w = 0;       // most charging power now, >= 0: battery's own limit, 0 when full
    double discharge_max_w = 0;    // most discharging power now, >= 0: 0 when empty
    bool is_settable = false;      // has battery.power.set
    bool is_controllable = false;  // settable, online, and it has not been caught disobeying
    bool is_hybrid = false;        // shares an inverter with PV: its power is part of an InverterView's ac_power_w
    std::optional<Held> setpoint_w;
};

struct InverterView {
    std::uint16_t device = 0;
    DeviceId id;
    std::optional<Measured> ac_power_w;  // hybrid: PV and battery together
    std::optional<Measured> pv_power_w;  // production; for a PV inverter without DC reading its AC power
    std::optional<double> rated_w;
    std::optional<RoleKey> limit_role;  // how its output can be capped, in W or % of rated; none: it cannot
    bool is_online = false;
    bool is_controllable = false;  // can be capped, online, and it has not been caught disobeying
    bool is_hybrid = false;
    std::optional<Held> cap_w;  // always in W
    // What must be assumed when it is silent or disobeys: its last cap or, when it may have left that, its rated power.
    double worst_case_w = 0;
    double last_ac_w = 0;  // newest AC power known, however old; 0 when there never was one
};

struct Snapshot {
    Instant at{};
    std::optional<Measured> grid_w;
    double pv_peak_w = 0;  // installed DC power, basis of percent limits
    std::vector<InverterView> inverters;
    std::vector<BatteryView> batteries;
    // Sums, unknown when a needed part is unknown. house = grid + inverters + AC-coupled batteries.
    std::optional<double> pv_w, battery_w, house_w;
    std::optional<double> battery_soc_percent;  // weighted by capacity where known
};

}  // namespace busbar::model
