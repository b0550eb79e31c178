#pragma once
// The time of a bus as a budget: given the line and what each device is asked, how much of it is used, how old a
// control-critical point can get at most, and if that is too old or the line too full, what helps. Pure arithmetic;
// used before a device is added (it is refused, or telemetry is spread), and to show what a line promises. Explained in
// docs/explanation/bus.md.
//
// The guarantee holds for what was planned: devices that answer within `turnaround.worst`, one request in the way that
// cannot be interrupted (the longest, or the probe of a silent unit) each time a critical one wants to go, and every
// other device's critical requests and writes ahead of it. It covers no failing requests; `when_one_fails` covers a
// device that falls silent.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bus/modbus_bus.hpp"

namespace busbar::bus::budget {

struct Line {
    std::uint32_t baud = 9600;  // 0: TCP, or a line whose time is unknown
    unsigned character_bits = 10;
};
Line line_of(const LinkSettings& settings);

// One poll: its reads one after the other, with their registers.
struct Demand {
    std::vector<std::uint16_t> registers;
    Duration period{0};  // start to start; 0: never asked
};

// From the last byte of a request to the first one of its answer.
struct Turnaround {
    Duration usual{0};  // counts for the utilisation
    Duration worst{0};  // counts for the guarantee
};
// Of a device that was not measured yet, from the time-out its profile states: a twentieth and a tenth of it, but no
// more than 50 and 150 ms. One that is slower shows as soon as it is measured.
Turnaround assumed_turnaround(Duration timeout);

struct Load {
    std::string device;  // id
    Demand critical, telemetry, slow;
    std::uint16_t by_hand = 0;  // registers of the longest request for a person, settings say; 0: none
    std::uint16_t record = 0;   // registers of a record of new firmware, as it takes them; 0: it takes none
    Demand writes;              // one setpoint and its read-back; each entry: the registers of one request
    Duration pause{0};
    Duration timeout = std::chrono::seconds(1);
    Turnaround turnaround;
    Duration tolerated = std::chrono::seconds(3);  // age of a critical point beyond which control takes it for stale
};
// There are 20 answers: enough to go by.
bool is_measured(const UnitStatistics& statistics);
// Takes the turnaround from what the bus has measured of late, once it is.
void use_measured(Load& load, const Line& line, const UnitStatistics& statistics);

struct Refresh {
    std::string device;
    double utilisation = 0;  // this device's share of the line, 0..1 and more
    // Between two readings of a critical point, at most; none: no bound, or nothing critical.
    std::optional<Duration> guaranteed;
    std::optional<Duration> when_one_fails;  // the same while another device falls silent: its time-out on top
    // The same as `guaranteed` while a device of the line gets new firmware, record by record: the one that costs most.
    // None: no device takes any, or no bound.
    std::optional<Duration> while_upgrading;
    Duration tolerated{0};
};

enum class Verdict : std::uint8_t {
    fits,
    replanned,  // fits with telemetry `stretch` times as rare
    too_much,   // see `breaks_it` and `remedy`
};

// What would make it fit; each alone.
struct Remedy {
    bool other_line = false;                  // `breaks_it` on a line of its own
    std::optional<std::uint32_t> baud;        // the whole line at this baud rate
    std::optional<Duration> critical_period;  // `breaks_it` asked this rarely
};

struct Plan {
    Verdict verdict = Verdict::fits;
    double wanted = 0;       // share of the line if everything is asked as often as wanted; 1.3 is too much
    double utilisation = 0;  // as planned
    double stretch = 1;      // of all telemetry periods on this line; the most there is for one that is full anyway
    std::vector<Refresh> refresh;  // in the order of the loads
    std::string breaks_it;         // device id; empty unless too_much
    Remedy remedy;
    std::string text;  // one or two sentences for people: what, why, what helps
};

// No more than this share of a line is planned: the rest is for retries, scans and what else happens.
inline constexpr double most_planned = 0.9;
// Telemetry is spread so far at most: beyond, its values would be stale before they are read again.
inline constexpr double most_stretch = 3;

Plan plan(const Line& line, std::span<const Load> loads);

// How long one read of so many registers takes, legal silence included.
Duration exchange_time(const Line& line, std::uint16_t registers, Duration turnaround);

}  // namespace busbar::bus::budget
