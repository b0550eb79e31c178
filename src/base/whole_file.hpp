#pragma once
// Small files that must never be half there: settings, keys, copies of configuration. Blocks for the disk: at start, or
// on a thread that may wait.
#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace busbar {

// Written beside the target, synced, then renamed over it: after a power cut the old or the new file is there, and once
// this returned ok, the new one. `mode` as for open(2). Errors: unavailable, with the place and the remedy.
Status write_whole_file(const std::string& path, std::string_view text, mode_t mode);

}  // namespace busbar
