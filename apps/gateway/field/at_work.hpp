#pragma once
// Devices that must be left alone while somebody works on them: a change of the site that would make another device of
// one, or of its line, waits until the work is done. Pure.
#include <set>
#include <string>

#include "base/result.hpp"
#include "config/site_config.hpp"

namespace busbar::gateway {

// Errors: denied, naming the first of `at_work` that `after` would disturb. `renewed`: begin anew in any case.
Status leaves_alone(const std::set<std::string>& at_work, const config::SiteConfig& before,
                    const config::SiteConfig& after, const std::set<std::string>& renewed);
Error busy_with_firmware(const std::string& id);

}  // namespace busbar::gateway
