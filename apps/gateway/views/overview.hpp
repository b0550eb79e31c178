#pragma once
// The one sentence and the energy flow of this instant, from a snapshot. Pure.
#include "api/views.hpp"
#include "model/snapshot.hpp"

namespace busbar::gateway {

struct OverviewInput {
    const model::Snapshot& now;
    WallTime wall{};
    std::size_t devices = 0;
    config::FeedInLimit feed_in;
    std::optional<double> feed_in_limit_w;
    bool is_limiting = false;   // a cap keeps sun back
    bool is_exceeding = false;  // more than the limit has been fed in for so long that there is an alarm
    api::Overview::Today today;
    api::Overview::Alarms alarms;
};

api::Overview make_overview(const OverviewInput& in);

}  // namespace busbar::gateway
