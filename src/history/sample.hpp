#pragma once
// What the history keeps: one value of one series at one instant, as the integer the device sent (value / resolution).
// Integers because registers are integers: nothing is rounded on the way to disk and neighbours differ by few bits.
#include <cstdint>

namespace busbar::history {

// Number of a series inside one data folder; given by Engine::series(), never reused, below max_series.
using SeriesId = std::uint32_t;
inline constexpr SeriesId max_series = 1u << 20;
inline constexpr SeriesId no_series = ~SeriesId{0};

enum class SampleKind : std::uint8_t {
    value,
    gap,  // asked for and not got, or not believable: "unknown at this instant", which is not 0 and not the last value
};

struct Sample {
    SeriesId series = no_series;
    SampleKind kind = SampleKind::value;
    std::int64_t time_ms = 0;  // since 1970, UTC; samples taken in one poll should carry one common time (docs/formats)
    std::int64_t raw = 0;      // value / resolution; 0 for a gap
    friend bool operator==(const Sample&, const Sample&) = default;
};

}  // namespace busbar::history
