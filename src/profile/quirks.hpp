#pragma once
// How devices of a family behave beyond the protocol, as far as somebody saw or documented it. The simulated plant
// plays it, so that the rules of `bus` are tested against what they are for. The driver does not look here: it keeps to
// BusRules. Part of Profile; checked when loaded.
#include <cstdint>

#include "base/clock.hpp"

namespace busbar::profile {

// What becomes of a request that comes too soon after the last answer.
enum class Haste : std::uint8_t { allowed, silent, garbled };

struct Quirks {
    // Exception that refuses a whole read for one register the device does not have: 2 or 3.
    std::uint8_t missing = 2;
    std::uint16_t longest_read = 125;  // registers; a longer one is refused with exception 3
    bool even_only = false;            // an odd start or count is refused with exception 3
    std::uint16_t block = 0;           // a read over a multiple of this is refused with exception 3; 0 = no such rule
    Haste too_soon = Haste::allowed;
    Duration pause{0};                              // what it needs between its answer and the next request to it
    Duration turnaround_min{0}, turnaround_max{0};  // thinking time, added to the line's
    Duration wakes_after{0};                        // of a new TCP connection: says nothing for this long
    Duration idle{0};                               // closes a TCP connection that was silent for so long; 0 = never
    std::uint8_t clients = 0;                       // TCP connections at a time; 0 = any number
    bool newest_client_wins = false;                // one more ends the first; else it is refused
    bool any_unit = false;                          // TCP: answers whatever unit is asked, as itself
    std::uint8_t silent_child = 0;                  // a logger's exception for a silent one behind it; 0 = silent, too
    std::uint8_t write_denied = 0;                  // exception to every write; 0 = it takes them
    bool drops_out_of_range = false;                // says yes to a setpoint outside its range, and does nothing
    bool latches = false;                           // a setpoint counts when its last step is written, not before
    bool registers_only = false;                    // functions but 3, 4, 6, 16 are refused, as by many a proxy
    double busy = 0;                                // share of requests answered with exception 6, 0..1
    double wrong_unit = 0;                          // share of answers that carry another unit, 0..1
    bool operator==(const Quirks&) const = default;
};

}  // namespace busbar::profile
