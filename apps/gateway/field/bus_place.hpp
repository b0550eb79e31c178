#pragma once
// Whether a bus may be where somebody wants it, as far as this machine can tell and rules over the site cannot
// (config/rules.hpp): its port is a serial one and no other bus's under another name, its address is none of those
// where no bus may connect. Asks the file system; for a thread that may wait.
#include "base/result.hpp"
#include "config/site_config.hpp"

namespace busbar::gateway {

// Errors: denied, with the reason and the remedy.
Status check_place(const config::SiteConfig& site, const config::BusConfig& bus);

}  // namespace busbar::gateway
