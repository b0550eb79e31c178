// How a master keeps several requests on their way on one TCP connection. While it does, callers put theirs straight
// behind those in flight when nobody waits; else the most urgent goes as soon as there is room. A device that takes one
// request at a time, behind the same connection as others that take several, is asked alone.
#include <algorithm>

#include "base/assert.hpp"
#include "bus/master/modbus_master.hpp"
#include "bus/master/tcp_exchange.hpp"

namespace busbar::bus {
using namespace std::chrono_literals;
using Kind = Outcome::Kind;

namespace {
// While receive() waits others may send requests with an earlier deadline than those it knows.
constexpr Duration receive_slice = 100ms;
}  // namespace

TcpExchange& ModbusMaster::pipe() const {
    BUSBAR_ASSERT(config_.framing == Framing::tcp);
    return static_cast<TcpExchange&>(*exchange_);
}

bool ModbusMaster::takes_several(const Transaction& t) const {
    return config_.framing == Framing::tcp && t.timing.pipeline > 1 && t.urgency != Urgency::scan;
}

// A unit that wants a pause behind each answer, or is probed, is asked one thing at a time.
bool ModbusMaster::waits_for_its_unit(const Transaction& t) const {
    return (t.timing.pause > 0ns || is_silent(t)) && pipe().has_unit(t.unit);
}

bool ModbusMaster::fits(const Transaction& t) const {
    const unsigned depth = takes_several(t) ? t.timing.pipeline : 1;
    return pipe().in_flight() == 0 || pipe().in_flight() < std::min(depth, pipe().narrowest());
}

bool ModbusMaster::may_join_at_once(const Transaction& t) const {
    return queue_.empty() && !new_link_ && link_->is_open() && !is_silent(t) && fits(t) && !waits_for_its_unit(t) &&
           earliest(t) <= loop_.now();
}

// The most urgent request that may go; none while it waits for room: what is less urgent does not go past it.
Transaction* ModbusMaster::next_to_join() {
    if (queue_.empty() || new_link_ || !link_->is_open()) return nullptr;
    refuse_backed_off();
    const Instant now = loop_.now();
    bool is_full = false;
    return queue_.take(now, [&](const Transaction& t) {
        if (is_full || earliest(t) > now || gives_way(t) || waits_for_its_unit(t)) return false;
        is_full = !fits(t);
        return !is_full;
    });
}

// When a pause ends that keeps a request from going.
Instant ModbusMaster::next_chance_to_join() const {
    const Instant now = loop_.now();
    Instant first = Instant::max();
    queue_.for_each([&](const Transaction& t) {
        if (const Instant at = earliest(t); at > now) first = std::min(first, at);
    });
    return first;
}

Task<void> ModbusMaster::pump(Transaction& first) {
    is_busy_ = true;
    if (!is_ready() && !co_await make_ready(first)) {
        end_service();
        co_return first.done.set();
    }
    link_is_fresh_ = false;
    is_pumping_ = true;
    launch(first);
    for (bool has_waited = false;;) {
        while (Transaction* t = next_to_join()) launch(*t);
        if (pipe().in_flight() == 0) {
            if (has_waited || !link_->is_open()) break;
            has_waited = true;  // for callers who are just told of their answers and ask on
            co_await loop_.sleep_for(0ns);
            continue;
        }
        has_waited = false;
        pipe().flush();
        is_receiving_ = true;
        co_await pipe().receive(std::min(next_chance_to_join(), loop_.now() + receive_slice));
        is_receiving_ = false;
        while (Transaction* t = pipe().take_ended()) complete(*t);
    }
    is_pumping_ = false;
    end_service();
}

void ModbusMaster::launch(Transaction& t) {
    pipe().send(t, {t.timing.timeout, t.timing.timeout});
    if (!is_receiving_ || is_flush_due_) return;
    is_flush_due_ = true;  // once for all callers that ask now
    loop_.post([this] {
        is_flush_due_ = false;
        pipe().flush();
    });
}

void ModbusMaster::complete(Transaction& t) {
    account(t);
    const Outcome& o = t.outcome;
    const bool may_try_again = link_is_proved_ && !o.heard_bytes && t.request.is_read() && !t.is_second_try;
    if (o.kind == Kind::link_lost && may_try_again && queue_.push(t, loop_.now())) {
        t.is_second_try = true;
        t.outcome = {};
        return;
    }
    doubt_peer(t);
    finish(t);
}

}  // namespace busbar::bus
