#pragma once
// The DC side of a roof: what the modules could give at their maximum power point. What the inverter takes of it is
// inverter.hpp's matter.
#include <algorithm>

#include "plant/physics/sun.hpp"

namespace busbar::plant {

struct PvArray {
    double peak_w = 0;  // at 1000 W/m2 and 25 degrees cell temperature
    Orientation orientation;
    int strings = 2;
};

// W, 0..1.3 peak. Cells run 0.031 K per W/m2 above the air; silicon loses 0.35 % per K.
inline double pv_power_w(const PvArray& array, double irradiance_wm2, double air_c) {
    const double cell_c = air_c + 0.031 * irradiance_wm2;
    return std::max(0.0, array.peak_w * irradiance_wm2 / 1000 * (1 - 0.0035 * (cell_c - 25)));
}

// A string's voltage at its maximum power point: about 620 V by day, a little lower in weak light, 0 in the dark.
inline double string_voltage_v(const PvArray& array, double power_w) {
    if (array.peak_w <= 0 || power_w <= 0) return 0;
    return 560 + 60 * std::min(1.0, power_w / array.peak_w);
}

}  // namespace busbar::plant
