#pragma once
// How often a point is read. Chosen in the profile, obeyed by the poll loop, shown beside each point.
#include <cstdint>

namespace busbar::model {

enum class PollClass : std::uint8_t {
    critical,   // what control decides on: as fast as the bus allows, at most 1 s apart
    telemetry,  // 10 s
    slow,       // 10 min: settings, ratings, things that hardly change
};

}  // namespace busbar::model
