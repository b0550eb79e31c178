#include "strategy/cap_split.hpp"

#include <algorithm>

#include "strategy/share.hpp"

namespace busbar::strategy {
namespace {

constexpr Duration patience = std::chrono::seconds(4);  // a cap just raised is not unused, its inverter is on the way
constexpr double keep = 0.03;       // of rated power: what an inverter keeps above its power, to show that it has more
constexpr double worth = 0.03;      // of rated power: less unused headroom is not worth a write
constexpr double per_second = 0.1;  // of all rated power: fastest move
constexpr double smallest = 0.02;   // of rated power: a part that never vanishes, so that it can grow again

// Since when, if the condition holds now.
std::optional<Instant> since(std::optional<Instant> before, bool holds, Instant now) {
    if (!holds) return std::nullopt;
    return before ? before : now;
}

bool is_at_cap(const CapUse& use) { return use.ac_w >= use.held_w - std::max(0.05 * use.held_w, 0.01 * use.rated_w); }

}  // namespace

void CapSplit::look(std::span<const CapUse> uses, Instant now) {
    parts_.resize(uses.size());
    for (std::size_t i = 0; i < uses.size(); ++i) {
        if (uses[i].rated_w <= 0) parts_[i] = {};
        const bool is_full = uses[i].rated_w > 0 && is_at_cap(uses[i]);
        parts_[i].at_cap_since = since(parts_[i].at_cap_since, is_full, now);
        parts_[i].below_since = since(parts_[i].below_since, uses[i].rated_w > 0 && !is_full, now);
    }
}

std::vector<double> CapSplit::divide(double total_w, double drawn_w, std::span<const CapUse> uses, Instant now) {
    look(uses, now);
    const bool is_short = std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
        return part.at_cap_since && now - *part.at_cap_since >= patience;
    });
    std::vector<strategy::Part> weighed;
    for (std::size_t i = 0; i < uses.size(); ++i) {
        const CapUse& use = uses[i];
        const double before = parts_[i].cap_w > 0 ? parts_[i].cap_w : use.held_w;
        weighed.push_back({std::clamp(before, smallest * use.rated_w, std::max(use.rated_w, 0.0)), use.rated_w});
    }
    std::vector<double> caps = share(is_short ? total_w + drawn_w : total_w, weighed);
    move_unused(caps, uses, now);
    for (std::size_t i = 0; i < uses.size(); ++i)
        if (uses[i].rated_w > 0) parts_[i].cap_w = caps[i];
    last_run_ = now;
    return caps;
}

void CapSplit::move_unused(std::vector<double>& caps, std::span<const CapUse> uses, Instant now) {
    std::vector<double> unused(uses.size()), wanted(uses.size());
    double all_unused = 0, all_wanted = 0, all_rated = 0;
    for (std::size_t i = 0; i < uses.size(); ++i) {
        const CapUse& use = uses[i];
        if (use.rated_w <= 0) continue;
        all_rated += use.rated_w;
        const std::optional<Instant> below_since = parts_[i].below_since;
        if (!below_since) {
            wanted[i] = use.rated_w - caps[i];
            all_wanted += wanted[i];
            continue;
        }
        const double left = caps[i] - std::max(use.ac_w, 0.0) - keep * use.rated_w;
        if (now - *below_since >= patience && left > worth * use.rated_w) unused[i] = left;
        all_unused += unused[i];
    }
    const double passed_s = last_run_ ? std::clamp(to_seconds(now - *last_run_), 0.0, 2.0) : 0;
    const double moved = std::min({all_unused, all_wanted, per_second * passed_s * all_rated});
    if (moved <= 0) return;
    for (std::size_t i = 0; i < uses.size(); ++i) {
        if (unused[i] > 0) caps[i] -= moved * unused[i] / all_unused;
        if (wanted[i] > 0) caps[i] += moved * wanted[i] / all_wanted;
    }
}

}  // namespace busbar::strategy
