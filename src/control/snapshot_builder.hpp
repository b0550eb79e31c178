#pragma once
// Freezes live state into the snapshot of one cycle: which device is what, what is fresh, what each can do now, what it
// was last told. The only place in control that knows roles of readings. Reads, never writes.
#include <span>

#include "control/dispatcher.hpp"
#include "control/site.hpp"
#include "live/live_state.hpp"
#include "model/poll_class.hpp"
#include "model/snapshot.hpp"

namespace busbar::control {

// Power readings count in control as long as their device's own polls let expect (PointSpec::stale_after), and never
// when they are older than this, whatever its profile says.
inline constexpr Duration power_max_age = model::most_critical_age;
// A device that is polled without a pause is missed after this: noticed within 5 s.
inline constexpr Duration missed_after = std::chrono::seconds(4);

// Tells which actuators have been caught disobeying (obedience.hpp).
struct Distrust {
    std::span<const model::Target> uncontrollable;
    bool has(model::Target target) const;
};

model::Snapshot build_snapshot(const live::LiveState& live, const Site& site, std::span<const Actuator> actuators,
                               Distrust distrust, Instant now);

// A good value was there, is older than missed_after, and does not count any more; or the device refuses its register
// now (which its problem says). False for what the device never told or says it does not know.
bool has_lost(const live::LiveState& live, live::DeviceIndex device, model::Role role, Instant now);

// The newest good reading of the grid meter's power, however old; control/fallback judges its age.
std::optional<Instant> grid_reading_at(const live::LiveState& live, const Site& site);

}  // namespace busbar::control
