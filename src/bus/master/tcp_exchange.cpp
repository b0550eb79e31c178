#include "bus/master/tcp_exchange.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/phrases_running.hpp"

namespace busbar::bus {
namespace {
using namespace std::chrono_literals;
using Kind = Outcome::Kind;

constexpr Duration probe_slice = 10ms;
// A connection on which nothing answers any more is opened anew: the other end may have forgotten it.
constexpr unsigned timeouts_before_reset = 3;

std::uint16_t word_at(ByteView bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
}  // namespace

void TcpExchange::reset() {
    stream_.clear();
    out_size_ = late_count_ = 0;
    timeouts_in_a_row_ = 0;
}

Task<void> TcpExchange::run(Transaction& t, Patience patience) {
    BUSBAR_ASSERT(flying_ == 0);
    send(t, patience);
    flush();
    while (flying_ > 0) co_await receive(Instant::max());
    while (take_ended() != nullptr) {
    }
}

void TcpExchange::send(Transaction& t, Patience patience) {
    BUSBAR_ASSERT(flying_ < most_in_flight);
    // A number that may still be answered is not used again; 0 is what bytes that are no header look like.
    do ++number_;
    while (number_ == 0 || is_late(number_) || find(number_) != nullptr);
    const wire::TcpFrame frame = wire::encode_tcp(number_, t.unit, pdu_of(t).view());
    Outcome& o = t.outcome;
    o.started = o.sent = o.ended = loop_.now();
    o.bytes_out = frame.size;
    if (out_.size() - out_size_ >= frame.size) {  // else nothing leaves any more, and this one will time out as well
        std::copy_n(frame.bytes.begin(), frame.size, out_.begin() + static_cast<std::ptrdiff_t>(out_size_));
        out_size_ += frame.size;
    }
    flights_[flying_++] = {&t, number_, o.sent + patience.sure, o.sent + patience.most};
    if (tap_.is_watching()) tap_.add(FrameDirection::request, FrameVerdict::ok, o.sent, frame.view());
}

void TcpExchange::flush() {
    if (out_size_ == 0 || is_writing_ || !link_.is_open()) return;
    const std::size_t gone = link_.write_now(ByteView(out_.data(), out_size_));
    const auto rest = out_.begin() + static_cast<std::ptrdiff_t>(gone);
    std::copy(rest, out_.begin() + static_cast<std::ptrdiff_t>(out_size_), out_.begin());
    out_size_ -= gone;
}

// For a link that took nothing at once.
Task<Status> TcpExchange::write_rest() {
    const Bytes rest(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(out_size_));
    out_size_ = 0;
    is_writing_ = true;
    Status written = co_await link_.write(rest, flights_[0].most);
    is_writing_ = false;
    co_return written;
}

Task<void> TcpExchange::receive(Instant until) {
    BUSBAR_ASSERT(flying_ > 0);
    if (out_size_ > 0)
        if (const Status written = co_await write_rest(); !written) co_return lose_all(written.error());
    for (const Flight& flight : in_air()) until = std::min(until, flight.deadline);
    const Result<std::size_t> n = co_await link_.read_some(stream_.space(), until);
    if (!n && n.error().kind != Errc::timeout) co_return lose_all(n.error());
    arrived_ = loop_.now();
    if (n) {
        for (const Flight& flight : in_air()) flight.transaction->outcome.heard_bytes = true;
        flights_[0].transaction->outcome.bytes_in += static_cast<std::uint32_t>(*n);
        stream_.arrived(*n);
        take_messages();
    }
    expire(arrived_);
}

Transaction* TcpExchange::take_ended() {
    if (ended_taken_ < ended_count_) return ended_[ended_taken_++];
    ended_taken_ = ended_count_ = 0;
    return nullptr;
}

unsigned TcpExchange::narrowest() const {
    unsigned least = most_in_flight;
    for (const Flight& flight : in_air()) least = std::min(least, flight.transaction->timing.pipeline);
    return least;
}

bool TcpExchange::has_unit(std::uint8_t unit) const {
    return std::ranges::any_of(in_air(), [unit](const Flight& f) { return f.transaction->unit == unit; });
}

// ---- what arrives ----

void TcpExchange::take_messages() {
    for (;;) {
        const wire::TcpStream::State state = stream_.next();
        if (state == wire::TcpStream::State::need_more) return;
        if (state == wire::TcpStream::State::broken) {
            show_rest();
            return disagree(flying_ > 0 ? flights_.data() : nullptr);
        }
        if (!take_message()) return;
    }
}

// False when the connection is at its end.
bool TcpExchange::take_message() {
    const wire::TcpMessage& message = stream_.message();
    Flight* const flight = find(message.transaction);
    if (flight == nullptr) {
        const bool is_known = message.transaction == answered_ || forget_late(message.transaction);
        show(is_known ? FrameVerdict::late : FrameVerdict::mismatch);
        if (!is_known) disagree(flying_ > 0 ? flights_.data() : nullptr);
        return is_known;
    }
    Transaction& t = *flight->transaction;
    const wire::AnswerCheck check = message.unit == t.unit ? take_answer(message.pdu, t) : wire::AnswerCheck{};
    const bool is_answer = check.kind != wire::AnswerCheck::Kind::mismatch;
    show(is_answer ? FrameVerdict::ok : FrameVerdict::mismatch);
    const bool has_wrong_tail = is_answer && !is_expected(stream_.rest(), message.transaction);
    if (has_wrong_tail) show_rest();
    if (!is_answer || has_wrong_tail) {
        disagree(flight);
        return false;
    }
    answered_ = message.transaction;
    timeouts_in_a_row_ = 0;
    t.outcome.ended = t.registers.received = arrived_;
    t.outcome.turnaround = arrived_ - t.outcome.sent;
    t.outcome.exception = check.exception;
    land(*flight, check.kind == wire::AnswerCheck::Kind::exception ? Kind::exception : Kind::answered);
    return true;
}

TcpExchange::Flight* TcpExchange::find(std::uint16_t number) {
    const auto found = std::ranges::find(in_air(), number, &Flight::number);
    return found == in_air().end() ? nullptr : flights_.data() + (found - in_air().begin());
}

// Can these bytes, behind the answer with this number, be the beginning of another answer, or a whole late one, or the
// same one again?
bool TcpExchange::is_expected(ByteView head, std::uint16_t answered) {
    if (head.empty()) return true;
    if (head.size() == 1) return flying_ > 1;
    const std::uint16_t number = word_at(head, 0);
    const Flight* const flight = number == answered ? nullptr : find(number);
    for (std::size_t i = 2; i < std::min<std::size_t>(4, head.size()); ++i)  // protocol: Modbus
        if (head[i] != 0) return false;
    if (flight == nullptr) {
        const bool is_whole = head.size() >= wire::mbap_size && head.size() >= 6u + word_at(head, 4);
        return is_whole && (number == answered || is_late(number));
    }
    if (head.size() > 6 && head[6] != flight->transaction->unit) return false;
    return head.size() <= 7 || (head[7] & ~wire::exception_bit) == flight->transaction->function_code();
}

// ---- ends ----

void TcpExchange::land(Flight& flight, Outcome::Kind kind) {
    flight.transaction->outcome.kind = kind;
    ended_[ended_count_++] = flight.transaction;
    std::move(&flight + 1, flights_.data() + flying_, &flight);
    --flying_;
}

void TcpExchange::expire(Instant now) {
    for (std::size_t i = 0; i < flying_;) {
        Flight& flight = flights_[i];
        Transaction& t = *flight.transaction;
        if (now >= flight.deadline && flight.deadline < flight.most && rivals_.empty())
            flight.deadline = std::min(flight.most, flight.deadline + probe_slice);
        if (now < flight.deadline) {
            ++i;
            continue;
        }
        t.outcome.ended = now;
        t.outcome.heard_bytes = false;
        if (tap_.is_watching()) tap_.add(FrameDirection::answer, FrameVerdict::timeout, now, {});
        remember_late(flight.number);
        // Those that were on their way together count once. Units a scan asks for in vain say nothing about the
        // connection.
        if (t.urgency != Urgency::scan && t.outcome.sent >= std::exchange(last_timeout_, now)) ++timeouts_in_a_row_;
        land(flight, Kind::timeout);
    }
    if (timeouts_in_a_row_ < timeouts_before_reset || !link_.is_open()) return;
    link_.close();
    lose_all(fail(Errc::unavailable, link_.describe() + ": " + say<phrases::link_anew_silent>()));
}

// The master opens the link anew before the next request.
void TcpExchange::disagree(Flight* culprit) {
    link_.close();
    if (culprit != nullptr) {
        culprit->transaction->outcome.ended = arrived_;
        land(*culprit, Kind::mismatch);
    }
    lose_all(fail(Errc::unavailable, link_.describe() + ": " + say<phrases::link_anew_foreign>()));
}

void TcpExchange::lose_all(const Error& error) {
    while (flying_ > 0) {
        flights_[0].transaction->outcome.ended = loop_.now();
        flights_[0].transaction->error = error;
        land(flights_[0], Kind::link_lost);
    }
}

// The message just cut from the stream, with its header.
void TcpExchange::show(FrameVerdict verdict) {
    if (!tap_.is_watching()) return;
    const wire::TcpMessage& m = stream_.message();
    tap_.add(FrameDirection::answer, verdict, loop_.now(), wire::encode_tcp(m.transaction, m.unit, m.pdu).view());
}

void TcpExchange::show_rest() {
    if (tap_.is_watching()) tap_.add(FrameDirection::answer, FrameVerdict::foreign, loop_.now(), stream_.rest());
}

bool TcpExchange::is_late(std::uint16_t number) const {
    const auto end = late_.begin() + static_cast<std::ptrdiff_t>(late_count_);
    return std::find(late_.begin(), end, number) != end;
}

bool TcpExchange::forget_late(std::uint16_t number) {
    const auto end = late_.begin() + static_cast<std::ptrdiff_t>(late_count_);
    const auto found = std::find(late_.begin(), end, number);
    if (found == end) return false;
    std::copy(found + 1, end, found);
    --late_count_;
    return true;
}

void TcpExchange::remember_late(std::uint16_t number) {
    if (late_count_ == late_.size()) {
        std::copy(late_.begin() + 1, late_.end(), late_.begin());
        --late_count_;
    }
    late_[late_count_++] = number;
}

}  // namespace busbar::bus
