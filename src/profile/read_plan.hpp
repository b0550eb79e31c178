#pragma once
// Merges points into the reads that take the least time on the line (read_time.hpp) of all the profile's bus rules
// allow; among equals the fewest requests. Computed once per set of points, not per poll. n points cost O(n^2) once; a
// device has some dozens.
#include <cstdint>
#include <span>
#include <vector>

#include "profile/profile.hpp"

namespace busbar::profile {

struct ReadRequest {
    Table table = Table::holding;
    std::uint16_t first = 0;
    std::uint16_t count = 0;
    std::vector<std::uint16_t> points;  // indices as given to plan_reads
};

// `which`: indices into `points`. Points must be absolute. The loader has checked that each point alone fits the rules.
std::vector<ReadRequest> plan_reads(std::span<const Point> points, std::span<const std::uint16_t> which,
                                    const BusRules& rules);

// What to ask in place of a read that a device refused as a whole, because one register in it is not there: its points
// in two halves, planned anew. Asked again and again, that finds the one point that is missing, in fewer requests than
// one by one. Empty for a read of a single point: that one is missing.
std::vector<ReadRequest> split_read(std::span<const Point> points, const ReadRequest& refused, const BusRules& rules);

}  // namespace busbar::profile
