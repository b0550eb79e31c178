#include "discovery/bus_search.hpp"

namespace busbar::discovery {

BusSearch::BusSearch(Loop& loop, SearchedBus bus, std::vector<std::uint8_t> units, Profiles profiles, Waiting waiting)
    : bus_(std::move(bus)), scan_(loop, *bus_.bus, {std::move(units), bus_.known, std::move(profiles), waiting}) {}

Task<void> BusSearch::run() {
    const Status ended = co_await scan_.run();
    if (!ended) problem_ = ended.error().text;
    has_ended_ = true;
}

void BusSearch::cancel() { scan_.cancel(); }

BusProgress BusSearch::progress_now() const {
    BusProgress progress;
    progress.bus = bus_.id;
    progress.done = scan_.done();
    progress.total = scan_.total();
    progress.problem = problem_;
    progress.has_ended = has_ended_;
    if (has_ended_) return progress;
    progress.current = scan_.current();
    progress.left = scan_.left();
    return progress;
}

std::vector<Found> BusSearch::found() const {
    std::vector<Found> found = scan_.found();
    for (Found& f : found) f.bus = bus_.id;
    return found;
}

}  // namespace busbar::discovery
