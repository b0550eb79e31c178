#pragma once
// Keeps the power at the grid connection near a target by moving batteries: PV feeds loads, then storage, then grid.
// Called by the control cycle once per snapshot; pure, its memory goes in and comes out by value. It wishes nothing
// while grid power is unknown (control/fallback decides then) and knows no PV limit (feed_in_limit).
//
// The loop is dead-beat on the load: one fresh grid reading gives the whole step. What keeps it from oscillating is the
// trail of its own last commands: the part of them that may not have arrived when the meter looked is an interval, and
// a setpoint only moves when no point of that interval explains the reading.
//
// A hybrid that stands at its AC cap while charging shows nothing of the PV it cuts off: the battery then searches for
// it in growing steps and gives back what it did not find.
#include <optional>
#include <utility>

#include "model/request.hpp"
#include "model/snapshot.hpp"
#include "strategy/command_trail.hpp"

namespace busbar::strategy {

struct SelfConsumptionSettings {
    bool enabled = true;
    double import_target_w = 0;  // grid power aimed at; + = import
    bool operator==(const SelfConsumptionSettings&) const = default;
};

// The search for PV that an AC cap cuts off.
struct SunSearch {
    bool is_under_way = false;  // the last step has not been refuted
    double step_w = 0;          // its size
    double error_w = 0;         // what the grid meter showed before it, less the aim
    Instant stepped_at{};
    Duration pause = std::chrono::seconds(3);  // before the next one
};

struct SelfConsumptionMemory {
    CommandTrail trail;   // sum of the batteries' setpoints
    Instant last_grid{};  // the newest reading already acted on
    double total_w = 0;   // what was wished for it
    bool has_total = false;
    // A hybrid at its AC cap: PV behind it may be cut off, and only the cap decides what comes out.
    std::optional<Instant> wait_until;  // a cap was too low for the house: it rises first
    double wait_ac_w = 0;               // what came through it then
    SunSearch search;
};

// Errors smaller than this leave setpoints alone: a meter's noise is not worth a write.
inline constexpr double self_consumption_deadband_w = 15;

std::pair<model::Wishes, SelfConsumptionMemory> self_consumption(const model::Snapshot& now,
                                                                 const SelfConsumptionSettings& settings,
                                                                 SelfConsumptionMemory memory);

}  // namespace busbar::strategy
