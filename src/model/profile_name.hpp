#pragma once
// What the family of a device is called: "maker/family". One rule for whoever takes such a name from a file, a request
// or a folder: it also is a path below the profiles, so nothing in it may lead elsewhere. Pure.
#include <string_view>

namespace busbar::model {

// Two parts of small letters, digits and '-', neither empty nor with a '-' in front; at most 64 characters in all.
bool is_profile_name(std::string_view name);

}  // namespace busbar::model
