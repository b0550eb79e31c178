#include "plant/physics/clouds.hpp"

#include <algorithm>
#include <cmath>

namespace busbar::plant {
namespace {

// Mean dwell in gap and cloud, and what a cloud lets through. Edges pass a house in 2 to 10 s: measured ramps of 50 %
// in 5 s are common, 80 % a minute the rule on a broken day.
struct Pattern {
    double gap_s, cloud_s, through_low, through_high;
};
constexpr Pattern pattern_of(Weather w) {
    switch (w) {
        case Weather::clear:
            return {1e9, 1, 1, 1};
        case Weather::fair:
            return {900, 90, 0.45, 0.8};
        case Weather::broken:
            return {120, 150, 0.18, 0.6};
        case Weather::overcast:
            return {30, 1800, 0.08, 0.3};
    }
    return {1e9, 1, 1, 1};
}

}  // namespace

Clouds::Clouds(Weather weather, std::uint64_t seed) : weather_(weather), random_(seed, "clouds") {
    if (weather_ == Weather::clear) return;
    turn_weather();
    now_ = target_;
}

void Clouds::turn_weather() {
    const Pattern p = pattern_of(weather_);
    covered_ = !covered_;
    dwell_left_s_ = random_.exponential(covered_ ? p.cloud_s : p.gap_s);
    target_ = covered_ ? random_.uniform(p.through_low, p.through_high) : random_.uniform(0.95, 1.05);
    slope_per_s_ = std::abs(target_ - now_) / random_.uniform(2, 10);
}

void Clouds::edge(double transmission, double ramp_s) {
    scripted_ = true;
    target_ = std::clamp(transmission, 0.0, 1.2);
    slope_per_s_ = ramp_s > 0 ? std::abs(target_ - now_) / ramp_s : 0;
    if (ramp_s <= 0) now_ = target_;
}

void Clouds::follow_weather() {
    scripted_ = false;
    if (weather_ == Weather::clear) {
        edge(1, 5);
        scripted_ = false;
    } else {
        dwell_left_s_ = 0;
    }
}

void Clouds::step(double dt_s) {
    if (!scripted_ && weather_ != Weather::clear) {
        dwell_left_s_ -= dt_s;
        if (dwell_left_s_ <= 0) turn_weather();
    }
    const double most = slope_per_s_ * dt_s;
    now_ += std::clamp(target_ - now_, -most, most);
}

}  // namespace busbar::plant
