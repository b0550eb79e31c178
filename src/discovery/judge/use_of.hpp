#pragma once
// What a device may be at a site, from the roles it has: a suggestion an installer may change. Pure. Used for what a
// search found and for the list of families to choose from.
#include <span>

#include "model/role.hpp"
#include "model/site.hpp"
#include "profile/profile.hpp"

namespace busbar::discovery {

model::Use use_of(std::span<const model::RoleKey> roles);
model::Use use_of(const profile::Profile& profile);  // by all it may show and take

}  // namespace busbar::discovery
