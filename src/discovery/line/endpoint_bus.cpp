#include "discovery/line/endpoint_bus.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace busbar::discovery {
namespace {

using namespace std::chrono_literals;
constexpr unsigned most_openings = 6;
constexpr Duration open_timeout = 2s;

}  // namespace

EndpointBus::EndpointBus(Loop& loop, std::unique_ptr<bus::Link> link, std::string name)
    : loop_(loop), link_(std::move(link)), name_(std::move(name)), opened_(loop.now()), last_used_(loop.now()) {}

Task<void> EndpointBus::take_turn() {
    if (!is_busy_) {
        is_busy_ = true;
        co_return;
    }
    Event mine;
    waiting_.push_back(&mine);
    co_await loop_.wait(mine, Instant::max());  // the turn is handed over, still busy
}

void EndpointBus::end_turn() {
    if (waiting_.empty()) {
        is_busy_ = false;
        return;
    }
    Event* next = waiting_.front();
    waiting_.pop_front();
    next->set();
}

Task<Result<bus::Registers>> EndpointBus::read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency,
                                               bus::DeviceTiming timing) {
    wire::Request request;
    request.function = block.table == bus::Table::input ? wire::Function::read_input : wire::Function::read_holding;
    request.address = block.address;
    request.count = block.count;
    const bool fits = block.count >= 1 && block.count <= wire::max_read_registers &&
                      std::uint32_t{block.address} + block.count <= 65536 && block.table >= bus::Table::holding;
    if (!fits) co_return fail(Errc::out_of_range, name_ + ": 1..125 registers up to 65535");
    const wire::Pdu pdu = wire::encode_read(request.function, block.address, block.count);
    co_await take_turn();
    const Result<Bytes> answer = co_await exchange(unit, pdu.view(), timing);
    end_turn();
    if (!answer) co_return answer.error();
    const wire::AnswerCheck check = wire::check_answer(*answer, request);
    const std::string where = fmt::format("{}: unit {}", name_, unit);
    if (check.kind == wire::AnswerCheck::Kind::exception)
        co_return fail(Errc::refused, fmt::format("{}: exception {}: {}", where, check.exception,
                                                  wire::exception_name(check.exception)));
    if (check.kind == wire::AnswerCheck::Kind::mismatch)
        co_return fail(Errc::malformed, where + ": the answer belongs to another request");
    bus::Registers registers;
    registers.count = block.count;
    wire::copy_registers(*answer, std::span(registers.words).first(block.count));
    registers.received = loop_.now();
    co_return registers;
}

Task<Status> EndpointBus::write(std::uint8_t, std::uint16_t, std::span<const std::uint16_t>, bus::WriteForm,
                                bus::DeviceTiming, bus::Urgency) {
    co_return fail(Errc::denied, "a search never writes");
}

Task<Result<bus::RawAnswer>> EndpointBus::raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency,
                                              bus::DeviceTiming timing) {
    if (pdu.empty() || pdu.size() > wire::max_pdu_size)
        co_return fail(Errc::out_of_range, name_ + ": a request has 1..253 bytes");
    const Bytes request(pdu.begin(), pdu.end());
    co_await take_turn();
    const Instant asked = loop_.now();
    Result<Bytes> answer = co_await exchange(unit, request, timing);
    end_turn();
    if (!answer) co_return answer.error();
    bus::RawAnswer raw;
    raw.pdu.assign(answer->begin(), answer->end());
    raw.took = loop_.now() - asked;
    co_return raw;
}

Task<Status> EndpointBus::make_ready(bus::DeviceTiming timing) {
    if (!link_->is_open()) {
        if (openings_ >= most_openings)
            co_return fail(Errc::unavailable, name_ + ": closes the connection again and again");
        ++openings_;
        const Status opened = co_await link_->open(loop_.now() + open_timeout);
        if (!opened) co_return opened;
        opened_ = loop_.now();
        stream_.clear();
    }
    co_await loop_.sleep_until(std::max(opened_ + timing.settle, loop_.now()));
    co_return ok();
}

// A connection that was idle may have been closed meanwhile: then the question is asked once more, on a new one. Some
// devices hang up on what they do not know: that unit does not answer, others may.
Task<Result<Bytes>> EndpointBus::exchange(std::uint8_t unit, ByteView pdu, bus::DeviceTiming timing) {
    constexpr Duration idle = 1s;
    const bool was_idle = loop_.now() - last_used_ > idle;
    Result<Bytes> answer = co_await ask(unit, pdu, timing);
    if (!answer && answer.error().kind == Errc::unavailable && was_idle && openings_ < most_openings)
        answer = co_await ask(unit, pdu, timing);
    last_used_ = loop_.now();
    const bool hung_up = !answer && answer.error().kind == Errc::unavailable && openings_ < most_openings;
    if (hung_up) co_return fail(Errc::timeout, answer.error().text);
    co_return answer;
}

Task<Result<Bytes>> EndpointBus::ask(std::uint8_t unit_id, ByteView pdu, bus::DeviceTiming timing) {
    const Status ready = co_await make_ready(timing);
    if (!ready) co_return ready.error();
    Unit& unit = units_[unit_id];
    co_await loop_.sleep_until(std::max(unit.not_before, loop_.now()));
    const wire::TcpFrame frame = wire::encode_tcp(++number_, unit_id, pdu);
    const Instant asked = loop_.now();
    const Instant deadline = asked + timing.timeout;
    const Status sent = co_await link_->write(frame.view(), deadline);
    if (!sent) {
        link_->close();
        co_return fail(Errc::unavailable, sent.error().text);
    }
    Result<Bytes> answer = co_await await_answer(unit_id, pdu[0], deadline);
    if (answer) {
        ++unit.answers;
        unit.slowest = std::max(unit.slowest, loop_.now() - asked);
        unit.not_before = loop_.now() + timing.pause;
    }
    co_return answer;
}

// Late answers to earlier requests are known by their number and dropped.
Task<Result<Bytes>> EndpointBus::await_answer(std::uint8_t unit, std::uint8_t function, Instant deadline) {
    for (;;) {
        for (auto state = stream_.next(); state != wire::TcpStream::State::need_more; state = stream_.next()) {
            const wire::TcpMessage& m = stream_.message();
            const bool is_broken = state == wire::TcpStream::State::broken;
            const bool is_ours = !is_broken && m.transaction == number_;
            if (!is_broken && !is_ours) continue;
            const bool fits = is_ours && m.unit == unit && !m.pdu.empty() && (m.pdu[0] & 0x7F) == function;
            if (fits) co_return Bytes(m.pdu.begin(), m.pdu.end());
            link_->close();
            co_return fail(Errc::malformed, name_ + ": what comes is no answer to what was asked");
        }
        const Result<std::size_t> got = co_await link_->read_some(stream_.space(), deadline);
        if (!got && got.error().kind == Errc::timeout) co_return fail(Errc::timeout, name_ + ": no answer");
        if (!got) {
            link_->close();
            co_return fail(Errc::unavailable, name_ + ": closed the connection instead of answering");
        }
        stream_.arrived(*got);
    }
}

bus::BusStatistics EndpointBus::statistics() const {
    bus::BusStatistics s;
    s.connected = link_->is_open();
    for (const auto& [id, unit] : units_) {
        bus::UnitStatistics u;
        u.unit = id;
        u.answers = unit.answers;
        u.latency_us_max = u.latency_us_p99 = static_cast<std::uint32_t>(unit.slowest / 1us);
        s.units.push_back(u);
    }
    return s;
}

}  // namespace busbar::discovery
