#pragma once
// What a house takes: a fixed power, a base with seeded appliances, a cycling machine, or a measured trace. + =
// consumed.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plant/physics/energy.hpp"
#include "plant/physics/random.hpp"
#include "plant/physics/trace.hpp"

namespace busbar::plant {

using PhasePower = std::array<double, 3>;  // W on L1, L2, L3
inline double sum(const PhasePower& p) { return p[0] + p[1] + p[2]; }

struct LoadSpec {
    double base_w = 0;
    bool appliances = false;  // fridge, kettle, cooker, washing machine ... on top of the base
    double every_s = 0;       // > 0: base_w only for the first on_s of every such period (a heat pump)
    double on_s = 0;
    std::string trace;  // name of a trace column; replaces everything else
    double trace_scale = 1;
};

class Load {
public:
    Load(LoadSpec spec, std::uint64_t seed, std::string_view name);

    // A scenario pins the power; nullopt gives it back to the rules above.
    void pin(std::optional<double> power_w) { pinned_w_ = power_w; }
    // `trace_w`: the trace's value now, when spec.trace names one and it has one here; unknown holds the last value.
    void step(double dt_s, double time_s, double hour_of_day, std::optional<double> trace_w);

    const PhasePower& power_w() const { return power_w_; }
    const EnergyCounter& energy() const { return energy_; }
    const LoadSpec& spec() const { return spec_; }

private:
    struct Running {
        double power_w, left_s;
        int phase;
    };
    void step_appliances(double dt_s, double hour_of_day);

    LoadSpec spec_;
    Random random_;
    std::optional<double> pinned_w_;
    double traced_w_ = 0;
    double fridge_s_;
    std::vector<Running> running_;
    PhasePower power_w_{};
    EnergyCounter energy_;
};

}  // namespace busbar::plant
