#pragma once
// In what two sites differ, in words for people: what "read the site file again" shows and then does. Pure.
#include <vector>

#include "api/commissioning.hpp"
#include "config/site_config.hpp"

namespace busbar::gateway {

// Buses, devices, the sharing of devices, then the rest of the site. What the running gateway cannot take over is
// marked: its name, time zone, peak power and host names, and what `control` says at the first start.
std::vector<api::SiteDifference> differences(const config::SiteConfig& running, const config::SiteConfig& file);

}  // namespace busbar::gateway
