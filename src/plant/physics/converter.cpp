#include "plant/physics/converter.hpp"

#include <algorithm>

namespace busbar::plant {
namespace {
// The own logic closes the grid power with this time constant: as quick as hybrids with their own meter are in
// practice.
constexpr double own_logic_s = 2.0;
constexpr double own_deadband_w = 15;
}  // namespace

Converter::Converter(const ConverterSpec& spec) : spec_(spec), limit_now_w_(spec.inverter.rated_w) {
    if (spec.battery) battery_.emplace(*spec.battery, spec.soc_percent);
}

double Converter::wanted_battery_w(double dt_s, double grid_w) {
    if (const auto remote = battery_set.value()) {
        own_target_w_ = battery_->power_w();  // its own logic goes on from here, without a jump
        return *remote;
    }
    if (std::abs(grid_w) > own_deadband_w) own_target_w_ += grid_w * std::min(1.0, dt_s / own_logic_s);
    own_target_w_ = std::clamp(own_target_w_, -battery_->charge_limit_w(), battery_->discharge_limit_w());
    return own_target_w_;
}

void Converter::step(double dt_s, double available_w, double grid_w) {
    limit.step(dt_s);
    limit_percent.step(dt_s);
    battery_set.step(dt_s);
    available_w_ = available_w;

    const double rated_w = spec_.inverter.rated_w;
    const double wanted_limit_w = std::clamp(
        std::min(limit.value().value_or(rated_w), limit_percent.value().value_or(100) / 100 * rated_w), 0.0, rated_w);
    limit_now_w_ = follow(limit_now_w_, wanted_limit_w, dt_s, spec_.inverter.response_s);
    const double dc_max_w = dc_from_ac_w(spec_.inverter, limit_now_w_);
    const double dc_min_w = dc_from_ac_w(spec_.inverter, -rated_w);

    double battery_w = 0;
    if (battery_) {
        battery_target_w_ = follow(battery_target_w_, wanted_battery_w(dt_s, grid_w), dt_s, spec_.inverter.response_s);
        // The sun goes first through a limited inverter; the battery gives only what still fits.
        battery_w =
            std::clamp(battery_target_w_, std::min(0.0, dc_min_w - available_w), std::max(0.0, dc_max_w - available_w));
        battery_w = battery_->step(battery_w, dt_s);
    }
    pv_w_ = std::clamp(available_w, 0.0, std::max(0.0, dc_max_w - battery_w));
    ac_w_ = ac_from_dc_w(spec_.inverter, pv_w_ + battery_w);

    ac_energy_.add(ac_w_, dt_s);
    pv_energy_.add(pv_w_, dt_s);
    const double warm_c = 25 + 30 * std::abs(ac_w_) / std::max(1.0, rated_w);
    temperature_c_ += (warm_c - temperature_c_) * std::min(1.0, dt_s / 600);
}

}  // namespace busbar::plant
