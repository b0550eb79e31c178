#pragma once
// Splits one power over several devices in proportion to a weight, never beyond a device's own maximum. Pure.
#include <span>
#include <vector>

namespace busbar::strategy {

struct Part {
    double weight = 0;  // >= 0; how much of the total it should get
    double max_w = 0;   // >= 0; what it can take at most
};

// One share per part, in order; 0 <= share <= max_w. What one part cannot take goes to the others; the sum is
// min(total_w, sum of max_w) as long as any part with room has a weight. total_w < 0 counts as 0.
std::vector<double> share(double total_w, std::span<const Part> parts);

}  // namespace busbar::strategy
