#pragma once
// What is to be said about found devices together, among themselves and beside the devices of the site: one serial
// number twice, and that only a single meter may be taken for the grid's. Called by Discovery each time it puts
// together what its parts found. Pure.
#include <vector>

#include "discovery/line/scan.hpp"
#include "discovery/searched.hpp"

namespace busbar::discovery {

// A device of the site as a search tells it; its place is the caller's to say.
Found found_as(const KnownUnit& known);

// `site`: every device of the site, wherever it was searched; those that stand in `found` as well count once. Adds
// notes, and sets `is_double` and `use`.
void compare(std::vector<Found>& found, const std::vector<Found>& site);

}  // namespace busbar::discovery
