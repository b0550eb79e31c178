#pragma once
// The small notations inside a profile's values: "0x7FFF", "20ms", "0.1 kWh", "holding 40125", "model 101/103 offset
// 14". Each returns nullopt for anything it does not wholly understand.
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "profile/profile.hpp"

namespace busbar::profile {

std::optional<std::int64_t> scan_integer(
    std::string_view text);                                    // 12, -3, 0xFFFF; up to 64 bits, 0x... as a bit pattern
std::optional<double> scan_number(std::string_view text);      // 12, -3.5; at most 15 digits
std::optional<Duration> scan_duration(std::string_view text);  // 20ms 1s 2min 1h, whole numbers
std::optional<ValueType> scan_type(std::string_view text);
std::optional<Scale> scan_decimal(std::string_view text);  // > 0, exactly: "0.05" is 5 / 100

// "0.1 kWh" -> watt_hour, 100 / 1. Without a number 1, without a unit Unit::none.
struct UnitScale {
    model::Unit unit = model::Unit::none;
    Scale scale;
};
std::optional<UnitScale> scan_unit(std::string_view text);

// "holding 100", "input 0x10", "model 101/102/103 offset 14" (one address per model).
std::optional<std::vector<Address>> scan_address(std::string_view text);

// "50", or "8 + 20n" for a model with repeating groups: fixed registers and those of one group. 0 to 2000 each, not
// both 0.
std::optional<std::pair<std::uint16_t, std::uint16_t>> scan_model_length(std::string_view text);

}  // namespace busbar::profile
