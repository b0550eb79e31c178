#pragma once
// Lines for whoever runs the program: to standard error, which systemd hands to its journal. One line per event, control
// characters of hostile strings made visible, so that a device name cannot forge a line. Any thread. Not for values
// (history has them), and never for secrets.
#include <string>
#include <string_view>

namespace busbar {

enum class Level { debug, info, warning, error };

// Writes "<time> warning bus rs485-1: no answer from unit 3". Under systemd the journal's own level prefix replaces the
// time. `area` is the part of the program and the place: "bus rs485-1".
void log(Level level, std::string_view area, std::string_view text);

// Lines below this level are dropped. Start value: info.
void set_log_level(Level least);

// The same text on one line: a line end becomes "; ", other control characters and bytes that are no UTF-8 become '?'; at
// most `longest` bytes.
std::string printable(std::string_view text, std::size_t longest = 1000);

}  // namespace busbar
