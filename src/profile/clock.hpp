#pragma once
// The face of a device's clock <-> registers. Pure: what time it is, and which zone the site is in, the caller knows.
// A face is a date and a time of day without zone, as a display shows it; it has no daylight saving of its own, so a
// skipped or repeated hour is the business of whoever turns UTC into a face.
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "profile/profile.hpp"

namespace busbar::profile {

using ClockFace = std::chrono::local_seconds;

// What the device shows. nullopt: no date that exists (month 13, 30 February, second 60), a year outside 2000..2099, or
// the epoch's "not available": the clock was never set. `words` holds words_of(clock) registers.
std::optional<ClockFace> decode_clock(const Clock& clock, std::span<const std::uint16_t> words);

// The registers that show `face`. `shown` is what stands there now: with YearForm::as_shown a device that counts years
// from 2000 keeps doing so. Errors: out_of_range for years outside 2000..2099.
Result<std::vector<std::uint16_t>> encode_clock(const Clock& clock, ClockFace face,
                                                std::span<const std::uint16_t> shown);

std::string to_text(ClockFace face);  // "2026-03-29 02:30:00"

}  // namespace busbar::profile
