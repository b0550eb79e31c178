#include "views/realtime.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

namespace busbar::gateway {

std::string raise_priority() {
    // Rank 1 of 99: above every normal thread, below what the kernel and audio or motion drivers use.
    sched_param wanted{};
    wanted.sched_priority = 1;
    if (pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &wanted) == 0) return "real-time";
    if (setpriority(PRIO_PROCESS, 0, -10) == 0) return "nice -10";
    return "normal";
}

}  // namespace busbar::gateway
