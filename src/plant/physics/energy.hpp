#pragma once
// An energy counter that never loses a watt-second: whole millijoules in an integer, the fraction carried on. Two
// counters fed the same powers in steps of different length agree to 1 mJ after years.
#include <cmath>
#include <cstdint>

#include "base/assert.hpp"

namespace busbar::plant {

class EnergyCounter {
public:
    // power_w >= 0, dt_s >= 0. Good for 2.5 TWh.
    void add(double power_w, double dt_s) {
        BUSBAR_ASSERT(std::isfinite(power_w) && power_w >= 0 && dt_s >= 0);
        carry_mj_ += power_w * dt_s * 1000;
        const double whole = std::floor(carry_mj_);
        whole_mj_ += static_cast<std::int64_t>(whole);
        carry_mj_ -= whole;
    }
    double wh() const { return static_cast<double>(whole_mj_) / 3.6e6; }
    std::int64_t millijoules() const { return whole_mj_; }

private:
    std::int64_t whole_mj_ = 0;
    double carry_mj_ = 0;  // [0, 1)
};

// A pair for power that goes both ways.
struct TwoWayEnergy {
    EnergyCounter positive;
    EnergyCounter negative;
    void add(double power_w, double dt_s) {
        positive.add(power_w > 0 ? power_w : 0, dt_s);
        negative.add(power_w < 0 ? -power_w : 0, dt_s);
    }
};

}  // namespace busbar::plant
