#include "bus/master/rtu_exchange.hpp"

#include <algorithm>

namespace busbar::bus {
namespace {
using namespace std::chrono_literals;
using Kind = Outcome::Kind;

// A line that never falls silent is broken (babbling device, wrong baud rate); then the request is given up.
constexpr Duration longest_babble = 2s;
// How often a probe that may listen on looks whether somebody else wants the bus.
constexpr Duration probe_slice = 10ms;
// After a broadcast nobody answers, but everybody needs time to act (Serial Line guide: 100..200 ms).
constexpr Duration broadcast_turnaround = 100ms;
// What is added to the expected end of an answer before it is read: one that comes a little late is still found whole,
// which saves a wake-up, at less than a hundredth of the exchange.
constexpr Duration longest_margin = 50us;
constexpr int margin_share = 100;
}  // namespace

RtuTiming rtu_timing(const LinkSettings& settings) {
    if (const auto* serial = std::get_if<SerialSettings>(&settings))
        return {.baud = serial->baud, .character_bits = serial->character_bits()};
    return {.baud = 0, .silence = 100ms};
}

RtuExchange::RtuExchange(Loop& loop, Link& link, const RequestQueue& rivals, FrameTap& tap, const RtuTiming& timing)
    : loop_(loop),
      link_(link),
      rivals_(rivals),
      tap_(tap),
      character_(timing.baud == 0 ? 0ns : wire::rtu_character_time(timing.baud, timing.character_bits)),
      gap_(timing.baud == 0 ? 0ns : wire::rtu_gap(timing.baud, timing.character_bits)),
      stall_(std::max(timing.stall, 2 * gap_)),
      silence_(std::max(timing.silence, 2 * gap_)),
      last_byte_(loop.now()) {}

Task<void> RtuExchange::run(Transaction& t, Patience patience) {
    size_ = 0;
    t.outcome.kind = Kind::timeout;
    t.outcome.started = t.outcome.sent = t.outcome.ended = loop_.now();
    if (!co_await wait_for_gap(t)) co_return;
    if (!co_await send(t)) co_return;
    if (t.unit == wire::broadcast_unit) {
        co_await loop_.sleep_until(t.outcome.sent + broadcast_turnaround);
        last_byte_ = t.outcome.ended = loop_.now();
        t.outcome.kind = Kind::answered;
        co_return;
    }
    if (!co_await first_bytes(t, patience)) co_return;
    co_await rest(t);
}

// The legal silence, counted from the last byte on the line; bytes that arrive meanwhile start it again.
Task<bool> RtuExchange::wait_for_gap(Transaction& t) {
    const Instant babble_end = loop_.now() + longest_babble;
    for (;;) {
        if (const Instant free = last_byte_ + gap_; loop_.now() < free) co_await loop_.sleep_until(free);
        if (throw_away() == 0) co_return true;
        last_byte_ = loop_.now();
        if (last_byte_ > babble_end) {
            t.outcome.ended = last_byte_;
            t.outcome.heard_bytes = true;
            t.outcome.kind = Kind::bad_checksum;
            co_return false;
        }
        if (gap_ == 0ns) co_return true;
    }
}

Task<bool> RtuExchange::send(Transaction& t) {
    const wire::RtuFrame frame = wire::encode_rtu(t.unit, pdu_of(t).view());
    t.outcome.started = loop_.now();
    const Duration on_wire = line_time(frame.size);
    Status written = ok();
    if (const std::size_t gone = link_.write_now(frame.view()); gone < frame.size)
        written = co_await link_.write(frame.view().subspan(gone), t.outcome.started + on_wire + 1s);
    // The line has begun by now at the latest, also when this process was held up before the driver got the bytes.
    t.outcome.sent = last_byte_ = loop_.now() + on_wire;
    t.outcome.bytes_out = frame.size;
    if (!written) {
        lose(t, std::move(written).error());
        co_return false;
    }
    if (tap_.is_watching()) tap_.add(FrameDirection::request, FrameVerdict::ok, t.outcome.sent, frame.view());
    co_return true;
}

Task<Result<std::size_t>> RtuExchange::read_more(Instant deadline) {
    auto n = co_await link_.read_some(std::span(buffer_).subspan(size_), deadline);
    if (n) {
        size_ += *n;
        last_byte_ = loop_.now();
    }
    co_return n;
}

// When the answer is there, as far as one can tell: as late as this unit's answers are at least.
Instant RtuExchange::when_to_look(const Transaction& t, Patience patience) {
    measures_from_.reset();
    const Duration on_wire = line_time(wanted(t));
    const Instant earliest_end = t.outcome.sent + gap_ + on_wire;
    const Instant latest = t.outcome.sent + patience.sure;
    if (character_ == 0ns || earliest_end >= latest) return t.outcome.sent;
    AnswerLag& lag = lags_[t.unit];
    if (t.has_known_length && lag.is_measure_due()) {
        measures_from_ = earliest_end;
        return earliest_end;
    }
    const Duration margin = std::min(longest_margin, on_wire / margin_share);
    return std::min(latest, earliest_end + lag.least() + margin);
}

// Waits for the beginning of the answer.
Task<bool> RtuExchange::first_bytes(Transaction& t, Patience patience) {
    const Instant look = when_to_look(t, patience);
    if (look > t.outcome.sent) co_await loop_.sleep_until(look);
    const Instant most = t.outcome.sent + patience.most;
    Instant deadline = t.outcome.sent + patience.sure;
    for (;;) {
        Result<std::size_t> n = co_await read_more(deadline);
        if (n) co_return true;
        if (n.error().kind != Errc::timeout) {
            lose(t, std::move(n).error());
            co_return false;
        }
        if (deadline >= most || !rivals_.empty()) break;
        deadline = std::min(most, deadline + probe_slice);
    }
    // An answer that begins just now is seen only later: the silence is counted from here.
    t.outcome.ended = last_byte_ = loop_.now();
    if (tap_.is_watching()) show(t);
    co_return false;
}

// Bytes of the whole answer, judged by what has arrived. Where its length is not known always one more: the silence
// ends it.
std::size_t RtuExchange::wanted(const Transaction& t) const {
    const bool is_exception = size_ >= 2 && (buffer_[1] & wire::exception_bit) != 0;
    if (t.has_known_length || is_exception) return wire::rtu_answer_size(arrived(), t.request);
    return std::clamp(size_ + 1, wire::min_rtu_frame_size, buffer_size);
}

// Collects what the frame still lacks: sleeps until its last byte is due, then waits for that one. Sleeping for the
// last byte too would find it late by the time of a character as often as not.
Task<void> RtuExchange::rest(Transaction& t) {
    t.outcome.heard_bytes = true;
    for (;;) {
        const std::size_t whole = wanted(t);
        if (size_ >= whole) break;
        const Duration missing = line_time(whole - size_ - 1);
        if (missing > 0ns) co_await loop_.sleep_for(missing);
        Result<std::size_t> n = co_await read_more(loop_.now() + (t.has_known_length ? stall_ : silence_));
        if (n) continue;
        if (n.error().kind != Errc::timeout) co_return lose(t, std::move(n).error());
        break;  // the frame stopped: half-way, or where it ends
    }
    t.outcome.ended = last_byte_;
    t.outcome.bytes_in = static_cast<std::uint32_t>(size_);
    t.outcome.turnaround = std::max(Duration{0}, t.outcome.ended - t.outcome.sent - line_time(size_));
    judge(t);
    if (tap_.is_watching()) show(t);
    if (t.outcome.kind != Kind::answered && t.outcome.kind != Kind::exception) co_await drain();
}

void RtuExchange::judge(Transaction& t) {
    Outcome& o = t.outcome;
    o.kind = Kind::bad_checksum;
    // A raw answer may be shorter than its kind should be: who asked wants to see that.
    const bool is_whole = size_ >= wanted(t);
    if (!is_whole && t.raw_answer == nullptr) return;
    o.is_spent = is_whole && buffer_[0] == t.unit && (buffer_[1] & ~wire::exception_bit) == t.function_code();
    const auto content = wire::decode_rtu(arrived());
    if (!content) return;
    o.kind = Kind::mismatch;
    if (content->unit != t.unit) return;
    const wire::AnswerCheck check = take_answer(content->pdu, t);
    if (check.kind == wire::AnswerCheck::Kind::exception) {
        o.kind = Kind::exception;
        o.exception = check.exception;
    } else if (check.kind == wire::AnswerCheck::Kind::good) {
        o.kind = Kind::answered;
        if (measures_from_) lags_[t.unit].add(o.ended - *measures_from_);
        t.registers.received = o.ended;
    }
}

// Listens until nothing has come for a while: what follows a wrong frame is never the beginning of a right one. Looks
// now and then instead of waiting for bytes, so that a line that babbles for ever costs no more than a quiet one.
Task<void> RtuExchange::drain() {
    size_ = 0;
    const Instant give_up = loop_.now() + longest_babble;
    while (loop_.now() < std::min(give_up, last_byte_ + silence_)) {
        co_await loop_.sleep_for(silence_ / 4);
        if (throw_away() > 0) last_byte_ = loop_.now();
    }
}

// Bytes nobody waits for: a late answer, or noise. Returns how many there were.
std::size_t RtuExchange::throw_away() {
    if (!tap_.is_watching()) return link_.discard_input();
    std::array<std::uint8_t, buffer_size> waste{};
    const std::size_t taken = link_.take_input(waste);
    const std::size_t all = taken + link_.discard_input();
    if (all == 0) return 0;
    const bool is_frame = all == taken && wire::decode_rtu(ByteView(waste).first(taken)).has_value();
    tap_.add(FrameDirection::answer, is_frame ? FrameVerdict::late : FrameVerdict::foreign, loop_.now(),
             ByteView(waste).first(taken), all);
    return all;
}

void RtuExchange::show(const Transaction& t) {
    tap_.add(FrameDirection::answer, verdict_of(t.outcome), t.outcome.ended, arrived());
}

void RtuExchange::lose(Transaction& t, Error error) {
    t.outcome.kind = Kind::link_lost;
    t.outcome.ended = loop_.now();
    t.error = std::move(error);
}

}  // namespace busbar::bus
