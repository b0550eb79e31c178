#pragma once
// The fail-safe decision: what must hold when the grid meter cannot be trusted, and how control comes back. One pure
// function of flags, ages and configuration, enumerated in its test; the cycle turns the envelope into limits and
// wishes.
//
// Rules (a site with a feed-in limit): meter lost -> inverters together at most limit + load that is always there, less
// the worst case of inverters and batteries that are silent or disobey; battery to 0 W. A site without limit leaves
// devices on their own default. Coming back: three good readings, then the caps rise by a tenth of rated power per
// second.
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace busbar::control {

inline constexpr Duration grid_max_age = std::chrono::milliseconds(2900);  // decided within 3 s of the last good sample
inline constexpr int good_readings_to_return = 3;
inline constexpr double ramp_per_second = 0.1;  // share of rated power

enum class Mode : std::uint8_t {
    normal,
    open_loop,  // the meter is lost: caps by what is known without it
    returning,  // the meter is back: caps ramp up
};

struct FallbackMemory {
    Mode mode = Mode::open_loop;  // until the meter has been seen
    int good_readings = 0;
    std::optional<Instant> last_good;  // grid reading counted last
    bool was_closed = false;           // the meter has been trusted before
    double ramp_w = 0;                 // what inverters may give while returning
    std::optional<Instant> last_run;
};

struct FallbackInput {
    Instant now{};
    std::optional<Instant> grid_at;  // newest good reading of the grid meter, however old
    bool is_plausible = true;        // grid_check has no doubt about it
    std::optional<double> limit_w;   // feed-in limit; nullopt: none
    double guaranteed_load_w = 0;    // 0 if unknown
    double rated_w = 0;              // inverters that can be capped
    double others_worst_w = 0;       // worst case of inverters and AC-coupled batteries that are silent, disobey
                                     // or cannot be set
};

struct Envelope {
    Mode mode = Mode::open_loop;
    bool use_grid = false;                  // strategies may trust the grid reading
    std::optional<double> inverters_max_w;  // sum of caps that must hold now; nullopt: no extra cap
    bool hold_battery = false;              // battery to 0 W
    bool release = false;                   // devices back to their own default
    bool has_lost_grid = false;  // open loop after the grid was known, not while the first reading is awaited
};

struct FallbackResult {
    Envelope envelope;
    FallbackMemory memory;
};
FallbackResult decide_fallback(const FallbackInput& input, FallbackMemory memory);

}  // namespace busbar::control
