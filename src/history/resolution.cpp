#include "history/resolution.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

namespace busbar::history {
namespace {
constexpr std::array<double, 13> powers = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
}

Result<Resolution> Resolution::from(double step) {
    if (std::isfinite(step) && step > 0) {
        // Coarsest exponent first: 10 becomes {1, 1}, so equal steps have one representation.
        for (int e = 12; e >= -12; --e) {
            const double m =
                e >= 0 ? step / powers[static_cast<std::size_t>(e)] : step * powers[static_cast<std::size_t>(-e)];
            const double whole = std::round(m);
            if (whole >= 1 && whole <= 65535 && std::abs(m - whole) <= 1e-9 * whole)
                return Resolution{static_cast<std::uint32_t>(whole), static_cast<std::int8_t>(e)};
        }
    }
    return fail(Errc::out_of_range,
                fmt::format("resolution {} is not a short decimal; use a step like 0.1, 0.25 or 10", step));
}

double Resolution::scale(double raws) const {
    const double product = raws * mantissa;
    return exponent >= 0 ? product * powers[static_cast<std::size_t>(exponent)]
                         : product / powers[static_cast<std::size_t>(-exponent)];
}

std::int64_t Resolution::raw(double value) const {
    const double m = exponent >= 0 ? value / powers[static_cast<std::size_t>(exponent)]
                                   : value * powers[static_cast<std::size_t>(-exponent)];
    const double whole = std::round(m / mantissa);
    if (!(whole > -0x1p63)) return std::numeric_limits<std::int64_t>::min();
    if (whole >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(whole);
}

}  // namespace busbar::history
