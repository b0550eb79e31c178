#pragma once
// What the history keeps: one value of one series at one instant, as the integer the device sent (value / resolution).
// Integers because registers are integers: nothing is rounded on the way to disk and neighbours differ by few bits.
#include <cstddef>
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

// Instants that can be kept, [earliest, latest): years 1 to 9999, what a calendar can show.
inline constexpr std::int64_t earliest_ms = -62'135'596'800'000;
inline constexpr std::int64_t latest_ms = 253'402'300'800'000;
inline constexpr bool is_instant(std::int64_t time_ms) { return time_ms >= earliest_ms && time_ms < latest_ms; }

struct Sample {
    SeriesId series = no_series;
    SampleKind kind = SampleKind::value;
    bool starts_row =
        false;  // first of a poll: what follows with the same instant belongs to it; only a hint for packing
    std::int64_t time_ms = 0;  // since 1970, UTC; samples taken in one poll should carry one common time (docs/formats)
    std::int64_t raw = 0;      // value / resolution; 0 for a gap

    friend bool operator==(const Sample& a, const Sample& b) {
        return a.series == b.series && a.kind == b.kind && a.time_ms == b.time_ms && a.raw == b.raw;
    }
};
inline Sample value_of(SeriesId series, std::int64_t time_ms, std::int64_t raw) {
    return {series, SampleKind::value, false, time_ms, raw};
}
inline Sample gap_of(SeriesId series, std::int64_t time_ms) { return {series, SampleKind::gap, false, time_ms, 0}; }

// Samples [0, n) of a non-empty list that are of one poll: one instant, until the next begins.
template <class Samples>
std::size_t row_length(const Samples& samples, std::size_t limit) {
    std::size_t n = 1;
    while (n < samples.size() && n < limit && samples[n].time_ms == samples[0].time_ms && !samples[n].starts_row) ++n;
    return n;
}

}  // namespace busbar::history
