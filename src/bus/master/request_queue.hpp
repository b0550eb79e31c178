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
// In such a turn it goes past a critical one of its own unit only when nothing less urgent of that unit went for so
// long: a unit that wants pauses would make the critical one wait for its pause, too.
inline constexpr Duration own_turn = std::chrono::seconds(8);
// Likewise one in the background before telemetry; devices open with dozens of them, one after the other.
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
        for (const Urgency urgency : order(now)) {
            const bool passes = is_critical_passed && is_lower(urgency);
            auto may = [&](const Transaction& t) { return ready(t) && !(passes && is_held_back(t, now)); };
            is_critical_passed &= urgency != Urgency::critical;
            Transaction* taken = remove_from(lane(urgency), may);
            if (taken == nullptr) continue;
            lane(urgency).had_turn = now;
            if (is_lower(urgency)) lower_went_[taken->unit] = now;
            return taken;
        }
        return nullptr;
    }

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
    static constexpr std::size_t urgencies = 5;
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
    static bool is_lower(Urgency urgency) { return urgency == Urgency::telemetry || urgency == Urgency::background; }
    bool is_held_back(const Transaction& t, Instant now) const;

    template <std::predicate<const Transaction&> Which>
    Transaction* remove_from(Lane& lane, Which& which) {
        for (Transaction** at = &lane.first; *at != nullptr; at = &(*at)->next)
            if (which(**at)) return unlink(lane, at);
        return nullptr;
    }
    Transaction* unlink(Lane& lane, Transaction** at);

    std::array<Lane, urgencies> lanes_{};    // by urgency
    std::array<Instant, 256> lower_went_{};  // by unit
    std::size_t capacity_;
    std::size_t size_ = 0;
};

}  // namespace busbar::bus
