#include "control/grid_check.hpp"
#include "base/phrases_running.hpp"

#include <algorithm>
#include <cmath>

namespace busbar::control {
namespace {

using namespace std::chrono_literals;

// A meter of 1 W resolution never shows one value for 20 s while devices behind it move by 500 W.
constexpr Duration still_at_most = 20s;
constexpr double moved_at_least_w = 500;
constexpr Duration moved_at_least_for = 5s;  // the meter may be later than the devices
// Steps of our own devices large enough to see in the meter against loads that switch at the same time.
constexpr double step_w = 400;
constexpr double quiet_w = 60;
constexpr int quiet_readings_needed = 2;
constexpr int votes_to_doubt = 4, votes_max = 6;

// Inverters and AC-coupled batteries together, and between which instants they were read.
struct Own {
    double power_w = 0;
    double battery_w = 0;  // all batteries, hybrids' too
    bool is_free = true;   // no inverter stands at its cap: only the sun moves them
    Instant oldest = Instant::max(), newest{};
    void add(const model::Measured& one) {
        power_w += one.value;
        oldest = std::min(oldest, one.at);
        newest = std::max(newest, one.at);
    }
};

std::optional<Own> own_power(const model::Snapshot& now) {
    Own own;
    for (const auto& inverter : now.inverters) {
        if (!inverter.ac_power_w) return std::nullopt;
        own.add(*inverter.ac_power_w);
        if (inverter.cap_w && inverter.ac_power_w->value > 0.9 * inverter.cap_w->value) own.is_free = false;
    }
    for (const auto& battery : now.batteries) {
        own.battery_w += battery.power_w ? battery.power_w->value : 0;
        if (battery.is_hybrid) continue;
        if (!battery.power_w) return std::nullopt;
        own.add(*battery.power_w);
    }
    return own;
}

bool is_frozen(const model::Measured& grid, const std::optional<Own>& own, GridCheckMemory& memory) {
    if (!memory.grid || memory.grid->value != grid.value || !own) {
        memory.still_since = grid.at;
        memory.own_at_still_w = own ? own->power_w : 0;
        memory.moved_since.reset();
        return false;
    }
    // The devices' readings are later than the meter's: where they were when it stood still is known a little later.
    if (grid.at - memory.still_since < moved_at_least_for) memory.own_at_still_w = own->power_w;
    if (std::abs(own->power_w - memory.own_at_still_w) < moved_at_least_w)
        memory.moved_since.reset();
    else if (!memory.moved_since)
        memory.moved_since = grid.at;
    return grid.at - memory.still_since >= still_at_most && memory.moved_since &&
           grid.at - *memory.moved_since >= moved_at_least_for;
}

// Between two rests more own power must show as less import. Only what the sun moved is evidence: a battery or a cap
// that follows the loads moves with them, and a kettle larger than the battery would look like a meter the wrong way
// round.
void vote(const model::Measured& grid, const Own& own, GridCheckMemory& memory) {
    const double step = own.power_w - memory.own_at_rest_w;
    const bool is_by_sun =
        own.is_free && memory.was_free_at_rest && std::abs(own.battery_w - memory.battery_at_rest_w) < 0.25 * step_w;
    if (std::abs(step) < step_w || !is_by_sun) return;
    const double product = (grid.value - memory.rest->value) * step;
    if (product > 0.5 * step * step) memory.reversed_votes = std::min(memory.reversed_votes + 1, votes_max);
    if (product < -0.5 * step * step) memory.reversed_votes = std::max(memory.reversed_votes - 2, 0);
}

// Only rests are compared: on the way the readings of meter and devices belong to different instants. A meter read more
// often than the devices sees them stand still between two of their readings; that is no rest.
bool is_reversed(const model::Measured& grid, const std::optional<Own>& own, GridCheckMemory& memory) {
    if (!own) return memory.is_reversed;
    if (memory.own_w && own->oldest <= memory.own_newest) return memory.is_reversed;
    const bool is_quiet = memory.own_w && std::abs(own->power_w - *memory.own_w) < quiet_w;
    memory.quiet_readings = is_quiet ? memory.quiet_readings + 1 : 0;
    memory.own_w = own->power_w;
    memory.own_newest = own->newest;
    if (memory.quiet_readings < quiet_readings_needed) return memory.is_reversed;
    if (memory.rest) vote(grid, *own, memory);
    memory.rest = grid;
    memory.own_at_rest_w = own->power_w;
    memory.battery_at_rest_w = own->battery_w;
    memory.was_free_at_rest = own->is_free;
    if (memory.reversed_votes >= votes_to_doubt) memory.is_reversed = true;
    if (memory.reversed_votes == 0) memory.is_reversed = false;
    return memory.is_reversed;
}

}  // namespace

std::string_view to_string(GridDoubt doubt) {
    switch (doubt) {
        case GridDoubt::none:
            return "";
        case GridDoubt::too_large:
            return phrases::meter_too_much.text;
        case GridDoubt::frozen:
            return phrases::meter_frozen.text;
        case GridDoubt::reversed:
            return phrases::meter_reversed.text;
    }
    return "";
}

GridCheckMemory with_other_devices(const GridCheckMemory& memory) {
    GridCheckMemory kept;
    kept.reversed_votes = memory.reversed_votes;
    kept.is_reversed = memory.is_reversed;
    return kept;
}

GridVerdict check_grid(const model::Snapshot& now, std::optional<double> max_w, GridCheckMemory memory) {
    if (!now.grid_w) return {GridDoubt::none, memory};  // its silence is judged by its age
    const model::Measured grid = *now.grid_w;
    const std::optional<Own> own = own_power(now);
    if (!memory.grid || grid.at != memory.grid->at) {
        const bool reversed = is_reversed(grid, own, memory);
        const bool frozen = is_frozen(grid, own, memory);
        memory.grid = grid;
        if (frozen) return {GridDoubt::frozen, memory};
        if (reversed) return {GridDoubt::reversed, memory};
    } else if (memory.is_reversed) {
        return {GridDoubt::reversed, memory};
    }
    if (max_w && std::abs(grid.value) > *max_w) return {GridDoubt::too_large, memory};
    return {GridDoubt::none, memory};
}

}  // namespace busbar::control
