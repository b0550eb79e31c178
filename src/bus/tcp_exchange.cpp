#include "bus/tcp_exchange.hpp"

#include <algorithm>

namespace busbar::bus {
namespace {
using namespace std::chrono_literals;
using Kind = Outcome::Kind;

constexpr Duration probe_slice = 10ms;
// A connection on which nothing answers any more is opened anew: the other end may have forgotten it.
constexpr unsigned timeouts_before_reset = 3;
}  // namespace

void TcpExchange::reset() {
    stream_.clear();
    late_count_ = 0;
    timeouts_in_a_row_ = 0;
}

Task<void> TcpExchange::run(Transaction& t, Patience patience) {
    ++number_;
    while (forget_late(number_)) ++number_;  // a number that may still be answered is not used again
    const wire::TcpFrame frame = wire::encode_tcp(number_, t.unit, t.pdu.view());
    Outcome& o = t.outcome;
    o.started = o.sent = o.ended = loop_.now();
    o.bytes_out = frame.size;
    if (const std::size_t gone = link_.write_now(frame.view()); gone < frame.size) {
        Status written = co_await link_.write(frame.view().subspan(gone), o.started + patience.most);
        if (!written) co_return lose(t, std::move(written).error());
    }
    if (tap_.is_watching()) tap_.add(FrameDirection::request, FrameVerdict::ok, o.sent, frame.view());
    Instant deadline = o.sent + patience.sure;
    const Instant most = o.sent + patience.most;
    for (;;) {
        Result<std::size_t> n = co_await link_.read_some(stream_.space(), deadline);
        if (!n && n.error().kind != Errc::timeout) co_return lose(t, std::move(n).error());
        o.ended = loop_.now();
        if (n) {
            o.heard_bytes = true;
            o.bytes_in += static_cast<std::uint32_t>(*n);
            stream_.arrived(*n);
            if (take_message(t) == Step::done) co_return;
            if (o.ended < deadline) continue;  // a drip of foreign bytes does not prolong the wait
        }
        if (deadline >= most || !rivals_.empty()) break;
        deadline = std::min(most, deadline + probe_slice);
    }
    o.kind = Kind::timeout;
    o.heard_bytes = false;
    if (tap_.is_watching()) tap_.add(FrameDirection::answer, FrameVerdict::timeout, o.ended, {});
    remember_late(number_);
    // Units a scan asks for in vain say nothing about the connection.
    if (t.urgency != Urgency::scan && ++timeouts_in_a_row_ >= timeouts_before_reset) link_.close();
}

TcpExchange::Step TcpExchange::take_message(Transaction& t) {
    Outcome& o = t.outcome;
    for (;;) {
        const wire::TcpStream::State state = stream_.next();
        if (state == wire::TcpStream::State::need_more) return Step::more;
        o.kind = Kind::mismatch;
        if (state == wire::TcpStream::State::broken) {
            show_rest();
            break;
        }
        const wire::TcpMessage message = stream_.message();
        if (message.transaction != number_ && forget_late(message.transaction)) {
            show(FrameVerdict::late);
            continue;
        }
        const bool is_ours = message.transaction == number_ && message.unit == t.unit;
        const wire::AnswerCheck check = is_ours ? take_answer(message.pdu, t) : wire::AnswerCheck{};
        const bool is_answer = check.kind != wire::AnswerCheck::Kind::mismatch;
        show(is_answer ? FrameVerdict::ok : FrameVerdict::mismatch);
        if (!is_answer || !tail_is_clean()) break;
        timeouts_in_a_row_ = 0;
        o.turnaround = o.ended - o.sent;
        if (check.kind == wire::AnswerCheck::Kind::exception) {
            o.kind = Kind::exception;
            o.exception = check.exception;
        } else {
            o.kind = Kind::answered;
            t.registers.received = o.ended;
        }
        return Step::done;
    }
    link_.close();  // the master opens it anew before the next request
    return Step::done;
}

// Nothing may follow an answer but repeated or late ones. Other bytes show that the answer was cut and filled up with
// the beginning of another one: its header is right, its values are not.
bool TcpExchange::tail_is_clean() {
    while (stream_.left() > 0) {
        if (stream_.next() != wire::TcpStream::State::message) {
            show_rest();
            return false;
        }
        const std::uint16_t transaction = stream_.message().transaction;
        const bool is_known = transaction == number_ || forget_late(transaction);
        show(is_known ? FrameVerdict::late : FrameVerdict::mismatch);
        if (!is_known) return false;
    }
    return true;
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

bool TcpExchange::forget_late(std::uint16_t transaction) {
    const auto end = late_.begin() + static_cast<std::ptrdiff_t>(late_count_);
    const auto found = std::find(late_.begin(), end, transaction);
    if (found == end) return false;
    std::copy(found + 1, end, found);
    --late_count_;
    return true;
}

void TcpExchange::remember_late(std::uint16_t transaction) {
    if (late_count_ == late_.size()) {
        std::copy(late_.begin() + 1, late_.end(), late_.begin());
        --late_count_;
    }
    late_[late_count_++] = transaction;
}

void TcpExchange::lose(Transaction& t, Error error) {
    t.outcome.kind = Kind::link_lost;
    t.outcome.ended = loop_.now();
    t.error = std::move(error);
}

}  // namespace busbar::bus
