#pragma once
// Registers -> value in the role's unit. Pure; called for each point of each answer. Answers "unknown" (nullopt) for
// the device's "not available" patterns, NaN, infinity, and exponents outside -10..10. Believability (the role's range)
// is the device's business, not decided here.
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "profile/profile.hpp"

namespace busbar::profile {

// `words` holds exactly words_of(encoding.type) registers in wire order; `exponent` is the power of ten read beside it.
// Exact as long as raw * multiply stays below 2^53; beyond that the
// last bits are lost, as doubles do.
std::optional<double> decode_words(const Encoding& encoding, std::span<const std::uint16_t> words, int exponent = 0);

// The point's value out of an answer whose first register is `first`. nullopt also when the answer does not cover
// span_of(point).
std::optional<double> decode(const Point& point, std::uint16_t first, std::span<const std::uint16_t> words);

// Device text: two characters per register, cut at the first NUL, only printable ASCII kept, blanks trimmed, at most 64
// bytes.
std::string decode_text(std::span<const std::uint16_t> words);
// What `text` tells in its `count` registers: decode_text(), or its number. Empty: nothing (a number of all zeros or
// all ones), or a code that the profile does not know.
std::string decode_text(const TextRead& text, std::span<const std::uint16_t> words);

}  // namespace busbar::profile
