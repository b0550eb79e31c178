#include "bus/link/serial_port.hpp"
#include "base/phrases_running.hpp"

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "bus/link/serial_name.hpp"

// <termios.h> knows only the classic baud rates and cannot be included beside <asm/termbits.h>.

namespace busbar::bus {
namespace {

Error cannot_open(const std::string& path, int number) {
    std::string why = std::strerror(number);
    if (number == ENOENT || number == ENXIO || number == ENODEV) why = say<phrases::link_unplugged>(why);
    if (number == EACCES || number == EPERM) why = say<phrases::link_forbidden>(why);
    if (number == EBUSY || number == EWOULDBLOCK) why = say<phrases::link_used>(why);
    return fail(Errc::unavailable, path + ": " + why);
}

bool apply(int fd, const SerialSettings& s) {
    termios2 t{};
    if (::ioctl(fd, TCGETS2, &t) != 0) return false;
    t.c_iflag = 0;
    t.c_oflag = 0;
    t.c_lflag = 0;
    t.c_cflag = CS8 | CREAD | CLOCAL | BOTHER;
    if (s.parity != 'N') t.c_cflag |= PARENB;
    if (s.parity == 'O') t.c_cflag |= PARODD;
    if (s.stop_bits == 2) t.c_cflag |= CSTOPB;
    t.c_ispeed = t.c_ospeed = s.baud;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    return ::ioctl(fd, TCSETS2, &t) == 0;
}

// USB adapters collect bytes for 16 ms unless told otherwise, longer than a whole exchange at 115200 baud. Ports that
// do not know this (ptys, some drivers) say so and are none the worse.
void ask_for_low_latency(int fd) {
    serial_struct serial{};
    if (::ioctl(fd, TIOCGSERIAL, &serial) != 0) return;
    serial.flags |= ASYNC_LOW_LATENCY;
    (void)::ioctl(fd, TIOCSSERIAL, &serial);
}

// Ports this process has open, by descriptor: its own lock looks like any other program's.
struct Taken {
    dev_t port = 0;
    std::string owner;
};
std::mutex taken_guard;
std::map<int, Taken> taken;

std::string holder(dev_t port) {
    const std::scoped_lock lock(taken_guard);
    for (const auto& [fd, one] : taken)
        if (one.port == port) return one.owner;
    return {};
}

}  // namespace

Result<int> open_serial_port(const SerialSettings& s, const std::string& owner) {
    const Error no_port = fail(Errc::unavailable, s.path + ": not a serial port; check the path");
    struct stat file {};
    if (::stat(s.path.c_str(), &file) != 0) return cannot_open(s.path, errno);
    if (!is_serial_port(file)) return no_port;
    const int fd = ::open(s.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return cannot_open(s.path, errno);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int number = errno;
        const std::string who = holder(file.st_rdev);
        ::close(fd);
        if (who.empty()) return cannot_open(s.path, number);
        return fail(Errc::unavailable, s.path + ": bus '" + who + "' of this gateway uses it; one port is one bus");
    }
    if (!apply(fd, s)) {
        const int number = errno;
        ::close(fd);
        if (number == ENOTTY) return no_port;
        return fail(Errc::unsupported, s.path + ": does not know these settings; check baud rate and parity");
    }
    ask_for_low_latency(fd);
    (void)::ioctl(fd, TCFLSH, TCIFLUSH);
    const std::scoped_lock lock(taken_guard);
    taken[fd] = {file.st_rdev, owner};
    return fd;
}

void close_serial_port(int fd) {
    const std::scoped_lock lock(taken_guard);
    taken.erase(fd);
    ::close(fd);
}

}  // namespace busbar::bus
