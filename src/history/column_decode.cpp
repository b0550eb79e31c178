#include <algorithm>
#include <array>
#include <cstring>

#include "history/column.hpp"
#include "history/column_block.hpp"

namespace busbar::history {
namespace {

std::uint64_t load64(const std::uint8_t* p) {
    std::uint64_t v = 0;
    std::memcpy(&v, p, 8);
    return v;
}
std::uint64_t load64(const std::uint8_t* p, const std::uint8_t* end) {
    if (end - p >= 8) return load64(p);
    std::uint64_t v = 0;
    if (p < end) std::memcpy(&v, p, static_cast<std::size_t>(end - p));
    return v;
}

// out[i] = i-th field of `width` bits. The caller has checked that `end` lies behind the last field's last bit.
void unpack(const std::uint8_t* p, const std::uint8_t* end, unsigned width, std::span<std::uint64_t> out) {
    const std::size_t n = out.size();
    if (width == 0) {
        std::fill(out.begin(), out.end(), 0);
        return;
    }
    if (width == 64) {
        std::memcpy(out.data(), p, n * 8);
        return;
    }
    const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
    const auto room = static_cast<std::size_t>(end - p);
    const std::size_t whole =
        room < 8 ? 0 : std::min(n, (room - 8) * 8 / width + 1);  // fields one plain load can reach
    std::size_t i = 0;
    std::size_t bit = 0;
    for (; i < whole; ++i, bit += width) out[i] = load64(p + (bit >> 3)) >> (bit & 7) & mask;
    for (; i < n; ++i, bit += width) out[i] = load64(p + (bit >> 3), end) >> (bit & 7) & mask;
}

// Restores values from zigzag differences in place of `folded`.
void unfold(std::int64_t previous, std::span<const std::uint64_t> folded, std::span<std::int64_t> out) {
    std::uint64_t v = static_cast<std::uint64_t>(previous);
    for (std::size_t i = 0; i < out.size(); ++i) {
        v += static_cast<std::uint64_t>(unzigzag(folded[i]));
        out[i] = static_cast<std::int64_t>(v);
    }
}

bool read_steps(ByteReader& in, unsigned changes, std::int64_t previous, std::span<std::int64_t> out) {
    std::size_t at = 0;
    for (unsigned c = 0; c < changes; ++c) {
        const std::size_t position = in.u8();
        const std::int64_t step = get_signed(in);
        if (!in.ok() || position < at || position >= out.size()) return false;
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(at), out.begin() + static_cast<std::ptrdiff_t>(position),
                  previous);
        previous = wrap_add(previous, step);
        out[position] = previous;
        at = position + 1;
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(at), out.end(), previous);
    return in.ok();
}

bool read_packed(ByteReader& in, unsigned code, bool slope, std::int64_t previous, std::span<std::int64_t> out) {
    const unsigned width = code_width(code);
    if (width > 64) return false;
    const std::int64_t base = get_signed(in);
    const ByteView fields = in.take((out.size() * width + 7) / 8);
    if (!in.ok()) return false;
    std::array<std::uint64_t, block_size> field;
    unpack(fields.data(), fields.data() + fields.size(), width, {field.data(), out.size()});
    if (slope) {
        std::uint64_t v = static_cast<std::uint64_t>(previous);
        for (std::size_t i = 0; i < out.size(); ++i) {
            v += field[i] + static_cast<std::uint64_t>(base);
            out[i] = static_cast<std::int64_t>(v);
        }
    } else {
        const auto low = static_cast<std::uint64_t>(previous) + static_cast<std::uint64_t>(base);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int64_t>(field[i] + low);
    }
    return true;
}

bool read_rice(ByteReader& in, unsigned k, std::int64_t previous, std::span<std::int64_t> out) {
    if (k > rice_k_max) return false;
    const std::size_t n = out.size();
    const ByteView low = in.take((n * k + 7) / 8);
    if (!in.ok()) return false;
    std::array<std::uint64_t, block_size> folded;
    unpack(low.data(), low.data() + low.size(), k, {folded.data(), n});
    ByteReader peek = in;  // the unary part's length shows only while reading it
    const ByteView rest = peek.take(peek.left());
    const std::uint8_t* const end = rest.data() + rest.size();
    std::size_t bit = 0;
    std::size_t escapes = 0;
    std::array<std::uint8_t, block_size> escaped;
    for (std::size_t i = 0; i < n;) {
        // One load serves every code that surely lies inside it.
        const std::uint8_t* p = rest.data() + std::min(bit >> 3, rest.size());
        std::uint64_t w = load64(p, end) >> (bit & 7);
        unsigned have = 64 - static_cast<unsigned>(bit & 7);
        while (i < n && have > escape_quotient) {
            const unsigned q = w == 0 ? 64u : static_cast<unsigned>(std::countr_zero(w));
            unsigned used = q + 1;
            if (q >= escape_quotient) {
                used = escape_quotient;
                escaped[escapes++] = static_cast<std::uint8_t>(i);
            } else {
                folded[i] |= std::uint64_t{q} << k;
            }
            ++i;
            w >>= used;
            have -= used;
            bit += used;
        }
    }
    in.take((bit + 7) / 8);
    for (std::size_t e = 0; e < escapes; ++e) folded[escaped[e]] = get_varint(in);
    if (!in.ok()) return false;
    unfold(previous, {folded.data(), n}, out);
    return true;
}

bool decode_block(ByteReader& in, std::int64_t previous, std::span<std::int64_t> out) {
    const unsigned head = in.u8();
    if (!in.ok()) return false;
    const unsigned parameter = head & 0x3F;
    switch (static_cast<BlockMode>(head >> 6)) {
        case BlockMode::steps:
            return read_steps(in, parameter, previous, out);
        case BlockMode::flat:
            return read_packed(in, parameter, false, previous, out);
        case BlockMode::slope:
            return read_packed(in, parameter, true, previous, out);
        case BlockMode::rice:
            return read_rice(in, parameter, previous, out);
    }
    return false;
}

}  // namespace

bool decode_column(ByteReader& in, std::span<std::int64_t> out) {
    if (out.empty()) return true;
    std::int64_t previous = get_signed(in);
    if (!in.ok()) return false;
    out[0] = previous;
    for (std::size_t at = 1; at < out.size(); at += block_size) {
        const auto block = out.subspan(at, std::min(block_size, out.size() - at));
        if (!decode_block(in, previous, block)) return false;
        previous = block.back();
    }
    return true;
}

}  // namespace busbar::history
