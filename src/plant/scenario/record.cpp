#include "plant/scenario/record.hpp"

#include <algorithm>

namespace busbar::plant {

void Record::see(const SiteState& state, double limit_w, double price_eur_per_wh, double dt_s) {
    seconds += dt_s;
    grid_w.see(state.grid_w);
    pv_w.see(state.pv_w);
    battery_w.see(state.battery_w);
    load_w.see(state.load_w);
    if (state.soc) soc.see(*state.soc);
    cost_eur += price_eur_per_wh * state.grid_w * dt_s / 3600;

    const double excess_w = state.feed_in_w() - limit_w;
    if (excess_w <= tolerance_w) {
        excess_now_s_ = 0;
        return;
    }
    above_limit_s += dt_s;
    excess_now_s_ += dt_s;
    excess_wh += excess_w * dt_s / 3600;
    longest_excess_s = std::max(longest_excess_s, excess_now_s_);
    highest_excess_w = std::max(highest_excess_w, excess_w);
}

}  // namespace busbar::plant
