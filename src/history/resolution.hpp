#pragma once
// The step of a series as an exact decimal, mantissa * 10^exponent: 0.1 V is {1, -1}, 0.25 A is {25, -2}. Kept decimal
// so that raw 2301 at 0.1 reads 230.1 and not 230.10000000000002.
#include <cstdint>

#include "base/result.hpp"

namespace busbar::history {

struct Resolution {
    std::uint32_t mantissa = 1;  // 1..65535, no trailing zeros unless needed by the exponent's range
    std::int8_t exponent = 0;    // -12..12

    // out_of_range unless `step` is positive and such a decimal to 12 digits.
    static Result<Resolution> from(double step);

    bool valid() const { return mantissa >= 1 && mantissa <= 65535 && exponent >= -12 && exponent <= 12; }
    double step() const { return value(1); }
    // Correctly rounded while |raw * mantissa| < 2^53.
    double value(std::int64_t raw) const { return scale(static_cast<double>(raw)); }
    double scale(double raws) const;
    // Nearest raw, ties away from zero; saturates at the ends of int64. NaN has no raw: the caller stores a gap.
    std::int64_t raw(double value) const;
    friend bool operator==(const Resolution&, const Resolution&) = default;
};

}  // namespace busbar::history
