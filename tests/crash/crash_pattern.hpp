#pragma once
// What the writer writes and the checker expects: sample number n of each series follows from n alone.
#include <array>
#include <optional>

#include "history/sample.hpp"

namespace busbar::crash {

inline constexpr std::int64_t start_ms = 1'700'006'400'000;
inline constexpr std::int64_t step_ms = 20'000;  // an hour is 180 samples, so hours move to the database all the time
inline constexpr std::array<const char*, 3> keys = {"meter/power", "roof/energy", "pack/soc"};

inline std::int64_t time_of(std::int64_t n) { return start_ms + n * step_ms; }

// Nothing: a gap.
inline std::optional<std::int64_t> raw_of(std::size_t series, std::int64_t n) {
    switch (series) {
        case 0:
            return (n * 7919) % 10007 - 5000;
        case 1:
            return n * 3;
        default:
            return n % 11 == 5 ? std::nullopt : std::optional(n / 50 % 1000);
    }
}

}  // namespace busbar::crash
