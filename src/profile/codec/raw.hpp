#pragma once
// Raw bit patterns of register values; shared by decode and encode, used by nobody else.
#include <cstdint>
#include <span>

#include "profile/profile.hpp"

namespace busbar::profile {

// All bits of the type set; the width of a raw pattern.
constexpr std::uint64_t mask_of(ValueType type) {
    const int bits = 16 * words_of(type);
    return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

// 10^n for 0 <= n <= 10, exact.
constexpr double power_of_ten(int n) {
    double p = 1;
    for (int i = 0; i < n; ++i) p *= 10;
    return p;
}

inline constexpr int exponent_max = 10;  // SunSpec: sunssf is -10..10, 0x8000 = not implemented

inline bool is_invalid(const Encoding& encoding, std::uint64_t raw) {
    if (encoding.top_bit_is_invalid && (raw & ~(mask_of(encoding.type) >> 1)) != 0) return true;
    for (const std::uint64_t pattern : encoding.invalid)
        if (pattern == raw) return true;
    return false;
}

}  // namespace busbar::profile
