#pragma once
// A chunk: one series over at most an hour, compressed once and then only copied: to disk, to queries, to the fleet.
// Pure. Format and reasons: docs/formats/chunk.md.
//
// Points of one device are read together, so their instants are stored once, in a timeline that many chunks share. A
// chunk has one entry per row of its timeline: a value or a gap.
//
// Both carry a checksum that also covers where they belong (generation and number), so that a blob that strayed to
// another row is as corrupt as one with a flipped bit. Decoding hostile bytes ends in `corrupt` or `malformed`.
#include <vector>

#include "history/column.hpp"
#include "history/resolution.hpp"
#include "history/sample.hpp"

namespace busbar::history {

inline constexpr std::size_t max_rows = 65536;            // of one timeline; at 1 Hz an hour has 3600
inline constexpr std::size_t max_chunk_bytes = 1u << 20;  // no valid chunk or timeline is larger

using GenerationId = std::uint64_t;  // numbers the hours a data folder lived through, from 1

// Rows [at, at + length) of the timeline hold no value.
struct GapRun {
    std::uint32_t at = 0;
    std::uint32_t length = 0;
    friend bool operator==(const GapRun&, const GapRun&) = default;
};

struct ChunkHead {
    SeriesId series = no_series;
    std::uint32_t timeline = 0;  // number of the timeline inside the same generation
    std::uint32_t rows = 0;
    Resolution resolution;
    std::int64_t first_ms = 0;  // of the earliest row, for readers that look at heads only
};

struct Chunk {
    ChunkHead head;
    std::vector<GapRun> gaps;          // ascending, not touching, inside rows
    std::vector<std::int64_t> values;  // one per row that is not a gap
};

Bytes encode_chunk(GenerationId generation, const ChunkHead& head, std::span<const GapRun> gaps,
                   const ColumnWriter& values);
Result<Chunk> decode_chunk(GenerationId generation, SeriesId series, ByteView bytes);

// A timeline stores its instants in the order the samples came; they fall only when the wall clock was set back.
Bytes encode_timeline(GenerationId generation, std::uint32_t number, const ColumnWriter& times_ms);
Result<std::vector<std::int64_t>> decode_timeline(GenerationId generation, std::uint32_t number, ByteView bytes);

// Calls visit(first row, index of its value, length) for each run of rows that all hold values.
template <class Visit>
void for_each_run(std::size_t rows, std::span<const GapRun> gaps, Visit visit) {
    std::size_t row = 0;
    std::size_t value = 0;
    for (const GapRun& gap : gaps) {
        if (gap.at > row) visit(row, value, gap.at - row);
        value += gap.at - row;
        row = std::size_t{gap.at} + gap.length;
    }
    if (rows > row) visit(row, value, rows - row);
}

// Calls visit(row, value) for each value and skip(row) for each gap, in row order.
template <class Visit, class Skip>
void for_each_row(std::size_t rows, std::span<const GapRun> gaps, std::span<const std::int64_t> values, Visit visit,
                  Skip skip) {
    std::size_t row = 0;
    std::size_t next = 0;
    for (const GapRun& gap : gaps) {
        for (; row < gap.at; ++row) visit(row, values[next++]);
        for (; row < gap.at + gap.length; ++row) skip(row);
    }
    for (; row < rows; ++row) visit(row, values[next++]);
}

}  // namespace busbar::history
