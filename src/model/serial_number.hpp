#pragma once
// What a serial number is worth for telling devices apart. Used by whoever compares two devices: the registry, the
// rules of the site and the search. Pure; whether a device may have a number of its own, profiles say.
#include <string_view>

namespace busbar::model {

// Whether this number can belong to one device alone. Not: an empty one, one character again and again ("0000000000"),
// digits counted up ("12345678"): that is what stands there when nobody has set it.
bool names_one_device(std::string_view serial);

}  // namespace busbar::model
