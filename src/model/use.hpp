#pragma once
// Which uses a device can be put to, from the roles it has. Pure. Asked for what somebody says about a device, for what
// a search suggests, and for the list of families to choose from.
#include <span>
#include <string_view>
#include <vector>

#include "model/role.hpp"
#include "model/site.hpp"

namespace busbar::model {

// False where a value without which nothing can be reckoned is missing: a meter is no battery. A sub-meter can be
// anything: its values are shown and enter no balance.
bool can_be(Use use, std::span<const RoleKey> roles);
std::vector<Use> uses_of(std::span<const RoleKey> roles);  // all it can be, in the order of the enum
std::string_view need_of(Use use);                         // for people: "battery.power"; empty: needs nothing

}  // namespace busbar::model
