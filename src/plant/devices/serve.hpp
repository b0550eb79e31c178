#pragma once
// Carries a Line over a Link, as the slave's end of the wire: a loopback inside one test process, or the pty and TCP
// links of busbar-plant. One coroutine per link; all on the loop that also steps the world. They end with the loop.
#include "base/loop.hpp"
#include "bus/link/link.hpp"
#include "bus/link/loopback_link.hpp"
#include "plant/world.hpp"

namespace busbar::plant {

// Who spends the time that bytes need on a serial wire.
enum class Pacing : std::uint8_t {
    link,    // the link does: every byte arrives at its instant (LoopbackLink with a character time)
    server,  // we do: the link hands over whole writes at once (a pty)
};

// Answers requests of a serial line: recognises the frame, waits 3.5 characters and the device's own time, then sends.
// With Pacing::server an answer leaves in one piece when its last byte would have been on the wire. Counts starts that
// came too early.
Task<void> serve_rtu(Loop& loop, bus::Link& link, Line& line, Pacing pacing);

// Answers one Modbus TCP connection; returns when the other end closed it, sent what is no Modbus, or was silent for
// longer than a device here puts up with.
Task<void> serve_tcp(Loop& loop, bus::Link& link, Line& line);
// The same for a loopback whose other end may close and open again; never returns.
Task<void> serve_tcp_for_ever(Loop& loop, bus::LoopbackLink& link, Line& line);

// Steps the world with the loop's time, `speed` times as fast; never returns.
Task<void> run(Loop& loop, World& world, double speed = 1);

}  // namespace busbar::plant
