#pragma once
// Bits low first, for the journal's adaptive codes. The reader takes hostile bytes: past the end it stays failed and
// yields zeros.
#include <bit>

#include "base/bytes.hpp"

namespace busbar::history {

// Writes into room that the caller has asked for, so that a number costs one store.
class BitWriter {
public:
    explicit BitWriter(Bytes& out) : out_(out), at_(out.size()) {}
    // Makes room for so many bits more. Before each put.
    void room(std::size_t bits) { out_.resize(at_ + bits / 8 + 16); }
    void put(std::uint64_t v, unsigned bits) {  // bits <= 56, v below 2^bits
        acc_ |= v << used_;
        used_ += bits;
        std::memcpy(out_.data() + at_, &acc_, 8);
        at_ += used_ >> 3;
        acc_ >>= used_ & 0x38;
        used_ &= 7;
    }
    void put_wide(std::uint64_t v) {  // 64 bits
        put(v & 0xFFFFFFFFu, 32);
        put(v >> 32, 32);
    }
    void finish() { out_.resize(at_ + (used_ > 0)); }

private:
    Bytes& out_;
    std::size_t at_;  // bytes that are complete
    std::uint64_t acc_ = 0;
    unsigned used_ = 0;  // below 8 between calls
};

class BitReader {
public:
    explicit BitReader(ByteView in) : in_(in) {}
    bool ok() const { return ok_; }
    std::uint64_t get(unsigned bits) {  // bits <= 32
        while (have_ < bits) {
            if (at_ == in_.size()) {
                ok_ = false;
                acc_ = 0;
                return 0;
            }
            acc_ |= std::uint64_t{in_[at_++]} << have_;
            have_ += 8;
        }
        const std::uint64_t v = acc_ & ((std::uint64_t{1} << bits) - 1);
        acc_ >>= bits;
        have_ -= bits;
        return v;
    }
    std::uint64_t get_wide() {
        const std::uint64_t low = get(32);
        return low | get(32) << 32;
    }
    // Zeros before the next one, at most `limit`; at the limit no one follows.
    unsigned zeros(unsigned limit) {
        unsigned n = 0;
        while (n < limit && ok_ && get(1) == 0) ++n;
        return n;
    }
    bool at_end() const { return ok_ && at_ == in_.size() && acc_ == 0; }

private:
    ByteView in_;
    std::size_t at_ = 0;
    std::uint64_t acc_ = 0;
    unsigned have_ = 0;
    bool ok_ = true;
};

// Golomb-Rice whose parameter follows the numbers seen, alike on both sides: about entropy + 0.3 bits for what a
// register does, 1 bit for one that stands still. One of these per series in the journal.
class AdaptiveRice {
public:
    static constexpr std::size_t longest_bits = 16 + 6 + 64;  // of one number
    void put(BitWriter& out, std::uint64_t v) {
        const unsigned k = parameter();
        const std::uint64_t q = v >> k;
        if (q < escape) {
            const auto unary = static_cast<unsigned>(q) + 1;
            out.put(std::uint64_t{1} << q | (v & ((std::uint64_t{1} << k) - 1)) << unary, unary + k);
        } else {
            out.put(0, escape);
            put_plain(out, v);
        }
        learn(v);
    }
    // A number that has nothing to do with those before: its width, then its bits.
    static void put_plain(BitWriter& out, std::uint64_t v) {
        const auto width = v == 0 ? 1u : static_cast<unsigned>(std::bit_width(v));
        out.put(width - 1, 6);
        out.put(v & 0xFFFFFFFFu, width < 32 ? width : 32);
        if (width > 32) out.put(v >> 32, width - 32);
    }
    static std::uint64_t get_plain(BitReader& in) {
        const auto width = static_cast<unsigned>(in.get(6)) + 1;
        std::uint64_t v = in.get(width < 32 ? width : 32);
        if (width > 32) v |= in.get(width - 32) << 32;
        return v;
    }
    std::uint64_t get(BitReader& in) {
        const unsigned k = parameter();
        const unsigned q = in.zeros(escape);
        std::uint64_t v = 0;
        if (q < escape) {
            v = std::uint64_t{q} << k | in.get(k);
        } else {
            v = get_plain(in);
        }
        learn(v);
        return v;
    }

private:
    static constexpr unsigned escape = 16;
    static constexpr std::uint64_t learn_cap = 1u << 24;  // one jump must not make the next numbers dear

    unsigned parameter() const {
        const std::uint32_t mean = mean16_ >> 4;
        return mean == 0 ? 0 : static_cast<unsigned>(std::bit_width(mean)) - 1;
    }
    void learn(std::uint64_t v) {
        const std::uint64_t cap = std::uint64_t{mean16_} + 64 < learn_cap ? std::uint64_t{mean16_} + 64 : learn_cap;
        const auto seen = static_cast<std::uint32_t>(v < cap ? v : cap);
        mean16_ += seen - (mean16_ >> 4);
    }
    std::uint32_t mean16_ = 32;  // 16 times the running mean
};

}  // namespace busbar::history
