#include "plant/devices/serve.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "wire/modbus_rtu.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::plant {
namespace {

using namespace std::chrono_literals;

Duration seconds(double s) { return Duration(std::llround(s * 1e9)); }
double seconds_of(Instant at) { return to_seconds(at.time_since_epoch()); }
// A wait without an end, far enough from the end of the type that adding to it is safe.
Instant some_day(Loop& loop) { return loop.now() + std::chrono::hours(24 * 365); }

// One serial line's slave end.
class RtuServer {
public:
    RtuServer(Loop& loop, bus::Link& link, Line& line, Pacing pacing)
        : loop_(loop),
          link_(link),
          line_(line),
          pacing_(pacing),
          character_(wire::rtu_character_time(line.spec().baud, line.spec().bits_per_character())),
          gap_(wire::rtu_gap(line.spec().baud, line.spec().bits_per_character())) {}

    Task<void> run() {
        for (;;) {
            while (is_lost_) co_await reopen();
            const bool is_whole = co_await collect();
            if (!is_whole) continue;
            const Bytes frame(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(frame_size_));
            input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(frame_size_));
            auto reply = line_.answer_rtu(frame, {seconds_of(begun_.value_or(loop_.now())), 0});
            if (!reply) continue;
            co_await loop_.sleep_until(request_end_ + gap_ + seconds(reply->delay_s));
            co_await take_what_came();
            co_await send(reply->bytes);
            line_.sent(*reply, seconds_of(last_sent_));
        }
    }

private:
    // Waits for one whole request. False: what came was none (it is dropped at the silence behind it), or the link
    // broke.
    Task<bool> collect() {
        std::array<std::uint8_t, 256> chunk{};
        if (input_.empty()) begun_.reset();
        for (;;) {
            const auto size = wire::rtu_request_size(input_);
            if (size && input_.size() >= *size) {
                frame_size_ = *size;
                note_request();
                co_return true;
            }
            // Between two bytes of a frame there is never a long silence; an idle link may stay idle for ever.
            const Instant deadline =
                input_.empty() ? some_day(loop_) : loop_.now() + std::max<Duration>(gap_ + character_, 20ms);
            auto got = co_await link_.read_some(chunk, deadline);
            if (!got) {
                if (!input_.empty()) ++line_.counts().broken;
                input_.clear();
                is_lost_ = got.error().kind != Errc::timeout;
                co_return false;
            }
            if (!begun_) begun_ = pacing_ == Pacing::link ? loop_.now() - character_ : loop_.now();
            input_.insert(input_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(*got));
        }
    }

    // When the request's last byte was on the wire, and whether its first one came into the silence between frames.
    void note_request() {
        const Instant begun = begun_.value_or(loop_.now());
        // What came before the answer began was sent by a master that had given up waiting for it.
        if (begun >= answer_begun_ && begun < last_sent_ + gap_) ++line_.counts().early_starts;
        request_end_ = std::max(loop_.now(), begun + character_ * static_cast<std::int64_t>(frame_size_));
    }

    Task<void> reopen() {
        const auto status = co_await link_.open(loop_.now() + 1s);
        is_lost_ = !status;
        if (is_lost_) co_await loop_.sleep_for(20ms);
    }

    // A master that gave up may have asked again while the device was thinking; that request waits in the receiver.
    Task<void> take_what_came() {
        std::array<std::uint8_t, 256> chunk{};
        if (auto got = co_await link_.read_some(chunk, loop_.now())) {
            begun_ = loop_.now();
            input_.insert(input_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(*got));
        }
    }

    // A whole frame at the instant its last byte would be there: a real line never stops in the middle of one, and a
    // plant that waits for the processor must not either.
    Task<void> send(const Bytes& bytes) {
        const Instant end = loop_.now() + character_ * static_cast<std::int64_t>(bytes.size());
        if (pacing_ == Pacing::server) co_await loop_.sleep_until(end);
        // Taken before the write: a master may have read it, and its pause begun, long before we are run again.
        last_sent_ = std::max(end, loop_.now());
        (void)co_await link_.write(bytes, loop_.now() + 1s);  // a broken link shows at the next read
    }

    Loop& loop_;
    bus::Link& link_;
    Line& line_;
    Pacing pacing_;
    Duration character_, gap_;
    Bytes input_;
    std::size_t frame_size_ = 0;
    std::optional<Instant> begun_;  // when the first byte of what stands in input_ arrived
    Instant request_end_{}, answer_begun_ = Instant::max(), last_sent_{};
    bool is_lost_ = false;
};

}  // namespace

Task<void> serve_rtu(Loop& loop, bus::Link& link, Line& line, Pacing pacing) {
    RtuServer server(loop, link, line, pacing);
    co_await server.run();
}

Task<void> serve_tcp(Loop& loop, bus::Link& link, Line& line) {
    wire::TcpStream stream;
    const double connected_s = seconds_of(loop.now());
    const double idle_s = line.idle_s();
    for (;;) {
        const bool is_patient = std::isinf(idle_s);
        auto got = co_await link.read_some(stream.space(), is_patient ? some_day(loop) : loop.now() + seconds(idle_s));
        if (!got) {
            if (got.error().kind == Errc::timeout && is_patient) continue;
            co_return;
        }
        const Instant arrived = loop.now();
        stream.arrived(*got);
        for (;;) {
            const auto state = stream.next();
            if (state == wire::TcpStream::State::broken) {
                ++line.counts().broken;
                co_return;
            }
            if (state == wire::TcpStream::State::need_more) break;
            auto reply = line.answer_tcp(stream.message(), {seconds_of(arrived), connected_s});
            if (!reply) continue;
            co_await loop.sleep_until(arrived + seconds(reply->delay_s));
            line.sent(*reply, seconds_of(loop.now()));  // before the write, as on a serial line
            const auto status = co_await link.write(reply->bytes, loop.now() + 5s);
            if (!status) co_return;
        }
    }
}

Task<void> serve_tcp_for_ever(Loop& loop, bus::LoopbackLink& link, Line& line) {
    for (;;) {
        co_await serve_tcp(loop, link, line);
        link.close();
        co_await loop.sleep_for(1ms);
        link.listen();
    }
}

Task<void> run(Loop& loop, World& world, double speed) {
    const Duration pause = std::max<Duration>(5ms, seconds(World::tick_s / speed));
    Instant before = loop.now(), next = before;
    for (;;) {
        next += pause;
        co_await loop.sleep_until(next);
        // A loop that was late catches up; nothing is skipped.
        const Instant now = loop.now();
        world.step(to_seconds(now - before) * speed);
        before = now;
    }
}

}  // namespace busbar::plant
