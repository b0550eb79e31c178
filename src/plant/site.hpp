#pragma once
// The physics of one house put together: sky, inverters, loads, grid. Stepped by World in small fixed steps; read and
// written by the simulated devices. Balance at every instant: load = grid + sum of the converters' AC power.
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "plant/scenario/scenario.hpp"

namespace busbar::plant {

// What the checker, the report and people look at. Powers in W by the sign rule (grid + import, battery + discharge).
struct SiteState {
    double time_s = 0;  // since the scenario's start
    double grid_w = 0;
    double pv_w = 0;  // DC, taken
    double pv_available_w = 0;
    double battery_w = 0;
    double ac_w = 0;  // of all inverters
    double load_w = 0;
    std::optional<double> soc;        // %, energy-weighted over all batteries
    bool battery_controlled = false;  // a remote setpoint is in force
    double feed_in_w() const { return grid_w < 0 ? -grid_w : 0; }
    double import_w() const { return grid_w > 0 ? grid_w : 0; }
};

struct SiteEnergy {
    double import_wh = 0, export_wh = 0, pv_wh = 0, load_wh = 0, charged_wh = 0, discharged_wh = 0, loss_wh = 0;
};

class Site {
public:
    // What the traces say at this instant; empty vectors when no item has one.
    struct Traced {
        std::vector<std::optional<double>> source_w, load_w;
    };

    Site(const Scenario& scenario, std::uint64_t seed);

    void step(double dt_s, const Traced& traced);

    Clouds& clouds() { return clouds_; }
    Grid& grid() { return grid_; }
    const Grid& grid() const { return grid_; }
    std::span<Converter> converters() { return converters_; }
    std::span<const Converter> converters() const { return converters_; }
    std::span<Load> loads() { return loads_; }
    std::span<const Load> loads() const { return loads_; }
    // DC power the modules of source `i` could give is pinned; nullopt = sun, clouds or trace again.
    void pin_pv(std::size_t i, std::optional<double> power_w) { pinned_pv_w_[i] = power_w; }

    double time_s() const { return time_s_; }
    WallTime wall() const;
    double solar_hour() const { return plant::solar_hour(place_, wall()); }
    // What sensors on the roof would see: the plane of a usual array, 30 degrees to the south.
    struct Weather {
        double plane_wm2 = 0, horizontal_wm2 = 0, air_c = 0;
    };
    Weather weather() const;
    SiteState state() const;
    SiteEnergy energy() const;

private:
    double available_w(std::size_t i, double irradiance_wm2, std::optional<double> traced_w) const;

    Place place_;
    WallTime start_;
    double air_c_;
    Clouds clouds_;
    Grid grid_;
    std::vector<Converter> converters_;
    std::vector<Load> loads_;
    std::vector<double> trace_scale_;  // per converter
    std::vector<bool> is_traced_;
    std::vector<double> traced_w_;  // last known
    std::vector<std::optional<double>> pinned_pv_w_;
    double time_s_ = 0;
    double converter_loss_ws_ = 0;
};

}  // namespace busbar::plant
