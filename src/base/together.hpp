#pragma once
// Several tasks at once, one who waits for all of them: the reads of a device that takes more than one request at a
// time, say. They run on the loop's thread, in turns where they wait. They may refer to locals of who waits. Not for
// tasks that outlive him: those are spawned.
#include <vector>

#include "base/loop.hpp"

namespace busbar {

// Ends when each of `tasks` has ended. `name` is what Loop::spawn() wants to know.
Task<void> together(Loop& loop, std::string_view name, std::vector<Task<void>> tasks);

}  // namespace busbar
