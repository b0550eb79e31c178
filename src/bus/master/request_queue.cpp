#include "bus/master/request_queue.hpp"

#include <algorithm>

namespace busbar::bus {

bool RequestQueue::push(Transaction& t) {
    const std::size_t kept_for_setpoints = std::max<std::size_t>(1, capacity_ / 4);
    if (size_ >= (t.urgency == Urgency::setpoint ? capacity_ : capacity_ - kept_for_setpoints)) return false;
    Lane& lane = lanes_[static_cast<std::size_t>(t.urgency)];
    t.next = nullptr;
    (lane.last != nullptr ? lane.last->next : lane.first) = &t;
    lane.last = &t;
    ++size_;
    return true;
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
