#pragma once
// What happened in a run, in figures: fed tick by tick by World, written out by busbar-plant and read by tests.
#include <limits>

#include "plant/site.hpp"

namespace busbar::plant {

struct Extreme {
    double min = std::numeric_limits<double>::infinity(), max = -std::numeric_limits<double>::infinity();
    void see(double v) {
        if (v < min) min = v;
        if (v > max) max = v;
    }
};

struct Record {
    double seconds = 0;
    Extreme grid_w, pv_w, battery_w, load_w, soc;
    // Feed-in above the limit in force by more than 1 % of the installed PV power (regulation noise).
    double tolerance_w = 0;
    double above_limit_s = 0, longest_excess_s = 0, excess_wh = 0, highest_excess_w = 0;
    double cost_eur = 0;  // by the scenario's price; import paid, feed-in earned

    void see(const SiteState& state, double limit_w, double price_eur_per_wh, double dt_s);

private:
    double excess_now_s_ = 0;
};

}  // namespace busbar::plant
