#include "history/column.hpp"

#include <algorithm>
#include <array>

#include "history/column_block.hpp"

namespace busbar::history {
namespace {

unsigned stored_width(std::uint64_t range) {
    return code_width(width_code(static_cast<unsigned>(std::bit_width(range))));
}

// Appends bits low first into a buffer that the caller made large enough for the block.
class BitPacker {
public:
    explicit BitPacker(std::uint8_t* out) : out_(out) {}
    void put(std::uint64_t v, unsigned bits) {  // bits <= 56
        acc_ |= v << used_;
        used_ += bits;
        std::memcpy(out_, &acc_, 8);
        out_ += used_ >> 3;
        acc_ >>= used_ & 0x38;
        used_ &= 7;
    }
    std::uint8_t* finish() {
        if (used_ > 0) *out_++ = static_cast<std::uint8_t>(acc_);
        return out_;
    }

private:
    std::uint8_t* out_;
    std::uint64_t acc_ = 0;
    unsigned used_ = 0;
};

std::uint8_t* pack(std::uint8_t* out, std::span<const std::uint64_t> v, unsigned width) {
    if (width == 0) return out;
    if (width == 64) {
        std::memcpy(out, v.data(), v.size() * 8);
        return out + v.size() * 8;
    }
    BitPacker bits(out);
    for (std::uint64_t x : v) bits.put(x, width);
    return bits.finish();
}

std::uint8_t* put_varint(std::uint8_t* out, std::uint64_t v) {
    while (v >= 0x80) {
        *out++ = static_cast<std::uint8_t>(v | 0x80);
        v >>= 7;
    }
    *out++ = static_cast<std::uint8_t>(v);
    return out;
}

struct BlockFacts {
    std::array<std::uint64_t, block_size> folded;  // zigzag differences
    std::int64_t min_value, max_value, min_step, max_step;
    std::uint64_t sum = 0, largest = 0;  // of folded; sum wraps only where largest is beyond rice's reach
    unsigned changes = 0;
};

BlockFacts examine(std::int64_t previous, std::span<const std::int64_t> v) {
    BlockFacts f;
    f.min_value = f.max_value = v[0];
    f.min_step = f.max_step = wrap_sub(v[0], previous);
    for (std::size_t i = 0; i < v.size(); ++i) {
        const std::int64_t step = wrap_sub(v[i], previous);
        const std::uint64_t z = zigzag(step);
        previous = v[i];
        f.folded[i] = z;
        f.sum += z;
        f.largest = std::max(f.largest, z);
        f.changes += z != 0;
        f.min_step = std::min(f.min_step, step);
        f.max_step = std::max(f.max_step, step);
        f.min_value = std::min(f.min_value, v[i]);
        f.max_value = std::max(f.max_value, v[i]);
    }
    return f;
}

struct Choice {
    BlockMode mode = BlockMode::flat;
    unsigned parameter = 0;
    std::size_t bits = 0;
};

std::size_t steps_bits(const BlockFacts& f, std::size_t n) {
    std::size_t bits = 0;
    for (std::size_t i = 0; i < n; ++i)
        if (f.folded[i] != 0) bits += 8 + 8 * varint_size(f.folded[i]);
    return bits;
}

// Half of the differences have more bits than this. Needed only where outliers spoil the mean.
unsigned median_width(const BlockFacts& f, std::size_t n) {
    std::array<std::uint8_t, 65> of_width{};
    for (std::size_t i = 0; i < n; ++i) ++of_width[static_cast<std::size_t>(std::bit_width(f.folded[i]))];
    unsigned median = 0;
    for (std::size_t below = of_width[0]; below * 2 < n; below += of_width[median]) ++median;
    return median;
}

// The k below which rice is not worth trying; the best is this or the next.
unsigned rice_k(const BlockFacts& f, std::size_t n) {
    const std::uint64_t mean = f.sum / n;
    const auto width =
        mean < f.largest / 8 ? median_width(f, n) : static_cast<unsigned>(std::bit_width(mean - mean / 4));
    return std::min(width == 0 ? 0 : width - 1, rice_k_max - 1);
}

std::size_t rice_bits(const BlockFacts& f, std::size_t n, unsigned k) {
    std::size_t bits = n * (k + 1);
    if (f.largest >> k < escape_quotient) {  // the usual case, without a branch per value
        for (std::size_t i = 0; i < n; ++i) bits += f.folded[i] >> k;
        return bits;
    }
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t q = f.folded[i] >> k;
        bits += q < escape_quotient ? q : escape_quotient - 1 + 8 * varint_size(f.folded[i]);
    }
    return bits;
}

Choice choose(const BlockFacts& f, std::int64_t previous, std::size_t n) {
    const auto range = [](std::int64_t lo, std::int64_t hi) { return static_cast<std::uint64_t>(wrap_sub(hi, lo)); };
    const unsigned flat = stored_width(range(f.min_value, f.max_value));
    const unsigned slope = stored_width(range(f.min_step, f.max_step));
    Choice best{BlockMode::flat, width_code(flat), n * flat + 8 * varint_size(zigzag(wrap_sub(f.min_value, previous)))};
    const auto consider = [&best](Choice c) {
        if (c.bits < best.bits) best = c;
    };
    consider({BlockMode::slope, width_code(slope), n * slope + 8 * varint_size(zigzag(f.min_step))});
    if (f.changes <= steps_max && f.changes * 16 < best.bits + 1)
        consider({BlockMode::steps, f.changes, steps_bits(f, n)});
    if (f.largest < std::uint64_t{1} << 56 && n > 1 && f.changes * 4 > n) {
        const unsigned k = rice_k(f, n);
        consider({BlockMode::rice, k, rice_bits(f, n, k)});
        consider({BlockMode::rice, k + 1, rice_bits(f, n, k + 1)});
    }
    return best;
}

std::uint8_t* write_rice(std::uint8_t* out, const BlockFacts& f, std::size_t n, unsigned k) {
    const std::uint64_t low = (std::uint64_t{1} << k) - 1;
    if (k > 0) {
        BitPacker bits(out);
        for (std::size_t i = 0; i < n; ++i) bits.put(f.folded[i] >> k < escape_quotient ? f.folded[i] & low : 0, k);
        out = bits.finish();
    }
    BitPacker unary(out);
    bool escapes = false;
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t q = f.folded[i] >> k;
        if (q < escape_quotient) {
            unary.put(std::uint64_t{1} << q, static_cast<unsigned>(q) + 1);
        } else {
            unary.put(0, escape_quotient);
            escapes = true;
        }
    }
    out = unary.finish();
    for (std::size_t i = 0; escapes && i < n; ++i)
        if (f.folded[i] >> k >= escape_quotient) out = put_varint(out, f.folded[i]);
    return out;
}

void encode_block(std::int64_t previous, std::span<const std::int64_t> v, Bytes& out) {
    const std::size_t n = v.size();
    const BlockFacts f = examine(previous, v);
    const Choice c = choose(f, previous, n);
    std::array<std::uint8_t, block_size * 10 + 32> buffer;  // 64-bit fields, or escapes, plus head and packer overrun
    std::uint8_t* p = buffer.data();
    *p++ = static_cast<std::uint8_t>(static_cast<unsigned>(c.mode) << 6 | c.parameter);
    std::array<std::uint64_t, block_size> field;
    switch (c.mode) {
        case BlockMode::steps:
            for (std::size_t i = 0; i < n; ++i) {
                if (f.folded[i] == 0) continue;
                *p++ = static_cast<std::uint8_t>(i);
                p = put_varint(p, f.folded[i]);
            }
            break;
        case BlockMode::flat:
            p = put_varint(p, zigzag(wrap_sub(f.min_value, previous)));
            for (std::size_t i = 0; i < n; ++i) field[i] = static_cast<std::uint64_t>(wrap_sub(v[i], f.min_value));
            p = pack(p, {field.data(), n}, code_width(c.parameter));
            break;
        case BlockMode::slope:
            p = put_varint(p, zigzag(f.min_step));
            for (std::size_t i = 0; i < n; ++i)
                field[i] = static_cast<std::uint64_t>(wrap_sub(unzigzag(f.folded[i]), f.min_step));
            p = pack(p, {field.data(), n}, code_width(c.parameter));
            break;
        case BlockMode::rice:
            p = write_rice(p, f, n, c.parameter);
            break;
    }
    out.insert(out.end(), buffer.data(), p);
}

}  // namespace

void ColumnWriter::flush() {
    encode_block(previous_, tail_, blocks_);
    previous_ = tail_.back();
    tail_.clear();
}

void ColumnWriter::push_all(const std::int64_t* values, std::size_t count, std::size_t stride) {
    std::size_t i = 0;
    if (count_ == 0 && count > 0) push(values[i++ * stride]);
    std::array<std::int64_t, block_size> block;
    for (; tail_.empty() && count - i >= block_size; count_ += block_size) {
        for (std::int64_t& value : block) value = values[i++ * stride];
        encode_block(previous_, block, blocks_);
        previous_ = block.back();
    }
    for (; i < count; ++i) push(values[i * stride]);
}

void ColumnWriter::write(Bytes& out) const {
    if (count_ == 0) return;
    put_signed(out, first_);
    out.insert(out.end(), blocks_.begin(), blocks_.end());
    if (!tail_.empty()) encode_block(previous_, tail_, out);
}

void encode_column(std::span<const std::int64_t> values, Bytes& out) {
    if (values.empty()) return;
    put_signed(out, values[0]);
    std::int64_t previous = values[0];
    for (std::size_t at = 1; at < values.size(); at += block_size) {
        const auto block = values.subspan(at, std::min(block_size, values.size() - at));
        encode_block(previous, block, out);
        previous = block.back();
    }
}

}  // namespace busbar::history
