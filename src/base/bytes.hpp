#pragma once
// Bounds-checked reading and writing of byte strings; the only way bytes from outside are taken apart. A reader that ran
// out stays failed and yields zeros, so a parser checks once at the end: if (!in.ok()) return malformed.
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace busbar {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view s) {
    return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_text(ByteView b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

    bool ok() const { return ok_; }
    std::size_t left() const { return bytes_.size() - at_; }
    std::size_t offset() const { return at_; }

    std::uint8_t u8() { return has(1) ? bytes_[at_++] : std::uint8_t{0}; }
    std::uint16_t u16_be() { return static_cast<std::uint16_t>(big(2)); }
    std::uint32_t u32_be() { return static_cast<std::uint32_t>(big(4)); }
    std::uint64_t u64_be() { return big(8); }
    std::uint16_t u16_le() { return static_cast<std::uint16_t>(little(2)); }
    std::uint32_t u32_le() { return static_cast<std::uint32_t>(little(4)); }
    std::uint64_t u64_le() { return little(8); }
    ByteView take(std::size_t n) {
        if (!has(n)) return {};
        at_ += n;
        return bytes_.subspan(at_ - n, n);
    }

private:
    bool has(std::size_t n) {
        if (left() < n) ok_ = false;
        return ok_;
    }
    std::uint64_t big(std::size_t n) {
        if (!has(n)) return 0;
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < n; ++i) v = v << 8 | bytes_[at_++];
        return v;
    }
    std::uint64_t little(std::size_t n) {
        if (!has(n)) return 0;
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < n; ++i) v |= std::uint64_t{bytes_[at_++]} << (8 * i);
        return v;
    }

    ByteView bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

// Appends to a byte vector; sizes are the caller's matter.
class ByteWriter {
public:
    explicit ByteWriter(Bytes& out) : out_(out) {}
    void u8(std::uint8_t v) { out_.push_back(v); }
    void u16_be(std::uint16_t v) { big(v, 2); }
    void u32_be(std::uint32_t v) { big(v, 4); }
    void u64_be(std::uint64_t v) { big(v, 8); }
    void u16_le(std::uint16_t v) { little(v, 2); }
    void u32_le(std::uint32_t v) { little(v, 4); }
    void u64_le(std::uint64_t v) { little(v, 8); }
    void append(ByteView b) { out_.insert(out_.end(), b.begin(), b.end()); }

private:
    void big(std::uint64_t v, int n) {
        for (int i = n - 1; i >= 0; --i) out_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
    }
    void little(std::uint64_t v, int n) {
        for (int i = 0; i < n; ++i) out_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
    }
    Bytes& out_;
};

}  // namespace busbar
