#include "profile/codec/encode.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>

#include "profile/codec/raw.hpp"

namespace busbar::profile {
namespace {

Words split(std::uint64_t raw, ValueType type, WordOrder order) {
    Words words;
    words.count = words_of(type);
    for (std::uint16_t i = 0; i < words.count; ++i) {
        const int shift = 16 * (order == WordOrder::high_first ? words.count - 1 - i : i);
        words.word[i] = static_cast<std::uint16_t>(raw >> shift);
    }
    return words;
}

// Smallest and largest integer of the type; 64-bit limits are the doubles that surely fit.
struct Limits {
    double min, max;
};
Limits limits_of(ValueType type) {
    switch (type) {
        case ValueType::u16:
            return {0, 65535};
        case ValueType::s16:
            return {-32768, 32767};
        case ValueType::u32:
            return {0, 4294967295.0};
        case ValueType::s32:
            return {-2147483648.0, 2147483647.0};
        case ValueType::u64:
            return {0, 18446744073709549568.0};
        case ValueType::s64:
            return {-9223372036854775808.0, 9223372036854774784.0};
        case ValueType::f32:
            return {-std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
        case ValueType::f64:
            return {-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
    }
    return {0, 0};
}

std::uint64_t pattern(ValueType type, double number) {
    switch (type) {
        case ValueType::f32:
            return std::bit_cast<std::uint32_t>(static_cast<float>(number));
        case ValueType::f64:
            return std::bit_cast<std::uint64_t>(number);
        case ValueType::u16:
        case ValueType::u32:
        case ValueType::u64:
            return static_cast<std::uint64_t>(number);
        case ValueType::s16:
        case ValueType::s32:
        case ValueType::s64:
            break;
    }
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(number)) & mask_of(type);
}

double unscaled(double value, const Scale& scale, int exponent) {
    if (exponent >= 0) return value * scale.divide / (scale.multiply * power_of_ten(exponent));
    return value * scale.divide * power_of_ten(-exponent) / scale.multiply;
}

// The pattern a device shows when it has no value. Floats may always say NaN.
Result<Words> unavailable(const Encoding& encoding) {
    if (!encoding.invalid.empty()) return split(encoding.invalid.front(), encoding.type, encoding.words);
    if (encoding.type == ValueType::f32) return split(0x7FC00000, encoding.type, encoding.words);
    if (encoding.type == ValueType::f64) return split(0x7FF8000000000000, encoding.type, encoding.words);
    return fail(Errc::unsupported, "the profile names no 'not available' pattern for this register");
}

}  // namespace

Result<Words> encode_words(const Encoding& encoding, double value, int exponent) {
    if (!std::isfinite(value) || exponent < -exponent_max || exponent > exponent_max)
        return fail(Errc::out_of_range, fmt::format("{} times ten to the {} cannot be written", value, exponent));
    double number = unscaled(value, encoding.scale, exponent);
    if (!is_float(encoding.type)) number = std::round(number);
    const Limits limits = limits_of(encoding.type);
    if (!(number >= limits.min && number <= limits.max))
        return fail(Errc::out_of_range, fmt::format("{} does not fit a {} register", value, to_string(encoding.type)));
    const std::uint64_t raw = pattern(encoding.type, number);
    if (is_invalid(encoding, raw))
        return fail(Errc::out_of_range, fmt::format("{} would read as 'not available'", value));
    return split(raw, encoding.type, encoding.words);
}

Result<Words> encode_raw(ValueType type, WordOrder order, std::int64_t raw) {
    const Limits limits = limits_of(type);
    const double number = static_cast<double>(raw);
    if (number < limits.min || number > limits.max)
        return fail(Errc::out_of_range, fmt::format("{} does not fit a {} register", raw, to_string(type)));
    const std::uint64_t bits = is_float(type) ? pattern(type, number) : static_cast<std::uint64_t>(raw) & mask_of(type);
    return split(bits, type, order);
}

int typical_exponent(const Point& point) {
    if (!point.encoding.exponent) return 0;
    const double step = point.resolution * point.encoding.scale.divide / std::fabs(point.encoding.scale.multiply);
    const double exponent = std::floor(std::log10(step) + 1e-9);
    return static_cast<int>(std::fmin(std::fmax(exponent, -exponent_max), exponent_max));
}

Result<std::vector<RegisterWrite>> encode(const Point& point, std::optional<double> value, int coarser) {
    const Table table = point.at.table;
    const int exponent = typical_exponent(point) + (point.encoding.exponent ? coarser : 0);
    std::vector<RegisterWrite> writes;
    if (point.encoding.exponent) {
        Words power;
        power.count = 1;
        power.word[0] = static_cast<std::uint16_t>(static_cast<std::int16_t>(exponent));
        writes.push_back({table, *point.encoding.exponent, power});
    }
    if (!value) {
        BUSBAR_TRY(const Words words, unavailable(point.encoding));
        writes.push_back({table, point.at.offset, words});
        if (point.less) writes.push_back({table, *point.less, words});
        return writes;
    }
    for (const auto& [theirs, ours] : point.codes)
        if (ours == *value) {
            BUSBAR_TRY(const Words code, encode_words(point.encoding, theirs));
            writes.push_back({table, point.at.offset, code});
            return writes;
        }
    if (!point.codes.empty())
        return fail(Errc::out_of_range, fmt::format("{} has no code for {}", to_string(point.role), *value));
    // With a counterpart each direction has its own register and the other one shows 0; of a sum the first has all.
    const bool reversed = point.less && !point.adds && *value * point.encoding.scale.multiply < 0;
    BUSBAR_TRY(const Words shown, encode_words(point.encoding, reversed ? -*value : *value, exponent));
    writes.push_back({table, reversed ? *point.less : point.at.offset, shown});
    if (point.less) {
        BUSBAR_TRY(const Words zero, encode_words(point.encoding, 0, exponent));
        writes.push_back({table, reversed ? point.at.offset : *point.less, zero});
    }
    return writes;
}

}  // namespace busbar::profile
