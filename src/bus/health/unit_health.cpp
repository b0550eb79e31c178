#include "bus/health/unit_health.hpp"

namespace busbar::bus {
namespace {
using namespace std::chrono_literals;
constexpr Duration first_probe = 500ms;
constexpr Duration longest_probe_interval = 8s;
constexpr std::uint64_t turnarounds_to_age = 2000;  // half an hour, at a second each
}  // namespace

void UnitHealth::record(const Transaction& t, bool quarantine) {
    using Kind = Outcome::Kind;
    const Outcome& o = t.outcome;
    if (o.kind == Kind::given_up) return;
    ++requests_;
    switch (o.kind) {
        case Kind::answered:
            ++answers_;
            turnarounds_.add(o.turnaround);
            if (turnarounds_.total() >= turnarounds_to_age) turnarounds_.age();
            break;
        case Kind::exception:
            ++exceptions_;
            break;
        case Kind::timeout:
            ++timeouts_;
            break;
        case Kind::bad_checksum:
            ++checksums_;
            break;
        case Kind::mismatch:
            ++mismatches_;
            break;
        case Kind::link_lost:
            return;  // says nothing about the unit
        case Kind::given_up:
            return;
    }
    // Exceptions 10 and 11 come from a gateway and say that the unit behind it is not there.
    const bool is_absent = o.kind == Kind::exception && (o.exception == 10 || o.exception == 11);
    if (o.kind == Kind::answered || (o.kind == Kind::exception && !is_absent)) {
        latency_.add(o.ended - o.sent);
        turnaround_ = std::max(o.turnaround, turnaround_ * 63 / 64);
        ever_answered_ = true;
        silent_ = false;
        timeouts_in_a_row_ = 0;
        last_answer_ = o.ended;
        not_before_ = o.ended + t.timing.pause;
        return;
    }
    record_failure(t, is_absent);
    not_before_ = o.ended + t.timing.pause;
    if (quarantine && !is_absent && !o.is_spent) not_before_ = std::max(not_before_, o.sent + 2 * t.timing.timeout);
}

void UnitHealth::record_failure(const Transaction& t, bool is_absent) {
    // Bytes, even wrong ones, are a sign of life: a unit with a bad line is worth asking, a silent one is not.
    if (!is_absent && (t.outcome.kind != Outcome::Kind::timeout || t.outcome.heard_bytes)) {
        timeouts_in_a_row_ = 0;
        if (!silent_) return;
    }
    // Requests that were on their way together are one silence.
    if (t.outcome.sent < last_timeout_) return;
    last_timeout_ = t.outcome.ended;
    ++timeouts_in_a_row_;
    if (!silent_ && timeouts_in_a_row_ < (ever_answered_ ? 2u : 1u)) return;
    probe_interval_ = silent_ ? std::min(2 * probe_interval_, longest_probe_interval) : first_probe;
    silent_ = true;
    next_probe_ = t.outcome.ended + probe_interval_;
}

// Slow points are asked in the background, too; that costs one measurement in ten minutes.
void UnitHealth::watch_refresh(const Transaction& t, std::uint64_t failures) {
    const bool is_answered = t.outcome.kind == Outcome::Kind::answered;
    if (t.urgency == Urgency::background || (t.urgency == Urgency::critical && !is_answered)) refresh_.restart();
    if (t.urgency == Urgency::critical && is_answered && t.request.is_read())
        refresh_.read(t.request, t.registers.received, failures);
}

void UnitHealth::forget_silence() {
    silent_ = false;
    timeouts_in_a_row_ = 0;
    turnaround_ = {};
}

UnitStatistics UnitHealth::statistics(Instant now) const {
    return {.unit = unit_,
            .requests = requests_,
            .answers = answers_,
            .timeouts = timeouts_,
            .crc_errors = checksums_,
            .exceptions = exceptions_,
            .mismatches = mismatches_,
            .latency_us_p50 = latency_.quantile_us(0.5),
            .latency_us_p90 = latency_.quantile_us(0.9),
            .latency_us_p99 = latency_.quantile_us(0.99),
            .latency_us_max = latency_.max_us(),
            .turnaround_us_p50 = turnarounds_.quantile_us(0.5),
            .turnaround_us_p99 = turnarounds_.quantile_us(0.99),
            .worst_refresh = refresh_.worst(now),
            .silent = silent_,
            .last_answer = last_answer_};
}

}  // namespace busbar::bus
