#pragma once
// One endpoint of the plant: a serial line or a TCP server with the devices behind it. Takes whole request frames,
// gives the frame to answer with and how long the device thinks first; damages and delays where a scenario says so or
// the device is known for it (profile/quirks.hpp). Knows no socket and no clock: serve.hpp carries it over a Link and
// tells the time.
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "plant/devices/simulated_device.hpp"
#include "plant/physics/random.hpp"
#include "plant/scenario/scenario.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::plant {

struct Reply {
    Bytes bytes;             // as they go on the wire
    double delay_s = 0;      // between the request's last byte and the first of these, without the line's own silence
    std::size_t device = 0;  // whose it is
};

// When a request arrived, in seconds of any clock that runs evenly. The default is long after anything.
struct Arrival {
    double at_s = std::numeric_limits<double>::infinity();
    double connected_s = 0;  // TCP: when the connection was accepted
};

class Line {
public:
    // What a gateway has to be told about a device here.
    struct Place {
        std::string id, profile, use;  // use: grid_meter, pv, hybrid, battery, charger, sub_meter
        std::uint8_t unit = 1;
    };
    struct Counts {
        std::uint64_t requests = 0;  // well-formed, for a unit that is here
        std::uint64_t answers = 0;
        std::uint64_t broken = 0;        // wrong checksum or length
        std::uint64_t foreign = 0;       // for units that are not here
        std::uint64_t too_soon = 0;      // began within the pause that a device needs
        std::uint64_t early_starts = 0;  // began before the line was silent for 3.5 characters; counted by serve_rtu
    };

    Line(LineSpec spec, std::uint64_t seed) : spec_(std::move(spec)), random_(seed, "line " + spec_.id) {}

    void add(SimulatedDevice device, std::string use);
    // All devices are there: a logger among them knows the others.
    void know_children();
    const LineSpec& spec() const { return spec_; }
    std::span<SimulatedDevice> devices() { return devices_; }
    std::span<const Place> places() const { return places_; }
    SimulatedDevice* device(std::string_view id);

    // Nothing: nobody answers (checksum wrong, unit absent, device silent, broadcast).
    std::optional<Reply> answer_rtu(ByteView frame, Arrival arrival = {});
    std::optional<Reply> answer_tcp(const wire::TcpMessage& message, Arrival arrival = {});
    // Its last byte has left: from here on the device's pause counts.
    void sent(const Reply& reply, double at_s) { habits_[reply.device].answered_s = at_s; }
    // TCP connections at a time, the fewest that a device here takes; 0 = any number.
    std::uint8_t clients() const;
    bool newest_client_wins() const;
    double idle_s() const;  // closes a connection that was silent for so long; infinity = never

    // `over_s` is the delay of `slow`, `share` the part of answers that is damaged by `garbled`.
    void set_fault(std::string_view device, FaultKind kind, double over_s, double share);

    Counts& counts() { return counts_; }
    const Counts& counts() const { return counts_; }

private:
    struct WireFault {
        double delay_s = 0, garbled_share = 0;
    };
    struct Habits {
        double answered_s = -std::numeric_limits<double>::infinity();  // end of its last answer
        bool breaks_off = false;                                       // in the middle of its next answer
    };
    struct Answer {
        wire::Pdu pdu;
        std::size_t device;
        std::uint8_t unit;  // that was asked
        bool is_garbled;
    };
    // Nothing when the device is silent or absent.
    std::optional<Answer> ask(std::uint8_t unit, ByteView pdu, Arrival arrival);
    std::optional<wire::ExceptionCode> logger_says(const SimulatedDevice& child) const;
    bool happens(double share) { return share > 0 && random_.uniform() < share; }
    std::uint8_t unit_shown(const Answer& answer);
    Reply reply(Bytes bytes, std::size_t device);

    LineSpec spec_;
    Random random_;
    std::vector<SimulatedDevice> devices_;
    std::vector<Place> places_;
    std::vector<WireFault> wire_faults_;
    std::vector<Habits> habits_;
    Counts counts_;
};

}  // namespace busbar::plant
