#pragma once
// Whether a path is a serial port, told without opening it: opening has effects on some files (a watchdog starts), and
// what is found in others is nobody's business here. Any thread; asks the file system, quickly.
#include <sys/stat.h>

#include <string>

#include "base/result.hpp"

namespace busbar::bus {

// A terminal device: a port of the board, an adapter, or one end of a pty; no console.
bool is_serial_port(const struct stat& file);

// A path that leads nowhere is fine: its adapter may be plugged in later. Errors: denied (something else is there).
Status check_serial_name(const std::string& path);

// Whether two paths lead to one port: links followed, and by its number where it is there.
bool is_same_port(const std::string& a, const std::string& b);

}  // namespace busbar::bus
