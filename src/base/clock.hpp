#pragma once
// The two times. Ages, deadlines and leases use Instant (monotonic, never jumps, meaningless across a restart); people,
// tariffs and stored samples use WallTime (UTC, may jump). Neither type can read a clock by itself: time comes from a
// Loop (loop.hpp), so a test owns it.
#include <chrono>
#include <cstdint>

namespace busbar {

struct MonoClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonoClock>;
    static constexpr bool is_steady = true;
};
using Instant = MonoClock::time_point;
using Duration = MonoClock::duration;

// Milliseconds since 1970-01-01T00:00Z.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

inline std::int64_t to_ms(WallTime t) { return t.time_since_epoch().count(); }
inline double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace busbar
