#pragma once
// "Did you mean ...?": the known names nearest to what was typed. Pure.
#include <string>
#include <string_view>
#include <vector>

namespace busbar::ctl {

// At most three, best first: names that contain what was typed, then names a few letters away. Case does not matter.
std::vector<std::string> nearest(std::string_view typed, const std::vector<std::string>& known);

// "; did you mean roof/ac.power or roof/ac.energy?", or nothing when nothing is near.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known);

}  // namespace busbar::ctl
