#pragma once
// Device packs: profiles that were added to this gateway, in the first of its folders; what is in the others was
// shipped. A pack of the same name stands in the place of a shipped one. Looks at the disk.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "site/site_changes.hpp"

namespace busbar::gateway {

bool is_pack(const std::vector<std::string>& folders, const std::string& name);
bool is_shipped(const std::vector<std::string>& folders, const std::string& name);

// What stands against `family` for the devices that have a profile of its name. `known`: what they ask of their buses
// now. Errors: denied, naming the device or the bus, with the remedy.
Status may_serve(const profile::Profile& family, const config::SiteConfig& site,
                 const std::vector<std::string>& folders, const LoadsByBus& known);

}  // namespace busbar::gateway
