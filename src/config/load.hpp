#pragma once
// site.yaml -> SiteConfig. Pure: the caller reads the file. The gateway always starts: what is wrong with one device or
// bus takes only that device, or the devices on that bus, out of service; the rest of the file stands. Format with an
// example: docs/reference/site-config.md.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/site_config.hpp"

namespace busbar::config {

struct DeviceProblem {
    model::DeviceId device;
    Error error;  // "site.yaml:12: ..."
};

struct LoadOutcome {
    std::string file;                     // its name, for messages
    SiteConfig config;                    // every device of the file, in its order, also those with a problem
    std::vector<DeviceProblem> problems;  // devices that must stay out of service, and why
    std::vector<std::string> site;        // problems of the site itself, "site.yaml:3: ..."
    std::size_t mistakes = 0;  // the first so many of `site` are mistakes of the file; the others doubts about the site
};

inline constexpr std::size_t max_file_bytes = 256 * 1024;
inline constexpr std::size_t max_buses = 64;
inline constexpr std::size_t max_devices = 250;
inline constexpr std::size_t max_host_names = 16;

// Errors: malformed when the text is no YAML map at all, with file:line. A feed-in limit that cannot be read counts as
// zero feed-in, the safest reading, and is a problem of the site; so does one that is not there beside a mistake in
// `control` or a key of the site that is not known, either of which may be a limit misspelt.
Result<LoadOutcome> load(std::string_view yaml, std::string_view file_name);

}  // namespace busbar::config
