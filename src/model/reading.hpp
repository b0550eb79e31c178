#pragma once
// One value of one point at one instant. "Stale" is not stored: it follows from the instant and the point's allowed age,
// asked at the moment of use, because a value does not get a new quality by nobody looking at it.
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "model/role.hpp"

namespace busbar::model {

enum class Quality : std::uint8_t {
    unknown,  // never read
    good,
    invalid,  // the device said "not available", or the value was not believable
};

struct Reading {
    double value = 0;  // in the role's unit; meaningless unless quality is good
    Instant at{};      // when the last byte of the answer arrived
    Quality quality = Quality::unknown;

    // The value, if it is good and not older than `max_age`.
    std::optional<double> fresh(Instant now, Duration max_age) const {
        if (quality != Quality::good || now - at > max_age) return std::nullopt;
        return value;
    }
};

// Names a device inside a site: letters, digits, '-' and '_', 1..32 characters, unique. Kept when the device is replaced.
using DeviceId = std::string;

}  // namespace busbar::model
