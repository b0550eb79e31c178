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

Range CommandTrail::since(Instant from) const {
    if (empty()) return {};
    Range range{at(count_ - 1).value, at(count_ - 1).value};
    for (std::size_t i = count_ - 1; i > 0 && at(i).since > from; --i) {
        range.low = std::min(range.low, at(i - 1).value);
        range.high = std::max(range.high, at(i - 1).value);
    }
    return range;
}

std::optional<double> CommandTrail::shortfall(Instant now, double measured_w) const {
    // Dead time, lag and a reading up to 2 s old together stay below this.
    constexpr Duration settling = std::chrono::seconds(5);
    if (empty() || (count_ == 1 && now - at(0).since < settling)) return std::nullopt;
    const Range asked = since(now - settling);
    if (asked.low <= 0 && asked.high >= 0) return std::nullopt;
    const double least = asked.low > 0 ? asked.low : -asked.high;
    const double given = asked.low > 0 ? measured_w : -measured_w;
    if (given >= least - std::max(150.0, 0.08 * least)) return std::nullopt;
    return asked.low > 0 ? std::max(measured_w, 0.0) : std::min(measured_w, 0.0);
}

}  // namespace busbar::strategy
