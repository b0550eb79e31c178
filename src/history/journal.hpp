#pragma once
// Append-only log of the samples that are not in the database yet. Written by the commit thread only. After append()
// returns without error its samples survive a power cut. Format and recovery rules: docs/formats/journal.md.
//
// A generation has one or more segment files (a new one after a restart or an I/O error). Retired files are kept as one
// spare and overwritten, because a file that does not grow needs no metadata written each second (flash wear).
//
// A torn tail ends a segment. A bad record with a good one behind it is corruption: the reader goes on at the next
// fresh record (at most two minutes later), counts it, and the file is set aside when its generation is retired.
#include <functional>
#include <map>

#include "history/chunk.hpp"
#include "history/disk.hpp"
#include "history/journal_codec.hpp"

namespace busbar::history {

class Journal {
public:
    // Files grow by `allocation_bytes` of zeros at a time.
    explicit Journal(Disk& disk, std::uint64_t allocation_bytes = 256u << 10)
        : disk_(disk), allocation_step_(allocation_bytes) {}

    struct Replay {
        std::uint64_t records = 0;
        std::uint64_t corrupt_places = 0;     // bad bytes with good records behind them
        GenerationId newest = 0;              // 0 when there is no segment
        std::vector<std::string> unreadable;  // files that could not be read at all
    };
    using Sink = std::function<void(GenerationId, const JournalState::Decoded&)>;

    // Hands out what generations above `committed` hold, oldest first, and retires the others. Call once, before
    // append().
    Result<Replay> replay(GenerationId committed, const Sink& sink);

    // Writes one record to `generation` (ascending over calls) and syncs. After an error the same samples must come
    // again, first and alone: they may already be on disk, and are then told from new ones by their number.
    Status append(GenerationId generation, std::span<const SeriesInfo> defined, std::span<const Sample> samples);

    // The samples of generations up to this one are safe elsewhere. Errors only cost disk space and are reported by the
    // next replay.
    void retire(GenerationId up_to);

    std::uint64_t bytes() const;  // of records in segments that are not retired
    std::uint64_t generation_bytes() const { return file_ ? end_ : 0; }
    void drop_spare();  // gives its space back to a full disk

private:
    struct Segment {
        GenerationId generation = 0;
        std::uint32_t part = 0;
        auto operator<=>(const Segment&) const = default;
    };
    struct SegmentState {
        std::uint64_t bytes = 0;
        bool corrupt = false;
    };

    static std::string name_of(Segment segment);
    Result<std::vector<Segment>> scan();
    void replay_segment(Segment segment, const Bytes& bytes, const Sink& sink, Replay& out);
    Status start_segment(GenerationId generation);
    Status ensure_space(std::uint64_t end);
    void give_up_segment();
    void retire_file(const std::string& name, bool corrupt);

    Disk& disk_;
    std::uint64_t allocation_step_;
    std::map<Segment, SegmentState> live_;
    std::unique_ptr<BlockFile> file_;
    Segment current_;
    std::uint64_t end_ = 0;        // of the last good record in file_
    std::uint64_t allocated_ = 0;  // bytes of file_ that need no new metadata
    std::uint32_t sequence_ = 0;   // of the last good record of the generation
    std::uint32_t since_fresh_ = 0;
    bool has_spare_ = false;
    JournalState state_;
    Bytes record_;
};

}  // namespace busbar::history
