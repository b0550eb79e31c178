#pragma once
// Whether what failed did so because a disk is full, and the one sentence that all modules say then. SQLite reports a
// full disk as an I/O error when it is its shared memory that does not fit; nobody can act on that. Any thread.
#include <string>

#include "base/error.hpp"

namespace busbar {

// Too little room (or no file number) for the next small file of this user. False when the folder cannot be asked.
bool is_disk_full(const std::string& folder);

// `unavailable`: "data folder /var/lib/busbar: disk full; free some space on it".
Error disk_full(const std::string& folder);

}  // namespace busbar
