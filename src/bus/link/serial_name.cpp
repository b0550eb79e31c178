#include "bus/link/serial_name.hpp"

#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/phrases.hpp"

namespace busbar::bus {
namespace {

namespace fs = std::filesystem;
constexpr unsigned first_pty = 136, last_pty = 143;    // the kernel lists none of them
constexpr unsigned own_terminals = 5;                  // /dev/tty, /dev/console, /dev/ptmx
constexpr unsigned consoles = 4, first_of_board = 64;  // of that major, below: virtual consoles
constexpr unsigned usual[] = {4, 166, 188, 204, 207};  // where the kernel's list cannot be read

// Where a path leads, also when there is nothing: the link of an adapter that is not plugged in.
fs::path led_to(fs::path path) {
    std::error_code failed;
    for (int step = 0; step < 8 && fs::is_symlink(path, failed); ++step)
        path = path.parent_path() / fs::read_symlink(path, failed);
    const fs::path whole = fs::weakly_canonical(path, failed);
    return failed ? path : whole;
}

}  // namespace

bool is_serial_port(const struct stat& file) {
    if (!S_ISCHR(file.st_mode)) return false;
    const unsigned kind = major(file.st_rdev), which = minor(file.st_rdev);
    if (kind >= first_pty && kind <= last_pty) return true;
    if (kind == own_terminals || (kind == consoles && which < first_of_board)) return false;
    std::error_code failed;
    const fs::path entry = "/sys/dev/char/" + std::to_string(kind) + ":" + std::to_string(which);
    const fs::path subsystem = fs::read_symlink(entry / "subsystem", failed);
    if (!failed) return subsystem.filename() == "tty";
    return std::find(std::begin(usual), std::end(usual), kind) != std::end(usual);
}

Status check_serial_name(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0 || is_serial_port(file)) return ok();
    return fail(Errc::denied, say<phrases::no_serial_port>(path));
}

bool is_same_port(const std::string& a, const std::string& b) {
    if (a == b) return true;
    struct stat one {
    }, other{};
    if (::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0)
        return S_ISCHR(one.st_mode) && S_ISCHR(other.st_mode) && one.st_rdev == other.st_rdev;
    return led_to(a) == led_to(b);
}

}  // namespace busbar::bus
