#include "interrupt.hpp"

#include <poll.h>

#include <csignal>

namespace busbar::ctl {
namespace {
volatile std::sig_atomic_t was_interrupted = 0;
}

void catch_interrupt() {
    std::signal(SIGINT, [](int) { was_interrupted = 1; });
}

bool interrupted() { return was_interrupted != 0; }

bool wait_ms(int ms) {
    if (!interrupted()) ::poll(nullptr, 0, ms);  // a signal ends it early
    return !interrupted();
}

}  // namespace busbar::ctl
