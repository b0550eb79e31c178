#pragma once
// BUSBAR_ASSERT guards our own invariants and stays on in release: a crash is restarted by the supervisor and devices
// fall back by their own time-out, which is safer than a wrong setpoint. Never used on data from wire, disk, network,
// users or devices: those are checked into a Result.
#define BUSBAR_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::busbar::assertion_failed(#condition, __FILE__, __LINE__))

namespace busbar {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}
