#pragma once
// One inverter with what hangs on its DC side: PV modules, a battery, or both. It obeys what was written to it (an AC
// limit, a battery power) as long as the lease lasts, and otherwise runs its own logic: everything out, battery keeps
// the grid power at zero. Stepped by Site; read and written by the simulated device that plays it.
#include <optional>

#include "plant/physics/battery.hpp"
#include "plant/physics/inverter.hpp"
#include "plant/physics/pv_array.hpp"

namespace busbar::plant {

struct ConverterSpec {
    InverterSpec inverter;
    std::optional<PvArray> array;
    std::optional<BatterySpec> battery;
    double soc_percent = 50;  // at the start
};

class Converter {
public:
    explicit Converter(const ConverterSpec& spec);

    // available_w: DC power the modules could give now. grid_w: what the house draws from the grid, as its own sensor
    // sees it.
    void step(double dt_s, double available_w, double grid_w);

    // Written from outside, in W; the smaller of the two limits counts. Values beyond the rating are clipped.
    RemoteValue limit, limit_percent;  // W / % of rated
    RemoteValue battery_set;           // W, + = discharge

    const ConverterSpec& spec() const { return spec_; }
    double ac_w() const { return ac_w_; }  // + = given to the site
    double pv_w() const { return pv_w_; }  // DC, taken from the modules
    double available_w() const { return available_w_; }
    double battery_w() const { return battery_ ? battery_->power_w() : 0; }
    double loss_w() const { return pv_w_ + battery_w() - ac_w_; }
    double limit_w() const { return limit_now_w_; }  // in force, after the ramp
    const Battery* battery() const { return battery_ ? &*battery_ : nullptr; }
    const TwoWayEnergy& ac_energy() const { return ac_energy_; }  // positive = given
    const EnergyCounter& pv_energy() const { return pv_energy_; }
    double temperature_c() const { return temperature_c_; }

private:
    double wanted_battery_w(double dt_s, double grid_w);

    ConverterSpec spec_;
    std::optional<Battery> battery_;
    double limit_now_w_;
    double battery_target_w_ = 0;  // after the lag
    double own_target_w_ = 0;      // integrator of the own logic
    double ac_w_ = 0, pv_w_ = 0, available_w_ = 0;
    double temperature_c_ = 25;
    TwoWayEnergy ac_energy_;
    EnergyCounter pv_energy_;
};

}  // namespace busbar::plant
