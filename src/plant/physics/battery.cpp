#include "plant/physics/battery.hpp"

#include <algorithm>

namespace busbar::plant {
namespace {

// 1 in the middle, falling to 0.05 over the last `taper` percent, 0 at the end itself.
double share_left(double percent_to_end, double taper) {
    if (percent_to_end <= 0) return 0;
    return taper <= 0 ? 1 : std::clamp(percent_to_end / taper, 0.05, 1.0);
}

}  // namespace

Battery::Battery(BatterySpec spec, double soc_percent)
    : spec_(spec), stored_wh_(spec.capacity_wh * std::clamp(soc_percent, 0.0, 100.0) / 100) {
    BUSBAR_ASSERT(spec.capacity_wh > 0);
}

double Battery::charge_limit_w() const { return spec_.charge_max_w * share_left(spec_.soc_max - soc(), spec_.taper); }
double Battery::discharge_limit_w() const {
    return spec_.discharge_max_w * share_left(soc() - spec_.soc_min, spec_.taper);
}

double Battery::step(double wanted_w, double dt_s) {
    const double hours = dt_s / 3600;
    double power = std::clamp(wanted_w, -charge_limit_w(), discharge_limit_w());
    // A long step may not run past an end either.
    const double room_wh = std::max(0.0, spec_.capacity_wh * spec_.soc_max / 100 - stored_wh_);
    const double left_wh = std::max(0.0, stored_wh_ - spec_.capacity_wh * spec_.soc_min / 100);
    if (hours > 0) {
        power = std::max(power, -room_wh / spec_.charge_efficiency / hours);
        power = std::min(power, left_wh * spec_.discharge_efficiency / hours);
    }
    const double cell_w = power >= 0 ? power / spec_.discharge_efficiency : power * spec_.charge_efficiency;
    const double standby_wh = std::min(spec_.standby_w * hours, std::max(0.0, stored_wh_ - cell_w * hours));
    stored_wh_ = std::clamp(stored_wh_ - cell_w * hours - standby_wh, 0.0, spec_.capacity_wh);
    loss_wh_ += (cell_w - power) * hours + standby_wh;
    energy_.add(power, dt_s);
    power_w_ = power;
    const double warm_c = 22 + 12 * std::abs(power) / std::max(1.0, spec_.discharge_max_w);
    temperature_c_ += (warm_c - temperature_c_) * std::min(1.0, dt_s / 1800);
    return power;
}

// A 14-cell-in-series stack doubled to a home battery's 350..450 V; 0.1 ohm inside.
double Battery::voltage_v() const {
    const double open_v = 360 + 0.8 * soc();
    return open_v - 0.1 * power_w_ / open_v;
}

}  // namespace busbar::plant
