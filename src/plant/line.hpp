#pragma once
// One endpoint of the plant: a serial line or a TCP server with the devices behind it. Takes whole request frames,
// gives the frame to answer with and how long the device thinks first; damages and delays where a scenario says so.
// Knows no socket and no clock: serve.hpp carries it over a Link.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "plant/random.hpp"
#include "plant/scenario.hpp"
#include "plant/simulated_device.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::plant {

struct Reply {
    Bytes bytes;         // as they go on the wire
    double delay_s = 0;  // between the request's last byte and the first of these, without the line's own silence
};

class Line {
public:
    // What a gateway has to be told about a device here.
    struct Place {
        std::string id, profile, use;  // use: grid_meter, pv, hybrid, battery, sub_meter
        std::uint8_t unit = 1;
    };
    struct Counts {
        std::uint64_t requests = 0;  // well-formed, for a unit that is here
        std::uint64_t answers = 0;
        std::uint64_t broken = 0;        // wrong checksum or length
        std::uint64_t foreign = 0;       // for units that are not here
        std::uint64_t early_starts = 0;  // began before the line was silent for 3.5 characters; counted by serve_rtu
    };

    Line(LineSpec spec, std::uint64_t seed) : spec_(std::move(spec)), random_(seed, "line " + spec_.id) {}

    void add(SimulatedDevice device, std::string use);
    const LineSpec& spec() const { return spec_; }
    std::span<SimulatedDevice> devices() { return devices_; }
    std::span<const Place> places() const { return places_; }
    SimulatedDevice* device(std::string_view id);

    // Nothing: nobody answers (checksum wrong, unit absent, device silent, broadcast).
    std::optional<Reply> answer_rtu(ByteView frame);
    std::optional<Reply> answer_tcp(const wire::TcpMessage& message);

    // `over_s` is the delay of `slow`, `share` the part of answers that is damaged by `garbled`.
    void set_fault(std::string_view device, FaultKind kind, double over_s, double share);

    Counts& counts() { return counts_; }
    const Counts& counts() const { return counts_; }

private:
    struct WireFault {
        double delay_s = 0, garbled_share = 0;
    };
    // The device's PDU and its delay; nothing when it is silent or absent.
    std::optional<std::pair<wire::Pdu, std::size_t>> ask(std::uint8_t unit, ByteView pdu);
    bool is_garbled(std::size_t device);
    Reply reply(Bytes bytes, std::size_t device) const;

    LineSpec spec_;
    Random random_;
    std::vector<SimulatedDevice> devices_;
    std::vector<Place> places_;
    std::vector<WireFault> wire_faults_;
    Counts counts_;
};

}  // namespace busbar::plant
