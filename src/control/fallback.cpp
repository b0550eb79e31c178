#include "control/fallback.hpp"

#include <algorithm>

namespace busbar::control {
namespace {

double safe_power_w(const FallbackInput& input) {
    return std::max(0.0, *input.limit_w + std::max(0.0, input.guaranteed_load_w) - std::max(0.0, input.others_worst_w));
}

Mode next_mode(const FallbackInput& input, FallbackMemory& memory) {
    const bool is_fresh = input.grid_at && input.now - *input.grid_at <= grid_max_age;
    if (!is_fresh || !input.is_plausible) {
        memory.good_readings = 0;
        memory.last_good = input.grid_at;  // the reading that lost our trust never counts as a good one
        return Mode::open_loop;
    }
    if (memory.mode != Mode::open_loop) return memory.mode;
    if (memory.last_good != input.grid_at) {
        ++memory.good_readings;
        memory.last_good = input.grid_at;
    }
    return memory.good_readings >= good_readings_to_return ? Mode::returning : Mode::open_loop;
}

}  // namespace

FallbackResult decide_fallback(const FallbackInput& input, FallbackMemory memory) {
    const bool was_open = memory.mode == Mode::open_loop;
    memory.mode = next_mode(input, memory);
    const double safe_w = input.limit_w ? safe_power_w(input) : 0;
    if (memory.mode == Mode::returning) {
        const double passed_s = memory.last_run ? std::clamp(to_seconds(input.now - *memory.last_run), 0.0, 5.0) : 0;
        memory.ramp_w = (was_open ? safe_w : memory.ramp_w) + passed_s * ramp_per_second * std::max(input.rated_w, 1.0);
        if (!input.limit_w || memory.ramp_w >= input.rated_w) memory.mode = Mode::normal;
    }
    memory.last_run = input.now;
    memory.was_closed = memory.was_closed || !was_open || memory.mode != Mode::open_loop;

    Envelope envelope{.mode = memory.mode, .use_grid = memory.mode != Mode::open_loop};
    envelope.has_lost_grid = memory.mode == Mode::open_loop && memory.was_closed;
    if (memory.mode == Mode::open_loop) {
        envelope.release = !input.limit_w;
        envelope.hold_battery = input.limit_w.has_value();
        if (input.limit_w) envelope.inverters_max_w = std::min(safe_w, std::max(input.rated_w, 0.0));
    } else if (memory.mode == Mode::returning) {
        envelope.inverters_max_w = memory.ramp_w;
    }
    return {envelope, memory};
}

}  // namespace busbar::control
