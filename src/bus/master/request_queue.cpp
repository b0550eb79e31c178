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

std::array<Urgency, RequestQueue::urgencies> RequestQueue::order(Instant now) const {
    using enum Urgency;
    const Instant background_since = waits_since(background, now), telemetry_since = waits_since(telemetry, now);
    std::array<Urgency, urgencies> order{setpoint, critical, telemetry, background, scan};
    if (now - background_since >= background_turn && background_since <= telemetry_since) std::swap(order[2], order[3]);
    const Instant lower_went = std::max(lane(telemetry).had_turn, lane(background).had_turn);
    const Instant lower_since = std::max(std::min(background_since, telemetry_since), lower_went);
    if (now - lower_since >= lower_turn) std::rotate(&order[1], &order[2], &order[4]);
    if (is_scan_due(now)) std::rotate(&order[1], &order[4], &order[4] + 1);
    return order;
}

bool RequestQueue::is_held_back(const Transaction& t, Instant now) const {
    if (now - std::max(t.queued, lower_went_[t.unit]) >= own_turn) return false;
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
