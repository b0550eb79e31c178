#pragma once
// A wire inside the process: two ends, each a Link. Tests and the simulated plant put a master on one end and devices
// on the other, on any Loop; with a character time each byte arrives at its instant on the wire, so virtual time shows
// the same gaps and delays as a real line. Both directions are independent; who wants a half-duplex line watches
// collisions itself.
//
// Both ends start open and connected. close() behaves as a TCP connection that ends: the other end still reads what was
// sent, then gets unavailable until it opens or listens again. open() fails while the other end is closed; listen()
// does not ask the other end, as a server does.
#include <deque>
#include <memory>

#include "base/loop.hpp"
#include "bus/link/link.hpp"

namespace busbar::bus {

class LoopbackLink final : public Link {
public:
    struct Pair;
    // character_time 0: bytes arrive at once.
    static Pair make(Loop& loop, Duration character_time = Duration{0}, std::string name = "loopback");

    Task<Status> open(Instant deadline) override;
    void close() override;
    bool is_open() const override;
    // Returns at once, as a serial driver does; the last byte leaves at the end of the paced time.
    std::size_t write_now(std::span<const std::uint8_t> bytes) override;
    Task<Status> write(std::span<const std::uint8_t> bytes, Instant deadline) override;
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer, Instant deadline) override;
    std::size_t discard_input() override;
    std::size_t take_input(std::span<std::uint8_t> buffer) override;
    std::string describe() const override;

    void listen();
    // Which connection this is: counts how often either end was closed.
    std::uint64_t connection() const;
    // When the last byte written here has left, or will have left.
    Instant sent_until() const;

private:
    struct Wire;
    LoopbackLink(std::shared_ptr<Wire> wire, int end) : wire_(std::move(wire)), end_(end) {}
    std::shared_ptr<Wire> wire_;  // both ends live on it; the second to go frees it
    int end_;
};

struct LoopbackLink::Pair {
    std::unique_ptr<LoopbackLink> a, b;
};

}  // namespace busbar::bus
