#include "plant/physics/inverter.hpp"

#include <cmath>

namespace busbar::plant {
namespace {
constexpr double running = 0.003, proportional = 0.01, at_full = 0.01;
}

double dc_from_ac_w(const InverterSpec& spec, double ac_w) {
    if (spec.rated_w <= 0) return ac_w;
    return ac_w + running * spec.rated_w + proportional * std::abs(ac_w) + at_full * ac_w * ac_w / spec.rated_w;
}

double ac_from_dc_w(const InverterSpec& spec, double dc_w) {
    if (spec.rated_w <= 0) return dc_w;
    const double net = dc_w - running * spec.rated_w;
    const double a = at_full / spec.rated_w;
    // Each side solves its own quadratic; with dc below zero the inverter draws, and the standing loss is drawn too.
    if (net >= 0) {
        const double b = 1 + proportional;
        return (-b + std::sqrt(b * b + 4 * a * net)) / (2 * a);
    }
    if (dc_w >= 0) return 0;
    const double b = 1 - proportional;
    const double inside = b * b + 4 * a * net;
    return inside <= 0 ? -b / (2 * a) : (-b + std::sqrt(inside)) / (2 * a);
}

double follow(double y, double target, double dt_s, double tau_s) {
    return tau_s <= 0 ? target : target + (y - target) * std::exp(-dt_s / tau_s);
}

}  // namespace busbar::plant
