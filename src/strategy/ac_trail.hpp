#pragma once
// Remembers one inverter's last AC power readings and says between what its power can have been when the grid meter
// looked. Meter and inverters answer at different instants, so the answer is an interval. Used by feed_in_limit, one
// per inverter: readings of different inverters are never added up before their instants have been looked at. Pure
// value.
#include <array>
#include <cstddef>

#include "model/snapshot.hpp"
#include "strategy/command_trail.hpp"

namespace busbar::strategy {

class AcTrail {
public:
    // A reading with the instant of the last one replaces it. W, + = production.
    void note(model::Measured ac);

    // Smallest and largest power it can have had at `t`, while its cap was `cap_w`. Without a reading after `t` a
    // cloud's edge may have lifted it to the cap, or a lowered cap pulled it down; without any reading only the cap is
    // known.
    Range at(Instant t, double cap_w) const;

    // How far the newest reading lies below the highest since `from`; W, >= 0.
    double fall_since(Instant from) const;

private:
    static constexpr std::size_t capacity = 12;  // 2.4 s at the fastest cycle, more than a raise has to wait
    const model::Measured& newest() const { return readings_[count_ - 1]; }

    std::array<model::Measured, capacity> readings_{};  // newest last
    std::size_t count_ = 0;
};

}  // namespace busbar::strategy
