#pragma once
// Power electronics between DC and AC: losses, rating, and an upper limit that takes effect with a first-order lag.
// Positive = given to the AC side. Pure values; the site steps them.
#include <limits>
#include <optional>

namespace busbar::plant {

struct InverterSpec {
    double rated_w = 0;       // AC, both directions
    double response_s = 0.5;  // time constant with which a new limit or setpoint is reached
};

// ac + losses. Monotonic, negative ac (drawing from the grid) gives a smaller negative dc. Losses: 0.3 % of the rating
// while running, 1 % proportional, 1 % of the rating at full power: 97.7 % at rated, 96.2 % at a fifth.
double dc_from_ac_w(const InverterSpec& spec, double ac_w);
// The inverse: what arrives at AC from `dc_w`. 0 when dc_w does not cover the running losses.
double ac_from_dc_w(const InverterSpec& spec, double dc_w);

// A value written from outside that falls back by itself: after its lease it is as if never written.
class RemoteValue {
public:
    static constexpr double for_ever = std::numeric_limits<double>::infinity();
    void set(double value, double lease_s) {
        value_ = value;
        left_s_ = lease_s;
    }
    void release() { value_.reset(); }
    void step(double dt_s) {
        if (value_ && (left_s_ -= dt_s) <= 0) value_.reset();
    }
    std::optional<double> value() const { return value_; }
    double left_s() const { return value_ ? left_s_ : 0; }

private:
    std::optional<double> value_;
    double left_s_ = 0;
};

// y follows target: dy/dt = (target - y) / tau, exact for any dt.
double follow(double y, double target, double dt_s, double tau_s);

}  // namespace busbar::plant
