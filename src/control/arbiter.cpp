#include "control/arbiter.hpp"

#include <algorithm>
#include <cmath>

namespace busbar::control {
namespace {

using model::Limit;
using model::Request;
using model::Setpoint;
using model::Step;

struct Interval {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
};

std::optional<double> finite(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }
bool is_usable(const Limit& limit) {
    return !std::isnan(limit.low) && !std::isnan(limit.high) && limit.low <= limit.high;
}

// A lower-ranked limit outside the interval collapses it to the nearest edge: as close to the wish as the higher ranks
// allow, never beyond them.
Interval narrow(Interval held, const Limit& limit) {
    return {std::clamp(limit.low, held.low, held.high), std::clamp(limit.high, held.low, held.high)};
}

Step step_of(const Limit& limit) {
    return {Step::Kind::limit, limit.rank,         limit.source, limit.text,
            finite(limit.low), finite(limit.high), std::nullopt};
}
Step step_of(const Request& request) {
    return {Step::Kind::request, model::Rank::strategy, request.source, request.text,
            std::nullopt,        std::nullopt,          request.value};
}

Setpoint decide(const Request& wish, std::span<const Limit* const> limits, Instant expires) {
    Setpoint setpoint{.target = wish.target, .value = wish.value, .expires = expires, .chain = {step_of(wish)}};
    Interval interval;
    const Limit* binding = nullptr;
    for (const Limit* limit : limits) {
        interval = narrow(interval, *limit);
        const double clipped = std::clamp(setpoint.value, interval.low, interval.high);
        if (clipped != setpoint.value) binding = limit;
        setpoint.value = clipped;
        setpoint.chain.push_back(step_of(*limit));
    }
    // Later limits may only narrow, so the value that came out is the wish clipped into the last interval.
    setpoint.value = std::clamp(wish.value, interval.low, interval.high);
    setpoint.chain.push_back({.kind = Step::Kind::result,
                              .rank = binding ? binding->rank : model::Rank::strategy,
                              .source = binding ? binding->source : wish.source,
                              .text = {},
                              .low = finite(interval.low),
                              .high = finite(interval.high),
                              .value = setpoint.value});
    return setpoint;
}

}  // namespace

std::vector<Setpoint> arbitrate(std::span<const Limit> limits, std::span<const Request> requests, Instant expires) {
    std::vector<const Request*> wishes;
    for (const Request& request : requests)
        if (std::isfinite(request.value)) wishes.push_back(&request);
    std::stable_sort(wishes.begin(), wishes.end(), [](const Request* a, const Request* b) {
        return a->target != b->target ? a->target < b->target : a->priority > b->priority;
    });
    std::vector<Setpoint> setpoints;
    for (const Request* wish : wishes) {
        if (!setpoints.empty() && setpoints.back().target == wish->target) continue;
        std::vector<const Limit*> own;
        for (const Limit& limit : limits)
            if (limit.target == wish->target && is_usable(limit)) own.push_back(&limit);
        std::stable_sort(own.begin(), own.end(), [](const Limit* a, const Limit* b) { return a->rank < b->rank; });
        setpoints.push_back(decide(*wish, own, expires));
    }
    return setpoints;
}

}  // namespace busbar::control
