#pragma once
// What a setting of a profile accepts, and how its values are told to people. Pure; used by the writer before a byte is
// sent, and wherever a value is shown.
#include <string>

#include "base/result.hpp"
#include "profile/profile.hpp"

namespace busbar::profile {

// Is `value` (in the setting's unit, or a choice's code) one the setting offers? Errors: out_of_range, with what is
// offered: "feed_in_limit: 2850 W lies between the steps; the nearest are 2800 W and 2900 W". Settings that nobody may
// write accept nothing: denied.
Status check_value(const Setting& setting, double value);

// "2800 W", "6 (limit in W)".
std::string shown(const Setting& setting, double value);

// The setting as a point, for reading: same registers, same encoding, no role.
Point reading_of(const Setting& setting);

}  // namespace busbar::profile
