#pragma once
// Reads site.yaml at start. The last one that could be read is kept in the data folder, and the gateway runs on it when
// somebody has saved a file that is no site file at all: one wrong bracket must not leave the plant without control.
#include <string>

#include "config/load.hpp"

namespace busbar::gateway {

inline constexpr const char* last_site_name = "site-last-good.yaml";

// Always gives a site: that of `path`; where it cannot be understood, the one kept in `data_folder`; else one without
// devices and with zero feed-in. What is wrong, with its line, comes first in `site` of the outcome. A file that is not
// there is not replaced by a copy: another site may be meant.
config::LoadOutcome read_site(const std::string& path, const std::string& data_folder);

}  // namespace busbar::gateway
