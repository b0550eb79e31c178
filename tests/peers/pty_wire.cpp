#include "pty_wire.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <stdexcept>

namespace busbar::tests {

PtyWire::PtyWire() {
    for (int i = 0; i < 2; ++i) {
        masters_[i] = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (masters_[i] < 0 || ::grantpt(masters_[i]) != 0 || ::unlockpt(masters_[i]) != 0)
            throw std::runtime_error("no pseudo terminal; is /dev/pts mounted?");
        paths_[i] = ::ptsname(masters_[i]);
        held_[i] = ::open(paths_[i].c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        termios t{};
        ::tcgetattr(held_[i], &t);
        ::cfmakeraw(&t);
        ::tcsetattr(held_[i], TCSANOW, &t);
    }
    thread_ = std::thread([this] { carry(); });
}

PtyWire::~PtyWire() {
    ends_ = true;
    thread_.join();
    for (int i = 0; i < 2; ++i) {
        ::close(held_[i]);
        ::close(masters_[i]);
    }
}

void PtyWire::carry() {
    pollfd watched[2] = {{masters_[0], POLLIN, 0}, {masters_[1], POLLIN, 0}};
    while (!ends_) {
        if (::poll(watched, 2, 20) <= 0) continue;
        for (int i = 0; i < 2; ++i) {
            char bytes[512];
            if ((watched[i].revents & POLLIN) == 0) continue;
            const ssize_t n = ::read(masters_[i], bytes, sizeof bytes);
            if (n > 0 && ::write(masters_[1 - i], bytes, static_cast<std::size_t>(n)) != n) return;
        }
    }
}

}  // namespace busbar::tests
