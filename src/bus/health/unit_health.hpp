#pragma once
// What a bus knows about one unit: statistics, when it may be asked again, and whether it is silent. Pure bookkeeping:
// the bus tells it what happened and when.
//
// Silence. A unit that answered before is silent after two time-outs in a row, one that never answered after one. A
// silent unit is probed only: the next request for it after 0.5, 1, 2, 4, 8, 8 ... s goes to the wire, all others are
// refused at once, so that one dead device cannot slow the others and is found again within 10 s.
//
// Quarantine. A serial answer carries no transaction number, so an answer that comes after its time-out could be taken
// for the answer to a later request of the same shape to the same unit (others differ in the address). After a failed
// exchange a unit is therefore not asked again before twice its time-out has passed since the request, unless what came
// was clearly its own answer, garbled.
#include <algorithm>

#include "bus/health/latency_histogram.hpp"
#include "bus/health/refresh_watch.hpp"
#include "bus/transaction.hpp"

namespace busbar::bus {

class UnitHealth {
public:
    explicit UnitHealth(std::uint8_t unit) : unit_(unit) {}

    // Earliest instant of the next request: pause after an answer, quarantine after a failure.
    Instant not_before() const { return not_before_; }
    bool is_silent() const { return silent_; }
    bool has_answered() const { return ever_answered_; }  // ever
    Instant next_probe() const { return next_probe_; }
    // How long the unit has taken at most, lately, to begin its answer; 0 before the first one.
    Duration turnaround() const { return turnaround_; }

    // `quarantine`: of serial lines only; TCP has transaction numbers.
    void record(const Transaction& transaction, bool quarantine);
    // After record(): what it means for the refresh of critical blocks. `failures` as RefreshWatch wants it.
    void watch_refresh(const Transaction& transaction, std::uint64_t failures);
    // The line has changed: what was silent on the old one may answer now.
    void forget_silence();
    UnitStatistics statistics(Instant now) const;

private:
    void record_failure(const Transaction& transaction, bool is_absent);

    std::uint8_t unit_;
    bool silent_ = false;
    bool ever_answered_ = false;
    unsigned timeouts_in_a_row_ = 0;
    Duration probe_interval_{0};
    Duration turnaround_{0};
    Instant not_before_{}, next_probe_{}, last_answer_{}, last_timeout_{};
    std::uint64_t requests_ = 0, answers_ = 0, timeouts_ = 0, checksums_ = 0, exceptions_ = 0, mismatches_ = 0;
    LatencyHistogram latency_;      // of all answers since start, exceptions too
    LatencyHistogram turnarounds_;  // of good answers, lately
    RefreshWatch refresh_;
};

}  // namespace busbar::bus
