#pragma once
// Divides what inverters may give together into one cap each. The sum is what keeps a feed-in limit and never changes
// here; the division only decides whose sun is used. Everyone keeps its part of the last division, and headroom that
// one inverter leaves unused moves to those that stand at their caps. A division that wastes nothing stays as it is, so
// a quiet sun means no writes. Used by feed_in_limit once per grid reading. Pure value.
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"

namespace busbar::strategy {

// One inverter as it stands; watts. rated_w 0: takes no part.
struct CapUse {
    double rated_w = 0;
    double held_w = 0;  // cap in force
    double ac_w = 0;    // power measured under it, + = production
};

class CapSplit {
public:
    // Caps in the order of `uses`, each 0..rated; together min(total_w, sum of rated). `drawn_w` is what hybrids take
    // from the AC side to charge: it comes on top while somebody stands at its cap and can give it. Not before, because
    // a hybrid whose sun returns stops drawing at once.
    std::vector<double> divide(double total_w, double drawn_w, std::span<const CapUse> uses, Instant now);

private:
    struct Part {
        double cap_w = 0;                     // of the last division; 0: not in it
        std::optional<Instant> below_since;   // since when the inverter gives less than its cap
        std::optional<Instant> at_cap_since;  // or all of it
    };
    void look(std::span<const CapUse> uses, Instant now);
    void move_unused(std::vector<double>& caps, std::span<const CapUse> uses, Instant now);

    std::vector<Part> parts_;
    std::optional<Instant> last_run_;
};

}  // namespace busbar::strategy
