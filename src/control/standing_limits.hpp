#pragma once
// Limits and wishes that do not come from a strategy: what devices and batteries can bear, what fail-safe asks for, and
// what a device that left control is still told. Pure; called by the cycle once per snapshot.
#include <span>

#include "control/dispatcher.hpp"
#include "control/fallback.hpp"
#include "model/request.hpp"
#include "model/snapshot.hpp"

namespace busbar::control {

// Rank nameplate: the range each device accepts. Rank bms: what each battery can take and give now.
void add_device_limits(model::Wishes& wishes, const model::Snapshot& now, std::span<const Actuator> actuators);

// The envelope in setpoints: caps by rated power, batteries to 0 W. Nothing for an envelope without demands.
void add_fallback(model::Wishes& wishes, const model::Snapshot& now, const Envelope& envelope);

// On a limited site a device that left control is still told what is safe; otherwise it would be released into freedom.
// A silent one keeps its last cap (a battery: rests, or goes on charging), so that it finds the right value when it
// comes back. One that disobeys gets its share of `safe_w`: limit and load that is always there, W.
void add_lost_devices(model::Wishes& wishes, const model::Snapshot& now, double safe_w);

}  // namespace busbar::control
