#include "strategy/share.hpp"

#include <algorithm>

namespace busbar::strategy {

std::vector<double> share(double total_w, std::span<const Part> parts) {
    std::vector<double> shares(parts.size(), 0.0);
    double rest = std::max(total_w, 0.0);
    // Each round fills at least one part or ends, so there are at most parts.size() + 1 of them.
    for (std::size_t round = 0; round <= parts.size() && rest > 1e-6; ++round) {
        double weights = 0;
        for (std::size_t i = 0; i < parts.size(); ++i)
            if (shares[i] < parts[i].max_w) weights += parts[i].weight;
        if (weights <= 0) break;
        double given = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (shares[i] >= parts[i].max_w) continue;
            const double more = std::min(rest * parts[i].weight / weights, parts[i].max_w - shares[i]);
            shares[i] += more;
            given += more;
        }
        rest -= given;
        if (given <= 0) break;
    }
    return shares;
}

}  // namespace busbar::strategy
