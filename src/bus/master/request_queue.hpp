#pragma once
// Requests waiting for one bus: bounded, most urgent first, first come first served within an urgency. The last places
// are kept for setpoints, so that a flood of telemetry can never refuse one. Nobody waits for ever: on a bus that is
// full of the more urgent, one of the less urgent has its turn now and then (see the turns below; the time budget of
// the bus counts them). Owns nothing; loop thread only.
#include <array>
#include <concepts>

#include "bus/transaction.hpp"

namespace busbar::bus {

// One request that is less than critical goes before the critical ones when none went for so long while it waited;
// setpoints go first in any case.
inline constexpr Duration lower_turn = std::chrono::seconds(2);
// Such a turn does not go past a critical request of the same unit when that wants a pause longer than this: it would
// wait for the pause, too. But such a unit may be busy with critical requests and their pauses all the time, however
// idle the line. So after so many critical ones of a unit, one of its less urgent may go first, the one that waits
// longest; on the whole line once in `own_turn`. What a person waits for counts as if it had waited so much longer.
inline constexpr Duration long_pause = std::chrono::milliseconds(100);
inline constexpr unsigned own_turn_after = 2;
inline constexpr Duration own_turn = std::chrono::seconds(1);
inline constexpr Duration head_start_by_hand = std::chrono::seconds(10);
// One in the background goes before telemetry when it waited so long and telemetry went since; devices open with dozens
// of them, one after the other.
inline constexpr Duration background_turn = std::chrono::milliseconds(500);
// Likewise a scan before everything but setpoints: a search on a full bus takes long, but it ends.
inline constexpr Duration scan_turn = std::chrono::seconds(10);

class RequestQueue {
public:
    // At least 2 places; a quarter of them takes setpoints only.
    explicit RequestQueue(std::size_t capacity) : capacity_(capacity < 2 ? 2 : capacity) {}

    // False when full for this urgency. `now` never goes back.
    bool push(Transaction& transaction, Instant now);

    // Takes out the first transaction, in the order of those who have their turn and then of urgency, for which
    // `ready(transaction)` holds, to be asked now; null when none does.
    template <std::predicate<const Transaction&> Ready>
    Transaction* take(Instant now, Ready ready) {
        bool is_critical_passed = true;  // as long as its lane was not tried
        auto may = [&](const Transaction& t) { return ready(t) && !(is_critical_passed && is_held_back(t)); };
        for (const Urgency urgency : order(now)) {
            if (urgency == Urgency::critical) {
                if (Transaction* own = take_own_turn(now, ready)) return own;
                is_critical_passed = false;
            }
            Transaction* taken = remove_from(lane(urgency), may);
            if (taken == nullptr) continue;
            went(*taken, now);
            return taken;
        }
        return nullptr;
    }

    // For the turns: this one is asked now. Told by the bus of those that never waited here.
    void went(const Transaction& transaction, Instant now);

    // Takes out a transaction that will not be asked; null when `doomed(transaction)` holds for none.
    template <std::predicate<const Transaction&> Doomed>
    Transaction* remove(Doomed doomed) {
        for (Lane& lane : lanes_)
            if (Transaction* removed = remove_from(lane, doomed)) return removed;
        return nullptr;
    }

    template <std::invocable<const Transaction&> Visit>
    void for_each(Visit visit) const {
        for (const Lane& lane : lanes_)
            for (const Transaction* t = lane.first; t != nullptr; t = t->next) visit(*t);
    }

    // A scan has its turn.
    bool is_scan_due(Instant now) const { return now - waits_since(Urgency::scan, now) >= scan_turn; }
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }

private:
    static constexpr std::size_t urgencies = 6;
    struct Lane {
        Transaction* first = nullptr;
        Transaction* last = nullptr;
        Instant had_turn{};
    };
    Lane& lane(Urgency urgency) { return lanes_[static_cast<std::size_t>(urgency)]; }
    const Lane& lane(Urgency urgency) const { return lanes_[static_cast<std::size_t>(urgency)]; }
    // The first of this urgency waits, and none of it went, since then; `now` when nobody waits.
    Instant waits_since(Urgency urgency, Instant now) const {
        const Lane& l = lane(urgency);
        return l.first == nullptr ? now : std::max(l.first->queued, l.had_turn);
    }
    std::array<Urgency, urgencies> order(Instant now) const;
    static bool is_lower(Urgency urgency) { return urgency > Urgency::critical && urgency < Urgency::scan; }
    bool is_held_back(const Transaction& t) const;
    static Instant waits_like(const Transaction& t) {
        return t.urgency == Urgency::by_hand ? t.queued - head_start_by_hand : t.queued;
    }

    template <std::predicate<const Transaction&> Ready>
    Transaction* take_own_turn(Instant now, Ready& ready) {
        if (now - own_turn_at_ < own_turn || lane(Urgency::critical).first == nullptr) return nullptr;
        const Transaction* longest = nullptr;
        for (const Urgency urgency : {Urgency::by_hand, Urgency::telemetry, Urgency::background})
            for (const Transaction* t = lane(urgency).first; t != nullptr; t = t->next)
                if ((longest == nullptr || waits_like(*t) < waits_like(*longest)) &&
                    critical_went_[t->unit] >= own_turn_after && is_held_back(*t) && ready(*t))
                    longest = t;
        if (longest == nullptr) return nullptr;
        own_turn_at_ = now;
        went(*longest, now);
        auto is_it = [&](const Transaction& t) { return &t == longest; };
        return remove_from(lane(longest->urgency), is_it);
    }

    template <std::predicate<const Transaction&> Which>
    Transaction* remove_from(Lane& lane, Which& which) {
        for (Transaction** at = &lane.first; *at != nullptr; at = &(*at)->next)
            if (which(**at)) return unlink(lane, at);
        return nullptr;
    }
    Transaction* unlink(Lane& lane, Transaction** at);

    std::array<Lane, urgencies> lanes_{};            // by urgency
    std::array<std::uint8_t, 256> critical_went_{};  // by unit, since one of its less urgent did; up to own_turn_after
    Instant own_turn_at_{};
    std::size_t capacity_;
    std::size_t size_ = 0;
};

}  // namespace busbar::bus
