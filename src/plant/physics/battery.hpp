#pragma once
// A home battery at its DC terminals. + = discharge. Power is clipped to what the cells allow now (rating, taper near
// full and empty), energy is accounted with separate losses both ways and a standby draw from the cells.
#include "plant/physics/energy.hpp"

namespace busbar::plant {

struct BatterySpec {
    double capacity_wh = 0;  // usable, between soc 0 and 100 %
    double charge_max_w = 5000;
    double discharge_max_w = 5000;
    double charge_efficiency = 0.97;     // terminals -> cells
    double discharge_efficiency = 0.97;  // cells -> terminals
    double standby_w = 6;
    double soc_min = 5;    // %; discharge ends here
    double soc_max = 100;  // %; charge ends here
    double taper = 5;      // % of SOC over which the power falls to a twentieth at either end
};

class Battery {
public:
    Battery(BatterySpec spec, double soc_percent);

    // Most power now, W, both >= 0; 0 at the ends.
    double charge_limit_w() const;
    double discharge_limit_w() const;
    // Runs at the power nearest to wanted_w that the cells allow, and returns it.
    double step(double wanted_w, double dt_s);

    const BatterySpec& spec() const { return spec_; }
    double soc() const { return 100 * stored_wh_ / spec_.capacity_wh; }  // %
    double stored_wh() const { return stored_wh_; }
    double power_w() const { return power_w_; }
    double voltage_v() const;
    double temperature_c() const { return temperature_c_; }
    const TwoWayEnergy& energy() const { return energy_; }  // positive = discharged, at the terminals
    double loss_wh() const { return loss_wh_; }             // conversion and standby, since start

private:
    BatterySpec spec_;
    double stored_wh_;
    double power_w_ = 0;
    double temperature_c_ = 22;
    double loss_wh_ = 0;
    TwoWayEnergy energy_;
};

}  // namespace busbar::plant
