#pragma once
// The speed a terminal is set to. Apart from the rest because <asm/termbits.h> cannot stand beside <termios.h>.
#include <cstdint>
#include <optional>

namespace busbar::plant_app {

// In baud, as whoever opened the terminal has set it; nothing when it is no terminal.
std::optional<std::uint32_t> line_speed(int terminal);
// False: the terminal does not take it.
bool set_line_speed(int terminal, std::uint32_t baud);

}  // namespace busbar::plant_app
