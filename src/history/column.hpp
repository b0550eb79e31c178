#pragma once
// A column of int64 as bytes: the one codec under chunks, time columns and roll-ups. Pure; used on the pool and by the
// fleet. Format: docs/formats/chunk.md. Costs about 2.5 bits for a typical register reading, 1 byte per 128 for one
// that stands still, and never more than 8.1 bytes.
//
// Decoding takes hostile bytes: wrong lengths and codes end in an error, never in a read outside. It can not tell wrong
// values from right ones; the container's checksum does that before.
#include <span>
#include <vector>

#include "base/result.hpp"
#include "history/varint.hpp"

namespace busbar::history {

inline constexpr std::size_t block_size =
    128;  // values that share one width; a column is blocks, the last may be short

// Grows a column value by value. What does not fill a block yet stays plain.
class ColumnWriter {
public:
    void push(std::int64_t value) {
        if (count_++ == 0) {
            previous_ = first_ = value;
            return;
        }
        tail_.push_back(value);
        if (tail_.size() == block_size) flush();
    }
    // The same for `count` values that lie `stride` apart.
    void push_all(const std::int64_t* values, std::size_t count, std::size_t stride);
    std::size_t count() const { return count_; }
    std::int64_t last() const { return tail_.empty() ? previous_ : tail_.back(); }

    // The whole column as stored: first value, blocks, short block. The writer stays as it is.
    void write(Bytes& out) const;
    std::size_t memory_bytes() const { return blocks_.capacity() + tail_.capacity() * sizeof(std::int64_t); }

private:
    void flush();

    Bytes blocks_;
    std::vector<std::int64_t> tail_;
    std::size_t count_ = 0;
    std::int64_t first_ = 0;
    std::int64_t previous_ = 0;  // last value before the tail
};

void encode_column(std::span<const std::int64_t> values, Bytes& out);

// Reads exactly out.size() values; false (and a failed or undefined reader) when the bytes are no such column.
[[nodiscard]] bool decode_column(ByteReader& in, std::span<std::int64_t> out);

}  // namespace busbar::history
