#pragma once
// The two small number codes of all our stored bytes. zigzag folds the sign into bit 0 so that small magnitudes are
// small numbers; varint stores 7 bits a byte, low first, at most 10 bytes. All arithmetic wraps: every int64 survives.
#include <bit>
#include <cstdint>

#include "base/bytes.hpp"

namespace busbar::history {

inline std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
inline std::int64_t unzigzag(std::uint64_t z) { return static_cast<std::int64_t>((z >> 1) ^ (~(z & 1) + 1)); }

// a - b and a + b without overflow: the difference of any two int64 comes back.
inline std::int64_t wrap_sub(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
inline std::int64_t wrap_add(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

inline void put_varint(Bytes& out, std::uint64_t v) {
    while (v >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(v | 0x80));
        v >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(v));
}
inline void put_signed(Bytes& out, std::int64_t v) { put_varint(out, zigzag(v)); }

inline unsigned varint_size(std::uint64_t v) {
    return v == 0 ? 1u : (static_cast<unsigned>(std::bit_width(v)) + 6) / 7;
}

// An eleventh byte, or bits beyond 64, fail the reader: one number has one encoding length bound.
inline std::uint64_t get_varint(ByteReader& in) {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const std::uint8_t b = in.u8();
        if (shift == 63 && b > 1) break;
        v |= std::uint64_t{b & 0x7Fu} << shift;
        if (b < 0x80) return v;
    }
    in.take(in.left() + 1);  // fails the reader
    return 0;
}
inline std::int64_t get_signed(ByteReader& in) { return unzigzag(get_varint(in)); }

}  // namespace busbar::history
