#pragma once
// Whether a profile and a capture agree: the real driver opens the captured device, reads it twice and obeys the
// capture's orders, on virtual time. Used by the test of the shipped profiles and by busbar-profile, with which the
// author of a device pack checks his.
//
// The device is the image of the capture's registers (docs/formats/capture.md): what was not captured is refused with
// exception 2, and what is written can be read back. Not a simulator, and no check of timing.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "device/capture/capture.hpp"
#include "device/device.hpp"
#include "profile/profile.hpp"

namespace busbar::device {

struct Conformance {
    DeviceInfo info;                         // as open() found it; points and setpoints are empty if it failed
    std::map<std::string, double> readings;  // the good ones by role, in its unit and sign
    std::set<std::string> unknown;           // roles read without a good value
    std::vector<std::string> differences;    // each with its place and both sides; empty: they agree
};

// `unit`: whose frames of a recording count, if it holds several. A recording expects nothing: it differs only where
// the device cannot be opened or read. Errors: unavailable (nothing of that unit, or of several and none was named).
Result<Conformance> conform(const profile::Profile& profile, const Capture& capture,
                            std::optional<std::uint8_t> unit = std::nullopt);

}  // namespace busbar::device
