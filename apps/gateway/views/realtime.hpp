#pragma once
// Priority of the field loop's thread: a setpoint must leave within a millisecond of the reading it follows from, also
// while four other processes keep the processor busy.
#include <string>

namespace busbar::gateway {

// Asks for real-time scheduling of the calling thread (SCHED_FIFO, lowest real-time rank), then for a better nice
// value. Answers what was granted, for the log: "real-time", "nice -10", or "normal".
std::string raise_priority();

}  // namespace busbar::gateway
