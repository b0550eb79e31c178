#pragma once
// A request: what a strategy wishes for one setpoint, with its reason. Requests never override limits; of several
// requests for one target the one with the highest priority counts.
#include <cstdint>
#include <string>
#include <vector>

#include "model/limit.hpp"

namespace busbar::model {

struct Request {
    Target target;
    double value = 0;           // in the role's unit
    std::uint8_t priority = 0;  // higher goes first
    std::string source;         // "self_consumption"
    std::string text;           // "grid 520 W import, aim 0 W: discharge 520 W more"
};

// What one strategy returns in one cycle.
struct Wishes {
    std::vector<Request> requests;
    std::vector<Limit> limits;
};

}  // namespace busbar::model
