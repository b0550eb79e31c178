#pragma once
// One part of a search: a bus of the site, or the local network. Internal to discovery: Discovery runs the parts side
// by side and shows what they tell.
#include <string>
#include <vector>

#include "base/task.hpp"
#include "discovery/line/scan.hpp"

namespace busbar::discovery {

class Part {
public:
    virtual ~Part() = default;

    // Once. Returns when nothing of it runs any more; what went wrong stands in progress() and messages().
    virtual Task<void> run() = 0;
    // run() ends at the answer or time-out of the question in flight.
    virtual void cancel() = 0;

    virtual BusProgress progress() const = 0;
    virtual std::vector<Found> found() const = 0;  // with their places
    virtual std::vector<std::string> messages() const = 0;
};

}  // namespace busbar::discovery
