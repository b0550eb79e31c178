#include "bus/master/scripted_slave.hpp"

#include <array>

namespace busbar::bus {
using namespace std::chrono_literals;

std::shared_ptr<ScriptedSlave> ScriptedSlave::rtu(Loop& loop, std::unique_ptr<LoopbackLink> link, Duration character,
                                                  Script script) {
    std::shared_ptr<ScriptedSlave> s(new ScriptedSlave(loop, std::move(link), character, std::move(script)));
    loop.spawn("slave", serve_rtu(s));
    return s;
}

std::shared_ptr<ScriptedSlave> ScriptedSlave::tcp(Loop& loop, std::unique_ptr<LoopbackLink> link, Script script) {
    std::shared_ptr<ScriptedSlave> s(new ScriptedSlave(loop, std::move(link), Duration{0}, std::move(script)));
    loop.spawn("slave", serve_tcp(s));
    return s;
}

Task<void> ScriptedSlave::serve_rtu(std::shared_ptr<ScriptedSlave> self) {
    Bytes frame;
    Instant begin{};
    std::array<std::uint8_t, wire::max_rtu_frame_size> bytes{};
    for (;;) {
        const auto n = co_await self->link_->read_some(bytes, Instant::max());
        if (!n) co_return;
        const Instant now = self->loop_.now();
        if (frame.empty()) begin = now - self->character_;
        frame.insert(frame.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*n));
        const auto size = wire::rtu_request_size(frame);
        if (size && frame.size() >= *size) {
            if (const auto content = wire::decode_rtu(frame)) self->take(0, content->unit, content->pdu, begin, now);
            frame.clear();
        } else {
            // One wake-up for what is surely still to come, not one for every byte.
            const std::size_t wanted = size.value_or(frame.size() < 7 ? 7 : frame.size() + 1);
            co_await self->loop_.sleep_for(self->character_ * static_cast<std::int64_t>(wanted - frame.size()));
        }
    }
}

Task<void> ScriptedSlave::serve_tcp(std::shared_ptr<ScriptedSlave> self) {
    wire::TcpStream stream;
    for (;;) {
        const auto n = co_await self->link_->read_some(stream.space(), Instant::max());
        if (!n) {  // the connection ended; the master will open it anew
            stream.clear();
            if (self->link_->is_open()) self->link_->listen();
            co_await self->loop_.sleep_for(1ms);
            continue;
        }
        stream.arrived(*n);
        while (stream.next() == wire::TcpStream::State::message) {
            const auto& m = stream.message();
            self->take(m.transaction, m.unit, m.pdu, self->loop_.now(), self->loop_.now());
        }
    }
}

void ScriptedSlave::take(std::uint16_t transaction, std::uint8_t unit, ByteView pdu, Instant begin, Instant end) {
    const Instant last = std::max(link_->sent_until(), seen_.empty() ? Instant{} : seen_.back().end);
    Seen& seen = seen_.emplace_back();
    seen.begin = begin;
    seen.end = end;
    seen.silence = begin - last;
    seen.transaction = transaction;
    seen.unit = unit;
    seen.pdu.assign(pdu.begin(), pdu.end());
    if (const auto request = wire::decode_request(seen.pdu)) seen.request = *request;
    for (Piece& piece : script_(seen)) loop_.spawn("answer", send(shared_from_this(), std::move(piece)));
    if (seen_.size() > 1000) seen_.pop_front();
}

Task<void> ScriptedSlave::send(std::shared_ptr<ScriptedSlave> self, Piece piece) {
    const std::uint64_t connection = self->link_->connection();
    co_await self->loop_.sleep_for(piece.after);
    if (self->link_->connection() != connection) co_return;  // nothing crosses from one connection into the next
    (void)co_await self->link_->write(piece.bytes, Instant::max());
}

wire::Pdu address_answer(const wire::Request& r, std::uint16_t shift) {
    if (!r.is_read()) return wire::encode_write_answer(r);
    std::array<std::uint16_t, wire::max_read_registers> words{};
    for (std::size_t i = 0; i < r.count; ++i) words[i] = static_cast<std::uint16_t>(r.address + i + shift);
    return wire::encode_registers_answer(r.function, std::span(words).first(r.count));
}

Bytes rtu_answer(const ScriptedSlave::Seen& seen, std::uint16_t shift) {
    const auto frame = wire::encode_rtu(seen.unit, address_answer(seen.request, shift).view());
    return {frame.view().begin(), frame.view().end()};
}

Bytes tcp_answer(const ScriptedSlave::Seen& seen, std::uint16_t shift) {
    const auto frame = wire::encode_tcp(seen.transaction, seen.unit, address_answer(seen.request, shift).view());
    return {frame.view().begin(), frame.view().end()};
}

}  // namespace busbar::bus
