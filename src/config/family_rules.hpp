#pragma once
// What may be said about a device whose family is known: whether it can be what it is used as, whether its number can
// be checked. The rules of the site itself are in rules.hpp. Pure; asked by the gateway before a device is added or
// changed, and of each device of a file written by hand.
//
// Errors: out_of_range, with what is missing and what can be said instead.
#include "base/result.hpp"
#include "config/site_config.hpp"
#include "profile/profile.hpp"

namespace busbar::config {

// A device that tells nothing of what its use needs would leave the balance without a value for ever: it cannot be in
// service as that.
Status check_use(const DeviceConfig& device, const profile::Profile& family);

// A number that the family never tells would look like a check and be none.
Status check_serial_is_told(const DeviceConfig& device, const profile::Profile& family);

}  // namespace busbar::config
