#pragma once
// What readers of the history get. Values are in the series' unit; times in ms since 1970 UTC.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "history/sample.hpp"

namespace busbar::history {

inline constexpr std::size_t max_buckets = 20'000;  // one query answers no more

// Only buckets with at least one value are listed; a gap is where time_ms jumps by more than step_ms.
struct Buckets {
    std::string key;
    std::string unit;
    std::int64_t from_ms = 0, to_ms = 0;  // as covered: widened to whole steps
    std::int64_t step_ms = 0;             // may be longer than asked for, see Store::query
    std::vector<std::int64_t> time_ms;    // begin of each bucket, ascending
    std::vector<double> min, mean, max;
    std::vector<double> first, last;  // in order of recording; a counter rose by last - first inside the bucket
    std::vector<std::uint64_t> count;
};

struct Point {
    std::int64_t time_ms = 0;
    std::optional<double> value;  // nothing: a gap was recorded here
};

struct SeriesListing {
    std::string key;
    std::string unit;
    double resolution = 0;
    std::int64_t first_ms = 0, last_ms = 0;
};

struct HistoryStatus {
    std::uint64_t samples = 0;  // kept, on disk and in memory
    std::uint64_t bytes = 0;    // database and journal
    std::optional<std::int64_t> oldest_ms;
    std::uint64_t lost = 0;             // samples that were given to us and are not kept, since the start
    std::uint64_t duplicates = 0;       // second samples of an instant, dropped on purpose
    std::uint64_t waiting = 0;          // samples not durable yet
    std::int64_t last_commit_ms = 0;    // 0 = none since the start
    std::uint64_t corrupt_places = 0;   // found in files since the start
    std::vector<std::string> problems;  // what is wrong now, and what was set aside since the start
};

}  // namespace busbar::history
