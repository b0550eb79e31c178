#pragma once
// The other end of a loopback link for tests of masters: notes what it is asked and when, and answers what a script
// says, well or badly. Only tests use it; busbar-plant has the real simulated devices.
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "bus/link/loopback_link.hpp"
#include "wire/modbus_rtu.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::bus {

class ScriptedSlave : public std::enable_shared_from_this<ScriptedSlave> {
public:
    struct Seen {
        Instant begin;     // when the first byte began to leave the master
        Instant end;       // when the last byte arrived
        Duration silence;  // on the line before `begin`
        std::uint16_t transaction = 0;
        std::uint8_t unit = 0;
        wire::Request request;  // `data` points into `pdu`
        Bytes pdu;
    };
    struct Piece {
        Duration after{0};  // the end of the request
        Bytes bytes;        // as they go on the wire
    };
    using Script = std::function<std::vector<Piece>(const Seen&)>;

    // Each serves one end of a link until the loop ends.
    static std::shared_ptr<ScriptedSlave> rtu(Loop& loop, std::unique_ptr<LoopbackLink> link, Duration character,
                                              Script script);
    static std::shared_ptr<ScriptedSlave> tcp(Loop& loop, std::unique_ptr<LoopbackLink> link, Script script);

    LoopbackLink& link() { return *link_; }
    const std::deque<Seen>& seen() const { return seen_; }
    void forget() { seen_.clear(); }

private:
    ScriptedSlave(Loop& loop, std::unique_ptr<LoopbackLink> link, Duration character, Script script)
        : loop_(loop), link_(std::move(link)), character_(character), script_(std::move(script)) {}
    static Task<void> serve_rtu(std::shared_ptr<ScriptedSlave> self);
    static Task<void> serve_tcp(std::shared_ptr<ScriptedSlave> self);
    static Task<void> send(std::shared_ptr<ScriptedSlave> self, Piece piece);
    void take(std::uint16_t transaction, std::uint8_t unit, ByteView pdu, Instant begin, Instant end);

    Loop& loop_;
    std::unique_ptr<LoopbackLink> link_;
    Duration character_;
    Script script_;
    std::deque<Seen> seen_;
};

// The answer in which each register holds its own address, plus `shift`; writes are echoed. In RTU or TCP framing.
wire::Pdu address_answer(const wire::Request& request, std::uint16_t shift = 0);
Bytes rtu_answer(const ScriptedSlave::Seen& seen, std::uint16_t shift = 0);
Bytes tcp_answer(const ScriptedSlave::Seen& seen, std::uint16_t shift = 0);

}  // namespace busbar::bus
