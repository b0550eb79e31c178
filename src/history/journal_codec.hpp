#pragma once
// The body of one journal record: the samples of one commit, row by row, as differences to the rows before. Pure; used
// by journal.cpp on the pool thread. Format: docs/formats/journal.md. About 3 bits per sample of a steady poll.
//
// Writer and reader carry the same state from record to record; reset() starts anew, so that a reader can begin there.
// A record whose `fresh` flag is set was written right after reset().
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "history/bits.hpp"
#include "history/resolution.hpp"
#include "history/sample.hpp"

namespace busbar::history {

inline constexpr std::size_t max_key_bytes = 200;
inline constexpr std::size_t max_unit_bytes = 24;

// What a series is. Written to the journal before its first sample, so that a sample never lacks its meaning.
struct SeriesInfo {
    SeriesId id = no_series;
    std::string key;  // "device/role", unique together with unit and resolution
    std::string unit;
    Resolution resolution;
    friend bool operator==(const SeriesInfo&, const SeriesInfo&) = default;
};

inline constexpr std::size_t max_row = 4096;                 // samples of one instant; longer rows are cut
inline constexpr std::size_t max_record_samples = 1u << 14;  // encode() is given no more at once

// The list of series that a row is about, with what is known of each. Both sides number shapes as they appear.
class JournalState {
public:
    void reset();

    // Appends the body. `samples` are cut into rows where the instant changes.
    void encode(bool fresh, std::span<const SeriesInfo> defined, std::span<const Sample> samples, Bytes& out);

    struct Decoded {
        bool fresh = false;
        std::vector<SeriesInfo> defined;
        std::vector<Sample> samples;
    };
    // `malformed` when the bytes are no body that can follow; the state is then undefined until reset().
    Result<Decoded> decode(ByteView body);
    // The flag alone, for a reader that lost its state and looks for a place to start.
    static bool is_fresh(ByteView body) { return !body.empty() && (body[0] & 1) != 0; }

private:
    // What is known of one series of a shape.
    struct Known {
        std::int64_t last = 0;
        AdaptiveRice coder;
        bool seen = false;  // has a last value
    };
    struct Shape {
        std::vector<SeriesId> series;
        std::vector<Known> known;
        std::int64_t time_ms = 0;
        std::int64_t step16 = 0;  // 16 times the usual distance of rows; 0 = not known yet
        AdaptiveRice time_coder;

        std::int64_t expected_ms() const;
        void advance(std::int64_t to_ms);
    };
    // Between resets more shapes than this only come from a caller that polls at random; then each row starts anew.
    static constexpr std::size_t max_shapes = 4096;

    void encode_row(BitWriter& out, std::span<const Sample> row);
    void encode_shape(BitWriter& out, std::span<const Sample> row);
    static void encode_values(BitWriter& out, std::span<const Sample> row, Shape& shape);
    bool decode_row(BitReader& in, std::vector<Sample>& out);
    bool decode_shape(BitReader& in);
    std::size_t find_shape(std::span<const Sample> row) const;
    Shape& add_shape(std::vector<SeriesId> series);
    void follow(std::size_t shape);

    std::vector<Shape> shapes_;
    std::unordered_map<std::uint64_t, std::size_t> by_hash_;
    std::vector<std::size_t> follower_;  // the shape that came after each, last time
    std::size_t last_ = 0;
};

}  // namespace busbar::history
