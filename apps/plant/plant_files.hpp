#pragma once
// What busbar-plant reads and writes on disk: scenario, profiles, traces in; descriptions and the report out.
#include <filesystem>
#include <map>
#include <string>

#include "plant/world.hpp"

namespace busbar::plant_app {

// The whole file; names ending in .gz are unpacked. Errors: unavailable (absent), out_of_range (larger than 256 MiB).
Result<std::string> read_text(const std::filesystem::path& path);
// Written beside and renamed, so that a reader never sees half a file.
Status write_text(const std::filesystem::path& path, std::string_view text);

// profiles/<name>.yaml, checked.
Result<profile::Profile> read_profile(const std::filesystem::path& profiles, std::string_view name);

// Every trace a scenario names, looked for in `folders` in this order.
Result<std::map<std::string, plant::Trace>> read_traces(const plant::Scenario& scenario,
                                                        const std::vector<std::filesystem::path>& folders);

}  // namespace busbar::plant_app
