#pragma once
// The live monitor of one bus: the last frames that went over it, also those that the bus threw away. Off until
// somebody watches, and then for a limited time; while off it costs the bus one branch per frame and no memory.
//
// The bus adds, whoever shows or records frames reads (the debug channel, capture files). Loop thread only. It knows
// nothing of wall time: the reader has a Loop for that.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace busbar::bus {

enum class FrameDirection : std::uint8_t { request, answer };

enum class FrameVerdict : std::uint8_t {
    ok,            // requests; answers that fit, exceptions among them
    timeout,       // no answer: no bytes
    bad_checksum,  // bytes, but no whole frame
    mismatch,      // a whole frame that answers something else
    foreign,       // bytes that nobody asked for, or behind a wrong frame
    late,          // a whole frame nobody waits for any more
};

struct TappedFrame {
    static constexpr std::size_t most_kept = 272;  // the largest frame, and the beginning of what is longer

    std::uint64_t sequence = 0;  // counts the frames of this bus from 1
    Instant at{};                // the last byte, as far as one can tell
    FrameDirection direction = FrameDirection::request;
    FrameVerdict verdict = FrameVerdict::ok;
    std::uint32_t size = 0;  // bytes on the wire
    std::array<std::uint8_t, most_kept> bytes;
    // With address and checksum, or MBAP header.
    ByteView view() const { return {bytes.data(), std::min<std::size_t>(size, most_kept)}; }
};

class FrameTap {
public:
    // 512 frames take 145 kB from the first watch() on.
    explicit FrameTap(std::size_t capacity = 512) : capacity_(std::max<std::size_t>(1, capacity)) {}
    FrameTap(const FrameTap&) = delete;
    FrameTap& operator=(const FrameTap&) = delete;

    // Records until then; never shortens what somebody else asked for.
    void watch(Instant until);
    bool is_watching() const { return is_watching_; }

    struct Window {
        std::vector<TappedFrame> frames;  // in order
        std::uint64_t next = 1;           // ask for this sequence next
        std::uint64_t lost = 0;           // frames between `sequence` and the first one here that were overwritten
    };
    // At most `limit` frames, beginning with this sequence number; 0 and 1: with the oldest there is.
    Window frames_since(std::uint64_t sequence, std::size_t limit) const;
    std::uint64_t overwritten() const { return overwritten_; }

    // For the bus, while is_watching(). `size` counts when more bytes arrived than are at hand.
    void add(FrameDirection direction, FrameVerdict verdict, Instant at, ByteView bytes, std::size_t size = 0);

private:
    std::size_t capacity_;
    bool is_watching_ = false;
    Instant until_{};
    std::vector<TappedFrame> ring_;  // frame n is at n % capacity_
    std::uint64_t last_ = 0;         // sequence of the newest frame
    std::uint64_t overwritten_ = 0;
};

}  // namespace busbar::bus
