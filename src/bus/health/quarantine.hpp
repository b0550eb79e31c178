#pragma once
// Units that a scan asked in vain and that may still answer late (UnitHealth says why that matters). Unlike UnitHealth
// it forgets: after twice the time-out nothing is left of a unit that is not there. Pure bookkeeping; internal to bus.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"

namespace busbar::bus {

class Quarantine {
public:
    void add(std::uint8_t unit, Instant until, Instant now) {
        std::erase_if(held_, [now](const Held& h) { return h.until <= now; });
        held_.push_back({unit, until});
    }
    // The start of time for units that are not in it.
    Instant until(std::uint8_t unit) const {
        Instant latest{};
        for (const Held& h : held_)
            if (h.unit == unit) latest = std::max(latest, h.until);
        return latest;
    }

private:
    struct Held {
        std::uint8_t unit;
        Instant until;
    };
    std::vector<Held> held_;  // a few: one probe after the other, each for twice its time-out
};

}  // namespace busbar::bus
