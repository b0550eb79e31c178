#pragma once
// Turns limits and requests into setpoints. Limits narrow each target's interval in the order of their rank: a limit
// that contradicts a higher rank moves as close to it as that rank allows. Then the request with the highest priority
// is clipped into what is left. Each setpoint keeps the whole chain. Pure; called once per cycle.
//
// A target without a request gets no setpoint, whatever its limits: nothing is written that nobody wishes.
#include <span>
#include <vector>

#include "model/request.hpp"
#include "model/setpoint.hpp"

namespace busbar::control {

// Setpoints in the order of their targets, at most one per target. Limits or requests that are not numbers are ignored.
std::vector<model::Setpoint> arbitrate(std::span<const model::Limit> limits, std::span<const model::Request> requests,
                                       Instant expires);

}  // namespace busbar::control
