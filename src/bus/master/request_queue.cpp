#include "bus/master/request_queue.hpp"

#include <algorithm>

namespace busbar::bus {

bool RequestQueue::push(Transaction& t, Instant now) {
    const std::size_t kept_for_setpoints = std::max<std::size_t>(1, capacity_ / 4);
    if (size_ >= (t.urgency == Urgency::setpoint ? capacity_ : capacity_ - kept_for_setpoints)) return false;
    Lane& lane = this->lane(t.urgency);
    t.next = nullptr;
    t.queued = now;
    (lane.last != nullptr ? lane.last->next : lane.first) = &t;
    lane.last = &t;
    ++size_;
    return true;
}

// People and machines take turns: behind one request by hand the others are tried first.
std::array<Urgency, RequestQueue::urgencies> RequestQueue::order(Instant now) const {
    using enum Urgency;
    const Instant background_since = waits_since(background, now), telemetry_since = waits_since(telemetry, now);
    std::array<Urgency, urgencies> order{setpoint, critical, by_hand, telemetry, background, scan};
    if (now - background_since >= background_turn && background_since <= telemetry_since) std::swap(order[3], order[4]);
    const Instant others_went = std::max(lane(telemetry).had_turn, lane(background).had_turn);
    if (lane(by_hand).had_turn > others_went) std::rotate(&order[2], &order[3], &order[5]);
    const Instant lower_went = std::max(lane(by_hand).had_turn, others_went);
    const Instant lower_waits = std::min({waits_since(by_hand, now), background_since, telemetry_since});
    if (now - std::max(lower_waits, lower_went) >= lower_turn) std::rotate(&order[1], &order[2], &order[5]);
    if (is_scan_due(now)) std::rotate(&order[1], &order[5], &order[5] + 1);
    return order;
}

void RequestQueue::went(const Transaction& t, Instant now) {
    lane(t.urgency).had_turn = now;
    std::uint8_t& critical = critical_went_[t.unit];
    if (is_lower(t.urgency)) critical = 0;
    if (t.urgency == Urgency::critical && critical < own_turn_after) ++critical;
}

// It would go past a critical one of its own unit, which would then wait for the unit's pause, too.
bool RequestQueue::is_held_back(const Transaction& t) const {
    if (!is_lower(t.urgency) || t.timing.pause <= long_pause) return false;
    for (const Transaction* c = lane(Urgency::critical).first; c != nullptr; c = c->next)
        if (c->unit == t.unit) return true;
    return false;
}

Transaction* RequestQueue::unlink(Lane& lane, Transaction** at) {
    Transaction* taken = *at;
    *at = taken->next;
    if (lane.last == taken) {
        lane.last = lane.first;
        while (lane.last != nullptr && lane.last->next != nullptr) lane.last = lane.last->next;
    }
    taken->next = nullptr;
    --size_;
    return taken;
}

}  // namespace busbar::bus
