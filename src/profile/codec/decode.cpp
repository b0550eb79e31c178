#include "profile/codec/decode.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "profile/codec/raw.hpp"

namespace busbar::profile {
namespace {

std::uint64_t join(std::span<const std::uint16_t> words, WordOrder order) {
    std::uint64_t raw = 0;
    for (std::size_t i = 0; i < words.size(); ++i)
        raw = raw << 16 | words[order == WordOrder::high_first ? i : words.size() - 1 - i];
    return raw;
}

double number(ValueType type, std::uint64_t raw) {
    switch (type) {
        case ValueType::u16:
        case ValueType::u32:
        case ValueType::u64:
            return static_cast<double>(raw);
        case ValueType::s16:
            return static_cast<std::int16_t>(raw);
        case ValueType::s32:
            return static_cast<std::int32_t>(raw);
        case ValueType::s64:
            return static_cast<double>(static_cast<std::int64_t>(raw));
        case ValueType::f32:
            return std::bit_cast<float>(static_cast<std::uint32_t>(raw));
        case ValueType::f64:
            return std::bit_cast<double>(raw);
    }
    return 0;
}

// One multiplication and one division by integers: the result is the double nearest to the decimal value as long as the
// product is exact, which it is for every register up to 32 bits.
double scaled(double raw, const Scale& scale, int exponent) {
    if (exponent >= 0) return raw * scale.multiply * power_of_ten(exponent) / scale.divide;
    return raw * scale.multiply / (scale.divide * power_of_ten(-exponent));
}

std::optional<double> translated(const Point& point, double code) {
    for (const auto& [theirs, ours] : point.codes)
        if (theirs == code) return ours;
    return std::nullopt;
}

}  // namespace

std::optional<double> decode_words(const Encoding& encoding, std::span<const std::uint16_t> words, int exponent) {
    if (words.size() != words_of(encoding.type) || exponent < -exponent_max || exponent > exponent_max)
        return std::nullopt;
    const std::uint64_t raw = join(words, encoding.words);
    if (is_invalid(encoding, raw)) return std::nullopt;
    const double value = scaled(number(encoding.type, raw), encoding.scale, exponent);
    if (!std::isfinite(value)) return std::nullopt;
    return value == 0 ? 0.0 : value;  // a flipped sign makes -0 of 0
}

std::optional<double> decode(const Point& point, std::uint16_t first, std::span<const std::uint16_t> words) {
    const Span span = span_of(point);
    if (span.first < first || std::size_t{span.last} - first >= words.size()) return std::nullopt;
    int exponent = 0;
    if (point.encoding.exponent) exponent = static_cast<std::int16_t>(words[*point.encoding.exponent - first]);
    const std::size_t count = words_of(point.encoding.type);
    const auto value = decode_words(point.encoding, words.subspan(point.at.offset - first, count), exponent);
    if (value && !point.codes.empty()) return translated(point, *value);
    if (!value || !point.less) return value;
    const auto other = decode_words(point.encoding, words.subspan(*point.less - first, count), exponent);
    if (!other) return std::nullopt;
    const double both = point.adds ? *value + *other : *value - *other;
    if (!std::isfinite(both)) return std::nullopt;
    return both;
}

std::string decode_text(std::span<const std::uint16_t> words) {
    constexpr std::size_t longest = 64;
    std::string text;
    bool ended = false;
    for (std::size_t i = 0; i < 2 * words.size() && !ended; ++i) {
        const unsigned c = i % 2 == 0 ? words[i / 2] >> 8u : words[i / 2] & 0xFFu;
        ended = c == 0 || text.size() == longest;
        if (!ended && c >= 0x20 && c < 0x7F) text.push_back(static_cast<char>(c));
    }
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::string decode_text(const TextRead& text, std::span<const std::uint16_t> words) {
    if (!text.number) return decode_text(words);
    if (words.size() != words_of(text.number->type)) return {};
    const auto is_all = [&](std::uint16_t pattern) { return std::ranges::count(words, pattern) == std::ssize(words); };
    const auto value = decode_words(*text.number, words);
    if (!value || is_all(0) || is_all(0xFFFF)) return {};
    const auto code = static_cast<std::uint32_t>(*value);
    if (text.codes.empty()) return std::to_string(code);
    const auto known = std::ranges::find(text.codes, code, &Name::first);
    return known == text.codes.end() ? std::string() : known->second;
}

}  // namespace busbar::profile
