#include "api/json/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace busbar::api {
namespace {
constexpr int most_digits = 6;
constexpr std::array<double, most_digits + 1> powers{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

template <class T>
void append_chars(std::string& out, T value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
}
}  // namespace

Decimals::Decimals(double resolution) : digits_(most_digits) {
    for (int d = 0; d < most_digits && resolution > 0; ++d) {
        const double steps = resolution * powers[static_cast<std::size_t>(d)];
        if (steps < 0.5 || std::abs(steps - std::round(steps)) > 1e-6 * steps) continue;
        digits_ = d;
        break;
    }
    scale_ = powers[static_cast<std::size_t>(digits_)];
}

Decimals Decimals::finer() const {
    Decimals out = *this;
    out.digits_ = std::min(digits_ + 1, most_digits);
    out.scale_ = powers[static_cast<std::size_t>(out.digits_)];
    return out;
}

void append_number(std::string& out, std::int64_t value) { append_chars(out, value); }

void append_number(std::string& out, double value, Decimals decimals) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    const double scaled = value * decimals.scale_;
    if (std::abs(scaled) > 9e15) return append_chars(out, value);
    auto steps = std::llround(scaled);
    if (steps < 0) {
        out += '-';
        steps = -steps;
    }
    const auto scale = static_cast<long long>(decimals.scale_);
    append_chars(out, steps / scale);
    long long fraction = steps % scale;
    if (fraction == 0) return;
    std::array<char, most_digits> text;
    for (int i = decimals.digits_ - 1; i >= 0; --i, fraction /= 10)
        text[static_cast<std::size_t>(i)] = static_cast<char>('0' + fraction % 10);
    int last = decimals.digits_;
    while (text[static_cast<std::size_t>(last - 1)] == '0') --last;
    out += '.';
    out.append(text.data(), static_cast<std::size_t>(last));
}

}  // namespace busbar::api
