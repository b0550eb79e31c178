#pragma once
// How busbarctl writes for people: columns, numbers with units, ages, times. Pure; tested in text_test.cpp.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace busbar::ctl {

// Columns as wide as their widest cell; columns of numbers are aligned to the right; a header of empty names is left
// out. Control characters in cells (device strings are hostile) are shown as '?', so that nothing reaches the
// terminal's command set.
std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

// Three significant digits, W and Wh with k, M: 4213, "W" -> "4.21 kW"; nullopt -> "unknown".
std::string quantity(std::optional<double> value, std::string_view unit);

std::string grouped(std::int64_t number);  // 1234567 -> "1,234,567"
std::string bytes(double count);           // 1234567 -> "1.23 MB"

// 900 -> "0.9 s", 75000 -> "1 min 15 s".
std::string age(std::int64_t ms);

// Milliseconds since the epoch as local time, "2026-11-21 14:05:09".
std::string local_time(std::int64_t ms);

// A point in time as people type it: "now", "today", "yesterday", "-90m" "-6h" "-7d" (before now), "2026-11-21",
// "2026-11-21T14:05" (local), "...Z" (UTC), or milliseconds. Errors: malformed, with the accepted forms.
Result<std::int64_t> parse_time(std::string_view text, std::int64_t now_ms);

}  // namespace busbar::ctl
