#pragma once
// Doubts the grid meter: values that cannot be true, values that stand still while the site moves, values that move the
// wrong way round (current transformers clamped on backwards). Pure; the cycle asks once per snapshot.
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/snapshot.hpp"

namespace busbar::control {

struct GridCheckMemory {
    std::optional<model::Measured> grid;  // last reading judged
    std::optional<double> own_w;          // inverters and AC-coupled batteries together, when all had been read anew
    Instant own_newest{};                 // the last of those readings
    Instant still_since{};                // since when the value has been exactly the same
    double own_at_still_w = 0;
    std::optional<Instant> moved_since;   // since when the devices have been far from there
    int quiet_readings = 0;               // how long the devices have stood still
    std::optional<model::Measured> rest;  // grid and
    double own_at_rest_w = 0;             // devices when they last stood still
    double battery_at_rest_w = 0;         // batteries among them
    bool was_free_at_rest = false;        // no inverter stood at its cap then
    int reversed_votes = 0;               // 0..6
    bool is_reversed = false;
};

enum class GridDoubt : std::uint8_t { none, too_large, frozen, reversed };
std::string_view to_string(GridDoubt doubt);  // for people: "it shows more than the connection can carry"

struct GridVerdict {
    GridDoubt doubt = GridDoubt::none;
    GridCheckMemory memory;
};
// After devices behind the meter were added or taken away: what was found stands, comparisons with the site of before
// end.
GridCheckMemory with_other_devices(const GridCheckMemory& memory);

// `max_w`: most power the connection can carry; nullopt: not known.
GridVerdict check_grid(const model::Snapshot& now, std::optional<double> max_w, GridCheckMemory memory);

}  // namespace busbar::control
