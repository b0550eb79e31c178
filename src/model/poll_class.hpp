#pragma once
// How often a point is read. Chosen in the profile, obeyed by the poll loop, shown beside each point.
#include <chrono>
#include <cstdint>

namespace busbar::model {

enum class PollClass : std::uint8_t {
    critical,   // what control decides on: as fast as the bus allows, at most 1 s apart
    telemetry,  // 10 s
    slow,       // 10 min: settings, ratings, things that hardly change
};

// Nothing that control decides on counts beyond this age, however long a device wants to be left alone between two
// requests: the export limit must hold again 8 s after sight was lost, and a turn of control takes one of them. The
// slowest shipped family can promise 6.7 s (docs/decisions/0009-age-of-power.md).
inline constexpr std::chrono::seconds most_critical_age{7};

}  // namespace busbar::model
