#pragma once
// Text of a profile -> checked Profile. Pure: the caller reads the file (device/profile_store.hpp does).
//
// The text is hostile: at most 256 KiB, 16 levels, 20,000 nodes, no aliases or anchors. Unknown keys are refused with
// the nearest known one. Every error has kind malformed, names `file_name:line`, says what is wrong and what to do:
//   "eastron/sdm630.yaml:14: meter.power: unit 'V' does not fit this role; use W, kW or MW"
#include <string_view>

#include "base/result.hpp"
#include "profile/profile.hpp"

namespace busbar::profile {

inline constexpr std::size_t max_profile_bytes = 256 * 1024;

Result<Profile> load(std::string_view yaml, std::string_view file_name);

}  // namespace busbar::profile
