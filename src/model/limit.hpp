#pragma once
// A limit: an interval one setpoint must stay in, with who says so. Limits come from nameplates, batteries, grid
// operators, fuses, people and strategies; the arbiter lets them narrow the interval in the order of their rank.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "model/role.hpp"

namespace busbar::model {

// Who may overrule whom: a smaller rank is never widened or moved by a larger one.
enum class Rank : std::uint8_t { nameplate, bms, grid_operator, fuse, peak, user, strategy };
std::string_view to_string(Rank rank);  // "grid_operator"

// One setpoint of one device. `device` is the index in the site's device list.
struct Target {
    std::uint16_t device = 0;
    RoleKey role;
    auto operator<=>(const Target&) const = default;
};

struct Limit {
    Target target;
    Rank rank = Rank::strategy;
    double low = -std::numeric_limits<double>::infinity();  // in the role's unit
    double high = std::numeric_limits<double>::infinity();
    std::string source;  // "feed_in_limit"
    std::string text;    // for people: "feed-in 5,210 W, allowed 4,800 W"
};

}  // namespace busbar::model
