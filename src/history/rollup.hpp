#pragma once
// Roll-ups: what remains of the samples of one series inside one bucket of time (a minute, a quarter of an hour).
// Buckets are counted from 1970 UTC. Aggregates of the same bucket can be merged, so an hour that was cut by a restart
// is stored in two parts and read as one; longer buckets (hour, day) are merged on reading and never stored. Pure.
//
// A page is one series of one generation at one width; format: docs/formats/chunk.md.
#include <vector>

#include "history/chunk.hpp"

namespace busbar::history {

__extension__ using Int128 = __int128;

// Integers throughout, so a roll-up equals the recomputation from the samples to the last bit.
struct Aggregate {
    std::uint64_t count = 0;  // values; gaps do not count
    std::int64_t min = 0, max = 0, first = 0, last = 0;
    Int128 sum = 0;

    void add(std::int64_t raw);
    static Aggregate of(std::span<const std::int64_t> raws);
    // `later` begins where this one ends.
    void merge(const Aggregate& later);
    friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

struct Bucket {
    std::int64_t index = 0;  // floor(time / width)
    Aggregate of;
    friend bool operator==(const Bucket&, const Bucket&) = default;
};

inline constexpr std::int64_t minute_ms = 60'000;
inline constexpr std::int64_t quarter_ms = 15 * minute_ms;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;

inline std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

// Calls visit(index, aggregate) for what lies in the steps of `width_ms` from `origin_ms` on, in order; a step comes
// once per run of rows that touches it. The times must not fall.
template <class Visit>
void for_each_step(std::span<const std::int64_t> times_ms, const Chunk& chunk, std::int64_t origin_ms,
                   std::int64_t width_ms, Visit visit) {
    const std::span<const std::int64_t> values(chunk.values);
    for_each_run(chunk.head.rows, chunk.gaps, [&](std::size_t row, std::size_t value, std::size_t length) {
        for (const std::size_t end = row + length; row < end;) {
            const std::int64_t index = floor_div(times_ms[row] - origin_ms, width_ms);
            const std::int64_t next_ms = origin_ms + (index + 1) * width_ms;
            std::size_t last = row + 1;
            while (last < end && times_ms[last] < next_ms) ++last;
            visit(index, Aggregate::of(values.subspan(value, last - row)));
            value += last - row;
            row = last;
        }
    });
}

// Aggregates rows by bucket. Rows that are out of order are put in order first.
std::vector<Bucket> roll_up(std::span<const std::int64_t> times_ms, const Chunk& chunk, std::int64_t width_ms);
// Buckets of `ratio` times the width.
std::vector<Bucket> widen(std::span<const Bucket> buckets, std::int64_t ratio);

// `number` and `generation` as for chunks. The sum is kept exactly unless a bucket spans more than 2^63 steps in total,
// which no device does; then it is rounded.
Bytes encode_rollup(GenerationId generation, SeriesId series, std::int64_t width_ms, std::span<const Bucket> buckets);
Result<std::vector<Bucket>> decode_rollup(GenerationId generation, SeriesId series, std::int64_t width_ms,
                                          ByteView bytes);

}  // namespace busbar::history
