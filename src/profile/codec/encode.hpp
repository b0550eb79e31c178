#pragma once
// Value -> registers: what a setpoint write sends, and what a simulated device answers for a point. Exact inverse of
// decode.hpp: decode(encode(v)) is v rounded to the register's step.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "profile/profile.hpp"

namespace busbar::profile {

// The registers of one value, in wire order.
struct Words {
    std::array<std::uint16_t, 4> word{};
    std::uint16_t count = 0;
    std::span<const std::uint16_t> view() const { return {word.data(), count}; }
};

// Errors: out_of_range when the value does not fit the type, is not finite, or would read as "not available".
Result<Words> encode_words(const Encoding& encoding, double value, int exponent = 0);

// A constant as it stands in the profile: raw, no scale.
Result<Words> encode_raw(ValueType type, WordOrder order, std::int64_t raw);

struct RegisterWrite {
    Table table = Table::holding;
    std::uint16_t address = 0;
    Words words;
};

// Everything a device shows for this point: value, the counterpart in `less`, and the exponent register if it has one
// (typical_exponent() and `coarser` powers of ten more, for values that do not fit otherwise). nullopt writes the first
// "not available" pattern. Errors: as above; unsupported when the point has no such pattern. The point must be absolute
// (sunspec.hpp: resolve_models).
Result<std::vector<RegisterWrite>> encode(const Point& point, std::optional<double> value, int coarser = 0);

// The power of ten a device with this point's resolution would use: 0.1 -> -1. Points that share an exponent register
// have equal resolutions (checked by load()).
int typical_exponent(const Point& point);

}  // namespace busbar::profile
