#include "strategy/command_trail.hpp"

#include <algorithm>
#include <cmath>

namespace busbar::strategy {
namespace {

// Share of a step that has not arrived after `since`, for one dead time and lag.
double missing(Duration since, Duration dead, Duration lag) {
    if (since <= dead) return 1;
    return std::exp(-to_seconds(since - dead) / to_seconds(lag));
}

}  // namespace

void CommandTrail::note(model::Held command) {
    if (count_ > 0 && at(count_ - 1).value == command.value) return;
    if (count_ == capacity) {
        first_ = (first_ + 1) % capacity;
        --count_;
    }
    ring_[(first_ + count_) % capacity] = command;
    ++count_;
}

Range CommandTrail::in_flight(Instant t, const Response& response) const {
    Range range;
    // The oldest command kept is the base: whatever was before it has long arrived.
    for (std::size_t i = 1; i < count_; ++i) {
        const double change = at(i).value - at(i - 1).value;
        const Duration since = t - at(i).since;
        const double most = change * missing(since, response.dead_max, response.lag_max);
        const double least = change * missing(since, response.dead_min, response.lag_min);
        range.low += std::min(most, least);
        range.high += std::max(most, least);
    }
    return range;
}

}  // namespace busbar::strategy
