#include "plant/physics/household.hpp"

#include <algorithm>
#include <cmath>

namespace busbar::plant {
namespace {

struct Appliance {
    double power_w, mean_on_s, per_day;
    int phase;
    double from_h, to_h;  // when it is used
};
// A family of four; about 5 kWh a day on top of the base.
constexpr std::array appliances{
    Appliance{2100, 150, 7, 0, 6, 22},      // kettle
    Appliance{1800, 900, 2.5, 1, 11, 20},   // cooking plate
    Appliance{2400, 1500, 0.6, 1, 10, 20},  // oven
    Appliance{2000, 1100, 0.7, 2, 8, 18},   // washing machine heating
    Appliance{1900, 1000, 0.8, 2, 12, 22},  // dishwasher heating
    Appliance{900, 420, 2, 0, 6, 22},       // vacuum, hair dryer, microwave
    Appliance{160, 7200, 1.8, 0, 16, 23},   // television and company
    Appliance{120, 9000, 2, 2, 7, 23},      // lights and computers
};
constexpr std::size_t running_max = 32;
constexpr double fridge_w = 95, fridge_on_s = 900, fridge_period_s = 2700;
constexpr PhasePower split{0.40, 0.35, 0.25};  // a fixed power over the phases

PhasePower spread(double power_w) { return {power_w * split[0], power_w * split[1], power_w * split[2]}; }

}  // namespace

Load::Load(LoadSpec spec, std::uint64_t seed, std::string_view name)
    : spec_(std::move(spec)), random_(seed, std::string("load ") + std::string(name)) {
    fridge_s_ = random_.uniform(0, fridge_period_s);
}

void Load::step_appliances(double dt_s, double hour_of_day) {
    for (auto& r : running_) r.left_s -= dt_s;
    std::erase_if(running_, [](const Running& r) { return r.left_s <= 0; });
    for (const auto& a : appliances) {
        // One draw per appliance and step whatever happens, so that an event cannot shift later chance.
        const double draw = random_.uniform();
        if (hour_of_day < a.from_h || hour_of_day >= a.to_h || running_.size() >= running_max) continue;
        const double rate_per_s = a.per_day / ((a.to_h - a.from_h) * 3600);
        if (draw < 1 - std::exp(-rate_per_s * dt_s))
            running_.push_back({a.power_w, a.mean_on_s * random_.uniform(0.5, 1.5), a.phase});
    }
    fridge_s_ = std::fmod(fridge_s_ + dt_s, fridge_period_s);
    if (fridge_s_ < fridge_on_s) power_w_[1] += fridge_w;
    for (const auto& r : running_) power_w_[static_cast<std::size_t>(r.phase)] += r.power_w;
}

void Load::step(double dt_s, double time_s, double hour_of_day, std::optional<double> trace_w) {
    if (trace_w) traced_w_ = std::max(0.0, *trace_w * spec_.trace_scale);
    const bool on = spec_.every_s <= 0 || std::fmod(time_s, spec_.every_s) < spec_.on_s;
    power_w_ = spread(!spec_.trace.empty() ? traced_w_ : on ? spec_.base_w : 0);
    if (spec_.appliances && spec_.trace.empty()) step_appliances(dt_s, hour_of_day);
    if (pinned_w_) power_w_ = spread(*pinned_w_);
    energy_.add(sum(power_w_), dt_s);
}

}  // namespace busbar::plant
