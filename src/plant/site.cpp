#include "plant/site.hpp"

#include <cmath>

namespace busbar::plant {

Site::Site(const Scenario& scenario, std::uint64_t seed)
    : place_(scenario.place),
      start_(scenario.start),
      air_c_(scenario.air_c),
      clouds_(scenario.weather, seed),
      grid_(scenario.grid.spec, seed) {
    for (const auto& source : scenario.sources) {
        converters_.emplace_back(source.spec);
        trace_scale_.push_back(source.trace_scale);
        is_traced_.push_back(!source.trace.empty());
    }
    for (const auto& load : scenario.loads) loads_.emplace_back(load.spec, seed, load.meter.id);
    traced_w_.resize(converters_.size());
    pinned_pv_w_.resize(converters_.size());
}

WallTime Site::wall() const { return start_ + std::chrono::milliseconds(std::llround(time_s_ * 1000)); }

Site::Weather Site::weather() const {
    const SunPosition sun = sun_position(place_, wall());
    const Irradiance sky = clear_sky(sun.elevation_deg);
    const double clear = clouds_.transmission();
    return {plane_irradiance_wm2({}, sun, sky) * clear, plane_irradiance_wm2({0, 180}, sun, sky) * clear, air_c_};
}

double Site::available_w(std::size_t i, double irradiance_wm2, std::optional<double> traced_w) const {
    const auto& array = converters_[i].spec().array;
    if (!array) return 0;
    if (pinned_pv_w_[i]) return *pinned_pv_w_[i];
    if (is_traced_[i]) return traced_w.value_or(traced_w_[i]);
    return pv_power_w(*array, irradiance_wm2, air_c_);
}

void Site::step(double dt_s, const Traced& traced) {
    time_s_ += dt_s;
    clouds_.step(dt_s);
    const SunPosition sun = sun_position(place_, wall());
    const Irradiance sky = clear_sky(sun.elevation_deg);

    PhasePower import_w{};
    const double hour = solar_hour();
    for (std::size_t i = 0; i < loads_.size(); ++i) {
        loads_[i].step(dt_s, time_s_, hour, i < traced.load_w.size() ? traced.load_w[i] : std::nullopt);
        for (std::size_t p = 0; p < 3; ++p) import_w[p] += loads_[i].power_w()[p];
    }
    // Each converter's own logic sees the grid as it was a step ago, as a real one does.
    const double grid_before_w = sum(grid_.power_w());
    for (std::size_t i = 0; i < converters_.size(); ++i) {
        auto& converter = converters_[i];
        const auto& array = converter.spec().array;
        const double light = array ? plane_irradiance_wm2(array->orientation, sun, sky) * clouds_.transmission() : 0;
        std::optional<double> trace_w;
        if (i < traced.source_w.size() && traced.source_w[i])
            trace_w = traced_w_[i] = std::max(0.0, *traced.source_w[i] * trace_scale_[i]);
        converter.step(dt_s, available_w(i, light, trace_w), grid_before_w);
        converter_loss_ws_ += converter.loss_w() * dt_s;
        for (auto& p : import_w) p -= converter.ac_w() / 3;
    }
    grid_.step(dt_s, import_w);
}

SiteState Site::state() const {
    SiteState s;
    s.time_s = time_s_;
    s.grid_w = sum(grid_.power_w());
    double stored_wh = 0, capacity_wh = 0;
    for (const auto& c : converters_) {
        s.pv_w += c.pv_w();
        s.pv_available_w += c.available_w();
        s.battery_w += c.battery_w();
        s.ac_w += c.ac_w();
        if (!c.battery()) continue;
        stored_wh += c.battery()->stored_wh();
        capacity_wh += c.battery()->spec().capacity_wh;
        if (c.battery_set.value()) s.battery_controlled = true;
    }
    if (capacity_wh > 0) s.soc = 100 * stored_wh / capacity_wh;
    for (const auto& l : loads_) s.load_w += sum(l.power_w());
    return s;
}

SiteEnergy Site::energy() const {
    SiteEnergy e;
    e.import_wh = grid_.energy().positive.wh();
    e.export_wh = grid_.energy().negative.wh();
    e.loss_wh = converter_loss_ws_ / 3600;
    for (const auto& c : converters_) {
        e.pv_wh += c.pv_energy().wh();
        if (!c.battery()) continue;
        e.charged_wh += c.battery()->energy().negative.wh();
        e.discharged_wh += c.battery()->energy().positive.wh();
    }
    for (const auto& l : loads_) e.load_wh += l.energy().wh();
    return e;
}

}  // namespace busbar::plant
