#pragma once
// The public grid at the connection point: takes and gives whatever is left over, with voltages that bend a little
// under load and a frequency that wanders by some ten millihertz.
#include <array>
#include <cstdint>
#include <optional>

#include "plant/physics/household.hpp"

namespace busbar::plant {

struct GridSpec {
    double voltage_v = 230;        // phase to neutral without load
    double resistance_ohm = 0.25;  // of one phase up to the transformer
    double frequency_hz = 50;
};

class Grid {
public:
    Grid(GridSpec spec, std::uint64_t seed) : spec_(spec), random_(seed, "grid"), frequency_hz_(spec.frequency_hz) {}

    void set_voltage(double v) { spec_.voltage_v = v; }
    void set_frequency(double hz) { spec_.frequency_hz = frequency_hz_ = hz; }
    void step(double dt_s, const PhasePower& import_w);

    const PhasePower& power_w() const { return power_w_; }  // + = import
    const std::array<double, 3>& voltage_v() const { return voltage_v_; }
    double frequency_hz() const { return frequency_hz_; }
    const TwoWayEnergy& energy() const { return energy_; }  // of the sum of phases; positive = import

private:
    GridSpec spec_;
    Random random_;
    double frequency_hz_;
    PhasePower power_w_{};
    std::array<double, 3> voltage_v_{230, 230, 230};
    TwoWayEnergy energy_;
};

}  // namespace busbar::plant
