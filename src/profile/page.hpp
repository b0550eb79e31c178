#pragma once
// What a profile says, for people: one Markdown page per family and one list of all. docs/reference/devices is written
// from here (`./dev pages`), and a test holds the pages to the profiles. Pure text; reads nothing, decides nothing.
#include <span>
#include <string>

#include "profile/profile.hpp"

namespace busbar::profile {

// Brand and models, points, controls and what happens without us, bus rules, source and how far it was verified.
std::string device_page(const Profile& profile);

// The list of all families, in the order given, with links to their pages.
std::string device_index(std::span<const Profile> profiles);

}  // namespace busbar::profile
