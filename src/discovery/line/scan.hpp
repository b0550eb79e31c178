#pragma once
// What a search for devices is asked for and what it tells: plain data, copied freely. Made by the API, the command
// line and tests; filled by Discovery (discovery.hpp). Nothing here refers to a running search.
//
// Every text that came from a device or the network is printable ASCII and at most 64 characters.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/site.hpp"

namespace busbar::discovery {

// How a serial line is driven.
struct LineSettings {
    std::uint32_t baud = 9600;  // 1200..921600
    char parity = 'N';          // N, E, O
    int stop_bits = 1;          // 1, 2
    bool operator==(const LineSettings&) const = default;
};
std::string to_string(const LineSettings& line);  // "9600 8N1"

// What a line that is driven like `own` is tried with, `own` itself left out: every rate with the line's parity first,
// then, the line's own rate included, with the two that devices are delivered with, 8N1 and 8E1. Empty without rates.
std::vector<LineSettings> settings_to_try(const LineSettings& own, const std::vector<std::uint32_t>& bauds);

// Search of the local network for Modbus TCP devices.
struct LanRequest {
    std::vector<std::string> networks;      // "192.168.1.0/24", at most /22; empty: the gateway's own IPv4 networks
    std::vector<std::uint16_t> ports{502};  // 1 to 8
    bool asks_names = true;                 // also asks who announces itself (mDNS)
    bool includes_configured = false;       // endpoints of the site are asked, too, for units not yet added
};

// One bus of the site.
struct BusRequest {
    std::string bus;              // its id
    std::uint8_t first_unit = 1;  // both included; 0 only on TCP
    std::uint8_t last_unit = 247;
};

struct ScanRequest {
    std::vector<BusRequest> buses;
    std::vector<std::string> profiles;  // families to look for; empty: all
    // Serial buses: other rates to try where no device of the site answers and nobody else was found, most likely
    // first.
    std::vector<std::uint32_t> bauds;
    std::optional<LanRequest> lan;
};

// How sure the search is of what it found.
enum class Certainty : std::uint8_t {
    identified,  // the device said who it is, and one profile fits: `profile`
    candidates,  // it cannot say who it is; a person chooses one of `candidates`
    doubtful,    // it said something that cannot be taken as it stands; the reason is in `notes`
    unknown,     // somebody answers, no profile fits
    known,       // a device of the site, not asked: `device`
};
std::string_view to_string(Certainty certainty);  // "identified"

struct Candidate {
    std::string profile;  // "eastron/sdm630"
    std::string reason;   // "grid frequency reads 49.98; 24 of 24 points answer"
    int score = 0;        // 0..100; only to order candidates of the same unit
};

// Somebody at one unit of one bus or endpoint.
struct Found {
    std::string bus;                   // id of the bus of the site; empty for an endpoint that is not one yet
    std::string host;                  // endpoint, when `bus` is empty: "192.168.1.20"
    std::uint16_t port = 0;            //
    std::optional<LineSettings> line;  // serial: what it answered to, when that is not the bus's own setting
    std::uint8_t unit = 0;
    std::optional<std::uint8_t> behind;  // reached through the logger at this unit of the same endpoint

    Certainty certainty = Certainty::unknown;
    std::string maker, model, serial, firmware;  // as the device says; empty when it does not
    std::string profile;                         // the one to add it with; empty unless identified
    std::string reason;                          // why that profile: "model reads 'SUN2000-10KTL-M1'"
    std::vector<Candidate> candidates;           // most likely first; the chosen one, too
    std::optional<model::Use> use;               // what it may be at the site; a suggestion
    std::string device;                          // id of the device of the site, when known
    std::string name;                            // what it calls itself on the network: "shellypro3em-0a1b2c"
    std::vector<std::string> notes;              // for people: doubts, remedies
    bool is_double = false;                      // has the number of a device of the site, or of another find: added,
                                                 // it would count twice
};

enum class Phase : std::uint8_t {
    idle,        // nothing was searched yet
    running,     //
    cancelling,  // told to end; the question in flight is awaited
    done,        // ended by itself or cancelled; what was found stays until the next start
};
std::string_view to_string(Phase phase);  // "running"

struct BusProgress {
    std::string bus;               // id, or "lan"
    unsigned done = 0, total = 0;  // steps; total grows when devices are found and asked who they are
    std::string current;           // "unit 17 at 9600 8N1"; empty when ended
    std::optional<Duration> left;  // estimate; unknown at first
    bool has_ended = false;
    std::string problem;  // why it could not be searched, with the remedy
};

struct ScanState {
    Phase phase = Phase::idle;
    std::uint64_t scan = 0;      // counts starts
    std::uint64_t revision = 0;  // grows with each change of anything here
    bool was_cancelled = false;
    WallTime started{}, ended{};  // ended: when done
    std::vector<BusProgress> progress;
    std::vector<Found> found;           // by bus or endpoint, then unit
    std::vector<std::string> messages;  // about the whole: "rs485-2: not searched, ..."; at most 100
};

}  // namespace busbar::discovery
