#include "bus/link/loopback_link.hpp"

#include <algorithm>
#include <array>

namespace busbar::bus {
namespace {

struct Direction {
    struct TimedByte {
        Instant arrives;
        std::uint8_t value;
    };
    std::deque<TimedByte> bytes;
    Instant free_at{};  // when the last byte has left
    Event changed;      // for the end that reads

    std::size_t take(std::span<std::uint8_t> buffer, Instant now) {
        std::size_t n = 0;
        for (; n < buffer.size() && !bytes.empty() && bytes.front().arrives <= now; bytes.pop_front())
            buffer[n++] = bytes.front().value;
        return n;
    }
};

}  // namespace

struct LoopbackLink::Wire {
    Loop& loop;
    Duration character_time;
    std::string name;
    std::array<Direction, 2> towards{};  // index: the end that reads
    std::array<bool, 2> is_open{true, true};
    std::uint64_t closes = 0;
    std::array<bool, 2> is_lost{false, false};  // the other end has closed since this one was opened
};

LoopbackLink::Pair LoopbackLink::make(Loop& loop, Duration character_time, std::string name) {
    auto wire = std::make_shared<Wire>(loop, character_time, std::move(name));
    Pair pair;
    pair.a.reset(new LoopbackLink(wire, 0));
    pair.b.reset(new LoopbackLink(wire, 1));
    return pair;
}

Task<Status> LoopbackLink::open(Instant) {
    if (!wire_->is_open[1 - end_]) co_return fail(Errc::unavailable, describe() + ": the other end is closed");
    wire_->towards[end_].bytes.clear();  // sent into the connection before
    listen();
    co_return ok();
}

void LoopbackLink::listen() {
    wire_->is_open[end_] = true;
    wire_->is_lost[end_] = false;
}

void LoopbackLink::close() {
    wire_->is_open[end_] = false;
    wire_->is_lost[1 - end_] = true;
    ++wire_->closes;
    wire_->towards[end_].bytes.clear();
    wire_->towards[0].changed.set();
    wire_->towards[1].changed.set();
}

bool LoopbackLink::is_open() const { return wire_->is_open[end_]; }

std::size_t LoopbackLink::write_now(std::span<const std::uint8_t> bytes) {
    Wire& wire = *wire_;
    if (!wire.is_open[end_] || wire.is_lost[end_]) return 0;
    Direction& out = wire.towards[1 - end_];
    out.free_at = std::max(out.free_at, wire.loop.now());
    for (std::uint8_t b : bytes) {
        out.free_at += wire.character_time;
        out.bytes.push_back({out.free_at, b});
    }
    out.changed.set();
    return bytes.size();
}

Task<Status> LoopbackLink::write(std::span<const std::uint8_t> bytes, Instant) {
    if (write_now(bytes) < bytes.size()) co_return fail(Errc::unavailable, describe() + ": closed");
    co_return ok();
}

Task<Result<std::size_t>> LoopbackLink::read_some(std::span<std::uint8_t> buffer, Instant deadline) {
    const auto wire = wire_;  // the link may be destroyed while this waits
    Direction& in = wire->towards[end_];
    for (;;) {
        const Instant now = wire->loop.now();
        if (const std::size_t n = in.take(buffer, now); n > 0) co_return n;
        if (!wire->is_open[end_]) co_return fail(Errc::unavailable, wire->name + ": closed");
        if (in.bytes.empty() && wire->is_lost[end_])
            co_return fail(Errc::unavailable, wire->name + ": closed by the other end");
        if (now >= deadline) co_return fail(Errc::timeout, wire->name + ": nothing arrived in time");
        const Instant next = in.bytes.empty() ? deadline : std::min(deadline, in.bytes.front().arrives);
        co_await wire->loop.wait(in.changed, next);
    }
}

std::size_t LoopbackLink::discard_input() {
    Direction& in = wire_->towards[end_];
    std::size_t n = 0;
    for (; !in.bytes.empty() && in.bytes.front().arrives <= wire_->loop.now(); ++n) in.bytes.pop_front();
    return n;
}

std::size_t LoopbackLink::take_input(std::span<std::uint8_t> buffer) {
    return wire_->towards[end_].take(buffer, wire_->loop.now());
}

std::string LoopbackLink::describe() const { return wire_->name; }

std::uint64_t LoopbackLink::connection() const { return wire_->closes; }

Instant LoopbackLink::sent_until() const { return wire_->towards[1 - end_].free_at; }

}  // namespace busbar::bus
