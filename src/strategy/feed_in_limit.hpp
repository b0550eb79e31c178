#pragma once
// Keeps the feed-in at the grid connection under a limit by capping inverters, the battery first: the caps always stand
// where the house, the battery's room and the limit together allow, also while the sun gives less. A cloud's edge then
// runs into a cap that is already there, and caps move only when the house or the battery changes.
//
// Called by the control cycle once per snapshot; pure, memory by value. It wishes nothing while grid power is unknown:
// control/fallback caps by the guaranteed load then. Caps are limits of rank grid_operator in the device's own role (W
// or %).
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "model/request.hpp"
#include "model/snapshot.hpp"
#include "strategy/ac_trail.hpp"
#include "strategy/cap_split.hpp"
#include "strategy/command_trail.hpp"

namespace busbar::strategy {

struct FeedInLimitSettings {
    enum class Mode : std::uint8_t { none, zero, watts, percent };
    Mode mode = Mode::none;
    double value = 0;  // W, or % of installed PV power
    bool operator==(const FeedInLimitSettings&) const = default;
};

// The limit in W, >= 0; nullopt when there is none.
std::optional<double> limit_w(const FeedInLimitSettings& settings, double pv_peak_w);

struct FeedInLimitMemory {
    // One look at the site per grid reading: what house and devices not under our caps take, as interval.
    struct Look {
        Instant at{};
        double grid_w = 0;
        Range battery_w;  // AC-coupled batteries under our control, as they were then
    };
    std::array<Look, 4> looks{};
    std::size_t look_count = 0;     // newest last
    std::vector<AcTrail> ac;        // per inverter
    CapSplit split;                 // whose cap gets how much of the total
    CommandTrail trail;             // AC-coupled batteries' setpoints together
    std::optional<double> reach_w;  // most they were seen to take when they took less than told
    Instant reach_at{};
    std::optional<Instant> excess_since;
    double cut_w = 0;                  // taken off because the feed-in stayed too high: devices round, batteries tire
    std::optional<double> standing_w;  // what caps may sum up to by house, battery and limit
    std::optional<double> total_w;     // caps together: standing less cut and lead
    Instant last_run{};
};

// `battery_takes_surplus`: self_consumption is on, so batteries under control will charge what is above the house.
std::pair<model::Wishes, FeedInLimitMemory> feed_in_limit(const model::Snapshot& now,
                                                          const FeedInLimitSettings& settings,
                                                          bool battery_takes_surplus, FeedInLimitMemory memory);

// More fed in than this above the limit is no rounding of meters and inverters any more, W.
constexpr double feed_in_tolerance_w(double limit_w) { return std::max(100.0, 0.02 * limit_w); }

// Whether a cap keeps sun back at this instant: some inverter under control gives what its cap allows, less than it
// could, with sun on the roof and none of it going elsewhere. A cap alone does not: there is one at night, too.
bool holds_sun_back(const model::Snapshot& now);

// Caps in the unit of the device's role. Shared with control/fallback, which caps without a meter.
model::Limit cap(const model::InverterView& inverter, double cap_w, std::string source, std::string text);
model::Request all_the_sun(const model::InverterView& inverter);

}  // namespace busbar::strategy
