#include "line_speed.hpp"

#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace busbar::plant_app {

std::optional<std::uint32_t> line_speed(int terminal) {
    termios2 settings{};
    if (::ioctl(terminal, TCGETS2, &settings) != 0) return std::nullopt;
    return settings.c_ospeed;
}

bool set_line_speed(int terminal, std::uint32_t baud) {
    termios2 settings{};
    if (::ioctl(terminal, TCGETS2, &settings) != 0) return false;
    settings.c_cflag = (settings.c_cflag & ~static_cast<tcflag_t>(CBAUD)) | BOTHER;
    settings.c_ispeed = settings.c_ospeed = baud;
    return ::ioctl(terminal, TCSETS2, &settings) == 0;
}

}  // namespace busbar::plant_app
