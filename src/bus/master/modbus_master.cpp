#include "bus/master/modbus_master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/phrases_running.hpp"
#include "bus/master/tcp_exchange.hpp"

namespace busbar::bus {
namespace {

using namespace std::chrono_literals;
using Kind = Outcome::Kind;

// After a failed attempt to open the link: 0.5, 1, 2, 4, 8, 8 ... s.
constexpr Duration first_open_pause = 500ms, longest_open_pause = 8s;
// A probe of a silent unit waits this long for the first byte, or twice what the slowest unit lately took, but at most
// one slot.
constexpr Duration usual_probe = 20ms, least_slot = 25ms;
// A scan waits this long behind the request of another, which usually makes its next one at once.
constexpr Duration scan_manners = 5ms;
// A unit that somebody asked by hand, and nobody else asks, is known for so long.
constexpr Duration stranger_time = 60s;

}  // namespace

ModbusMaster::ModbusMaster(Loop& loop, std::unique_ptr<Link> link, MasterConfig config)
    : loop_(loop), link_(std::move(link)), config_(std::move(config)), queue_(config_.queue_capacity) {
    make_exchange();
    loop_.spawn("bus " + config_.name, run());
}

ModbusMaster::~ModbusMaster() { link_->close(); }

// ---- callers ----

Status ModbusMaster::may_read(std::uint8_t unit_id, RegisterBlock block) const {
    const bool fits = block.count >= 1 && block.count <= wire::max_read_registers &&
                      std::uint32_t{block.address} + block.count <= 65536;
    const bool broadcast = config_.framing == Framing::rtu && unit_id == wire::broadcast_unit;
    if (fits && !broadcast) return ok();
    return fail(Errc::out_of_range,
                fmt::format("{}: unit {}: {} {}+{} cannot be read: 1..125 registers up to 65535, units 1..255",
                            config_.name, unit_id, table_name(block.table), block.address, block.count));
}

Task<Result<Registers>> ModbusMaster::read(std::uint8_t unit_id, RegisterBlock block, Urgency urgency,
                                           DeviceTiming timing) {
    if (const Status right = may_read(unit_id, block); !right) co_return right.error();
    Transaction t;
    t.unit = unit_id;
    t.urgency = urgency;
    t.timing = timing;
    t.request.function = read_function(block.table);
    t.request.address = block.address;
    t.request.count = block.count;
    co_await ask(t);
    if (t.outcome.kind != Kind::answered) co_return error_of(t);
    co_return t.registers;
}

Task<Status> ModbusMaster::write(std::uint8_t unit_id, std::uint16_t address, std::span<const std::uint16_t> values,
                                 WriteForm form, DeviceTiming timing, Urgency urgency) {
    const bool single = form == WriteForm::single;
    const std::size_t most = single ? 1 : wire::max_write_registers;
    if (values.empty() || values.size() > most || address + values.size() > 65536)
        co_return fail(Errc::out_of_range,
                       fmt::format("{}: unit {}: {} registers at {} cannot be written at once: 1..{} up to 65535",
                                   config_.name, unit_id, values.size(), address, most));
    Transaction t;
    t.unit = unit_id;
    t.urgency = urgency;
    t.timing = timing;
    t.request.function = single ? wire::Function::write_register : wire::Function::write_registers;
    t.request.address = address;
    t.request.count = static_cast<std::uint16_t>(values.size());
    t.request.value = values[0];
    const wire::Pdu pdu =
        single ? wire::encode_write_register(address, values[0]) : wire::encode_write_registers(address, values);
    t.pdu = pdu.view();
    co_await ask(t);
    if (t.outcome.kind != Kind::answered) co_return error_of(t);
    co_return ok();
}

Task<Result<RawAnswer>> ModbusMaster::raw(std::uint8_t unit_id, std::span<const std::uint8_t> pdu, Urgency urgency,
                                          DeviceTiming timing) {
    const bool broadcast = config_.framing == Framing::rtu && unit_id == wire::broadcast_unit;
    const bool fits = !pdu.empty() && pdu.size() <= wire::max_pdu_size;
    if (!fits || pdu[0] == 0 || pdu[0] >= wire::exception_bit || broadcast)
        co_return fail(Errc::out_of_range,
                       fmt::format("{}: unit {}: a raw request of {} bytes cannot be sent: 1..253 bytes, the first one "
                                   "the function code 1..127, units 1..255",
                                   config_.name, unit_id, pdu.size()));
    const Bytes kept(pdu.begin(), pdu.end());
    wire::Pdu answer;
    Transaction t;
    t.unit = unit_id;
    t.urgency = urgency;
    t.timing = timing;
    t.raw_answer = &answer;
    t.pdu = kept;
    const wire::DecodedRequest decoded = wire::decode_request(kept);
    t.has_known_length = decoded.has_value();
    t.request.function = static_cast<wire::Function>(pdu[0]);
    if (decoded) t.request = *decoded;
    co_await ask(t);
    if (t.outcome.kind != Kind::answered && t.outcome.kind != Kind::exception) co_return error_of(t);
    RawAnswer result;
    result.pdu.assign(answer.view().begin(), answer.view().end());
    result.took = t.outcome.ended - t.outcome.sent;
    co_return result;
}

// On an idle bus the caller's own coroutine sees its request through, which saves two trips through the loop; else the
// request waits for the bus's coroutine.
Task<void> ModbusMaster::ask(Transaction& t) {
    if (is_closing_) {
        t.error = fail(Errc::unavailable, say<phrases::bus_was_removed>());
        co_return;
    }
    if (is_pumping_ && may_join_at_once(t)) {
        launch(t);
        queue_.went(t, t.outcome.started);
        ++callers_;
        co_await t.done;
        --callers_;
        co_return;
    }
    if (!takes_several(t) && may_go_at_once(t)) {
        queue_.went(t, loop_.now());
        ++callers_;
        co_await serve(t);
        --callers_;
        if (!queue_.empty()) work_.set();
        co_return;
    }
    if (!queue_.push(t, loop_.now())) {
        ++overflows_;
        t.error = fail(
            Errc::unavailable,
            fmt::format("the queue of {} requests is full; ask less often or split the bus", config_.queue_capacity));
        co_return;
    }
    if (!is_busy_) work_.set();
    ++callers_;
    co_await t.done;
    --callers_;
}

// Nobody waits, and this unit may be asked at once.
bool ModbusMaster::may_go_at_once(const Transaction& t) const {
    return !is_busy_ && queue_.empty() && !is_silent(t) && earliest(t) <= loop_.now();
}

Error ModbusMaster::error_of(const Transaction& t) const {
    const std::string where = fmt::format("{}: {}", config_.name, describe(t));
    switch (t.outcome.kind) {
        case Kind::timeout:
            return fail(Errc::timeout, where + ": " + say<phrases::no_answer>(t.timing.timeout / 1ms));
        case Kind::exception:
            return fail(Errc::refused, where + ": " +
                                           say<phrases::exception_said>(t.outcome.exception,
                                                                        wire::exception_name(t.outcome.exception)));
        case Kind::bad_checksum:
            return fail(Errc::malformed, where + ": " + say<phrases::answer_damaged>());
        case Kind::mismatch:
            return fail(Errc::malformed, where + ": " + say<phrases::answer_foreign>());
        case Kind::link_lost:
        case Kind::given_up:
            return because(where, t.error);
        case Kind::answered:
            break;
    }
    return fail(Errc::internal, where);
}

// ---- the bus's coroutine ----

Task<void> ModbusMaster::run() {
    while (!is_closing_) {
        Transaction* t = is_busy_ ? nullptr : next_request();
        if (t != nullptr && takes_several(*t))
            co_await pump(*t);
        else if (t != nullptr)
            co_await serve(*t);
        else
            co_await loop_.wait(work_, is_busy_ ? Instant::max() : next_chance());
    }
    has_ended_ = true;
}

// The most urgent request whose unit may be asked now.
Transaction* ModbusMaster::next_request() {
    if (queue_.empty()) return nullptr;
    refuse_backed_off();
    const Instant now = loop_.now();
    return queue_.take(now, [&](const Transaction& t) { return earliest(t) <= now && !gives_way(t); });
}

// Requests for silent units that are not due for a probe.
void ModbusMaster::refuse_backed_off() {
    const Instant now = loop_.now();
    const auto is_backed_off = [&](const Transaction& t) { return is_silent(t) && now < known(t.unit)->next_probe(); };
    while (Transaction* t = queue_.remove(is_backed_off)) {
        const Duration left = known(t->unit)->next_probe() - now;
        refuse(*t, fail(Errc::unavailable, say<phrases::silent_now>(left / 1ms + 1)));
    }
}

// When the next waiting request may go; the end of time when none waits.
Instant ModbusMaster::next_chance() const {
    Instant first = Instant::max();
    queue_.for_each([&](const Transaction& t) {
        if (!gives_way(t)) first = std::min(first, earliest(t));
    });
    return first;
}

// A scan that could delay a request that waits: for its unit's pause, say. Not for ever.
bool ModbusMaster::gives_way(const Transaction& t) const {
    if (t.urgency != Urgency::scan || queue_.is_scan_due(loop_.now())) return false;
    bool is_in_the_way = false;
    queue_.for_each([&](const Transaction& other) {
        is_in_the_way |= other.urgency != Urgency::scan && earliest(other) < loop_.now() + t.timing.timeout;
    });
    return is_in_the_way;
}

Instant ModbusMaster::earliest(const Transaction& t) const {
    Instant earliest = std::max(asked_in_vain_.until(t.unit), opened_ + t.timing.settle);
    if (const UnitHealth* u = known(t.unit)) earliest = std::max(earliest, u->not_before());
    if (t.urgency == Urgency::scan && !queue_.is_scan_due(loop_.now()))
        earliest = std::max(earliest, others_ended_ + scan_manners);
    return earliest;
}

Task<void> ModbusMaster::serve(Transaction& t) {
    is_busy_ = true;
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!is_ready() && !co_await make_ready(t)) {
            end_service();
            co_return t.done.set();
        }
        const bool was_fresh = std::exchange(link_is_fresh_, false);
        co_await exchange_->run(t, patience_for(t));
        account(t);
        if (t.outcome.kind != Kind::link_lost || was_fresh || t.outcome.heard_bytes || !t.request.is_read()) break;
        t.outcome = {};
    }
    doubt_peer(t);
    finish(t);
    end_service();
}

// What the wire carried, and that the link is lost.
void ModbusMaster::account(Transaction& t) {
    const Outcome& o = t.outcome;
    bytes_out_ += o.bytes_out;
    bytes_in_ += o.bytes_in;
    const Instant end = std::max(o.sent, o.ended);
    utilisation_.add(std::max(o.started, used_until_), end);
    used_until_ = std::max(used_until_, end);
    if (o.kind == Kind::link_lost) {
        link_->close();
        last_error_ = t.error.text;
    }
}

// A peer that hung up or talked nonsense before it answered once is left alone for a while.
void ModbusMaster::doubt_peer(const Transaction& t) {
    const Outcome& o = t.outcome;
    if (link_->is_open() || link_is_proved_ || loop_.now() < next_open_) return;
    if (o.kind == Kind::link_lost) hold_off(t.error.text);
    if (o.kind == Kind::mismatch)
        hold_off(link_->describe() + ": what comes is no answer to what was asked; is it a Modbus device?");
}

void ModbusMaster::end_service() {
    is_busy_ = false;
    if (!new_link_) return;
    take_new_link();
    relinked_.set();
}

void ModbusMaster::finish(Transaction& t) {
    if (t.urgency != Urgency::scan) others_ended_ = loop_.now();
    // The probe of a silent unit is planned for.
    const bool is_answered = t.outcome.kind == Kind::answered || t.outcome.kind == Kind::exception;
    if (!is_answered && !is_silent(t)) ++failures_;
    remember_stranger(t);
    if (leaves_trace(t)) {
        unit(t.unit).record(t, exchange_->needs_quarantine());
        unit(t.unit).watch_refresh(t, failures_);
    } else if (exchange_->needs_quarantine()) {
        asked_in_vain_.add(t.unit, t.outcome.sent + 2 * t.timing.timeout, loop_.now());
    }
    if (is_answered) {
        link_is_proved_ = true;
        open_pause_ = 0ns;
    }
    if (t.outcome.kind == Kind::answered) {
        const Duration took = t.outcome.ended - t.outcome.started;
        usual_exchange_ = usual_exchange_ == 0ns ? took : (usual_exchange_ * 15 + took) / 16;
        slowest_turnaround_ = std::max(t.outcome.turnaround, slowest_turnaround_ * 63 / 64);
    }
    t.done.set();
}

void ModbusMaster::refuse(Transaction& t, Error error) {
    t.outcome.kind = Kind::given_up;
    t.error = std::move(error);
    t.done.set();
}

bool ModbusMaster::is_ready() {
    if (!link_->is_open()) return false;
    if (opens_ == 0) {  // it came open; that is the first opening
        opens_ = 1;
        link_is_fresh_ = true;
    }
    return true;
}

Task<bool> ModbusMaster::make_ready(Transaction& t) {
    if (loop_.now() < next_open_) {
        t.error = fail(Errc::unavailable, last_error_);
        co_return false;
    }
    Status opened = co_await link_->open(loop_.now() + config_.open_timeout);
    if (!opened) {
        hold_off(opened.error().text);
        t.error = std::move(opened).error();
        co_return false;
    }
    ++opens_;
    last_error_.clear();
    link_is_fresh_ = true;
    link_is_proved_ = false;
    opened_ = loop_.now();
    co_await loop_.sleep_for(t.timing.settle);
    exchange_->reset();
    co_return true;
}

// Requests are refused for a while, so that a peer that refuses, hangs up or talks nonsense costs next to nothing
// however often it is wanted.
void ModbusMaster::hold_off(std::string reason) {
    last_error_ = std::move(reason);
    open_pause_ = open_pause_ == 0ns ? first_open_pause : std::min(2 * open_pause_, longest_open_pause);
    next_open_ = loop_.now() + open_pause_;
}

// A unit that answers gets its full time-out. A silent one gets one slot at most, so that probing it costs the others
// no more than a request of theirs, and the rest of its time-out while nobody else wants the bus.
Patience ModbusMaster::patience_for(const Transaction& t) {
    const Duration most = t.timing.timeout;
    if (!is_silent(t)) return {most, most};
    const UnitHealth& u = unit(t.unit);
    const Duration slot = std::max(usual_exchange_, least_slot);
    const Duration wanted = std::max({2 * slowest_turnaround_, 2 * u.turnaround(), usual_probe});
    return {std::min({wanted, slot, most}), most};
}

UnitHealth& ModbusMaster::unit(std::uint8_t address) { return units_.try_emplace(address, address).first->second; }

const UnitHealth* ModbusMaster::known(std::uint8_t address) const {
    const auto found = units_.find(address);
    return found == units_.end() ? nullptr : &found->second;
}

// A scan does not mind the silence of a unit that never answered: nothing is known of it.
bool ModbusMaster::is_silent(const Transaction& t) const {
    const UnitHealth* u = known(t.unit);
    return u && u->is_silent() && (t.urgency != Urgency::scan || u->has_answered());
}

bool ModbusMaster::leaves_trace(const Transaction& t) const {
    const UnitHealth* u = known(t.unit);
    if (t.urgency != Urgency::scan || (u && u->has_answered())) return true;
    const Outcome& o = t.outcome;
    // Exceptions 10 and 11 are a gateway's word for silence.
    return o.kind == Kind::answered || (o.kind == Kind::exception && o.exception != 10 && o.exception != 11);
}

// It has statistics and is backed off as any other, so that who asks it again and again does not fill the line; but it
// is none of the units of this bus.
void ModbusMaster::remember_stranger(const Transaction& t) {
    const bool is_by_hand = t.raw_answer != nullptr && t.urgency != Urgency::scan;
    if (strangers_.empty() && !is_by_hand) return;
    std::erase_if(units_, [this](const auto& entry) { return is_forgotten(entry.first); });
    std::erase_if(strangers_, [this](const auto& entry) { return is_forgotten(entry.first); });
    if (is_by_hand && (known(t.unit) == nullptr || strangers_.contains(t.unit)))
        strangers_[t.unit] = loop_.now();
    else if (t.urgency != Urgency::scan)
        strangers_.erase(t.unit);
}

bool ModbusMaster::is_forgotten(std::uint8_t unit) const {
    const auto found = strangers_.find(unit);
    return found != strangers_.end() && found->second + stranger_time < loop_.now();
}

BusStatistics ModbusMaster::statistics() const {
    BusStatistics s;
    s.connected = link_->is_open();
    s.last_error = last_error_;
    s.utilisation = utilisation_.share(loop_.now());
    s.bytes_out = bytes_out_;
    s.bytes_in = bytes_in_;
    s.reconnects = opens_ > 0 ? opens_ - 1 : 0;
    s.overflows = overflows_;
    for (const auto& [address, u] : units_)
        if (!is_forgotten(address)) s.units.push_back(u.statistics(loop_.now()));
    return s;
}

}  // namespace busbar::bus
