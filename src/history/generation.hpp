#pragma once
// The samples that are in memory: one generation is the time between two moves to the database, an hour or less. Owned
// by the store; written by the commit thread only, under the store's lock, and read by queries under the same lock
// until it is sealed, without lock afterwards (a sealed generation never changes).
//
// Points that always come together share one timeline. Which do is found out, not configured: series whose samples
// carry the same instants form a cohort; a row that names only a part of a cohort splits it (and copies the few
// kilobytes of its timeline), so cohorts only get finer within a generation and their number is bounded by that of the
// series.
//
// Memory: a value costs about 0.4 bytes once its block of 128 is full, 4 or 8 bytes before; 1 Hz for an hour is 1.6 KiB
// a series.
#include <optional>
#include <unordered_map>
#include <vector>

#include "history/chunk.hpp"

namespace busbar::history {

// One series of one generation, decoded: a time for each row of the chunk.
struct DecodedChunk {
    std::vector<std::int64_t> times_ms;
    Chunk chunk;
};

class Generation {
public:
    explicit Generation(GenerationId id) : id_(id) {}

    GenerationId id() const { return id_; }
    bool empty() const { return samples_ == 0; }
    std::uint64_t samples() const { return samples_; }  // rows of all series, gaps included
    std::uint64_t duplicates() const {
        return duplicates_;
    }                                                    // samples that repeated an instant of their series; not kept
    std::int64_t first_ms() const { return first_ms_; }  // meaningless when empty
    std::int64_t last_ms() const { return last_ms_; }

    // Instants that may be added, [from, to): one hour of wall time, and a little before it for samples that were on
    // their way when the hour began. An empty generation will cover the hour of its first sample. Nothing once it is
    // full.
    struct Window {
        std::int64_t from_ms = 0, to_ms = 0;
        bool has(std::int64_t time_ms) const { return time_ms >= from_ms && time_ms < to_ms; }
    };
    Window window(std::int64_t first_ms) const;

    // Samples of one instant. All of one series at most once each; repetitions are counted and dropped.
    void add_row(std::span<const Sample> row);
    // No more rows will come; needed before anything is read for the disk.
    void settle();

    std::vector<SeriesId> series() const;  // ascending
    // Instants between which the series has rows; nothing when it has none.
    struct Span {
        std::int64_t first_ms = 0, last_ms = 0;
    };
    std::optional<Span> span_of(SeriesId series) const;
    std::size_t timelines() const { return cohorts_.size(); }

    // As they go to disk. The resolution is the caller's knowledge.
    std::optional<Bytes> chunk_bytes(SeriesId series, Resolution resolution) const;
    Bytes timeline_bytes(std::uint32_t number) const;
    // For queries: nullopt when the series has nothing here.
    struct Copy {
        ChunkHead head;
        std::vector<GapRun> gaps;
        ColumnWriter values;
        ColumnWriter times_ms;
    };
    std::optional<Copy> copy(SeriesId series) const;
    static DecodedChunk decode(const Copy& copy);
    // The same without the copy, into `decoded`, whose timeline is kept when it is still the right one.
    void decode_next(SeriesId series, DecodedChunk& decoded) const;

private:
    struct Column {
        std::uint32_t cohort = 0;
        std::vector<GapRun> gaps;
        ColumnWriter values;

        void add_gap(std::size_t row);
    };
    // Rows wait for their columns until they fill a block of each, because each visit of a column misses the cache. The
    // first row of all goes at once: a column's first value lies before its blocks.
    static constexpr std::size_t staged_rows = block_size;
    struct Cohort {
        std::vector<SeriesId> members;
        std::vector<Column*> columns;  // of the members, in their order; stable because columns_ is node based
        ColumnWriter times_ms;
        Span span;
        std::size_t staged = 0;  // rows
        // Of the staged rows, row by row: `narrow`, or `wide` from the first value on that 32 bits do not hold.
        std::vector<std::int32_t> narrow;
        std::vector<std::int64_t> wide;
        bool is_wide = false;
        std::vector<std::uint8_t> is_gap;  // as those; empty while none of them is

        void stage(std::span<const Sample> row);
        void widen();
        std::int64_t staged_value(std::size_t at) const { return is_wide ? wide[at] : narrow[at]; }
        void unstage();
        void copy_staged(std::size_t member, Column& into) const;
    };

    void append(std::uint32_t cohort, std::span<const Sample> row);
    void append_mixed(std::span<const Sample> row);
    // The cohort whose members are exactly these series, made by splitting `from` (or new when `from` is no_cohort).
    std::uint32_t cohort_of(std::uint32_t from, std::span<const Sample> row);

    static constexpr std::uint32_t no_cohort = ~std::uint32_t{0};
    GenerationId id_;
    std::unordered_map<SeriesId, Column> columns_;
    std::vector<Cohort> cohorts_;
    std::uint64_t samples_ = 0;
    std::uint64_t duplicates_ = 0;
    std::int64_t first_ms_ = 0;
    std::int64_t last_ms_ = 0;
    std::size_t longest_ = 0;
    std::int64_t hour_ms_ = 0;  // begin of the hour of the first row
};

}  // namespace busbar::history
