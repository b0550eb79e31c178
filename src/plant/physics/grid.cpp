#include "plant/physics/grid.hpp"

#include <algorithm>
#include <cmath>

namespace busbar::plant {

void Grid::step(double dt_s, const PhasePower& import_w) {
    power_w_ = import_w;
    for (std::size_t i = 0; i < 3; ++i)
        voltage_v_[i] = spec_.voltage_v - spec_.resistance_ohm * import_w[i] / std::max(100.0, spec_.voltage_v);
    // Ornstein-Uhlenbeck with 15 mHz deviation and 60 s memory.
    const double keep = std::exp(-dt_s / 60);
    frequency_hz_ = spec_.frequency_hz + (frequency_hz_ - spec_.frequency_hz) * keep +
                    0.015 * std::sqrt(1 - keep * keep) * random_.normal();
    energy_.add(sum(import_w), dt_s);
}

}  // namespace busbar::plant
