#include "profile/read_plan.hpp"

#include <algorithm>

#include "profile/read_time.hpp"

namespace busbar::profile {
namespace {

struct Item {
    Span span;
    std::uint16_t point = 0;
};

bool may_read(const BusRules& rules, Table table, std::uint32_t first, std::uint32_t last) {
    if (last > 0xFFFF || last - first + 1 > rules.max_registers) return false;
    if (rules.block != 0 && first / rules.block != last / rules.block) return false;
    return std::none_of(rules.forbidden.begin(), rules.forbidden.end(), [&](const RegisterRange& range) {
        return range.table == table && range.first <= last && range.last >= first;
    });
}

struct Cost {
    Duration time{0};
    std::size_t requests = 0;
    auto operator<=>(const Cost&) const = default;
};

// Optimal partition of points sorted by first register. Contiguous groups suffice: how far a read may reach never
// shrinks when it starts later, so any plan can be reordered into one without crossing groups at no cost.
std::vector<ReadRequest> plan_table(std::vector<Item>& items, Table table, const BusRules& rules) {
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
        return a.span.first != b.span.first ? a.span.first < b.span.first : a.span.last < b.span.last;
    });
    const std::size_t n = items.size();
    std::vector<Cost> best(n + 1, Cost{Duration::max()});  // of the first i points
    std::vector<ReadRequest> last_of(n + 1);               // the request that ends there
    std::vector<std::size_t> from(n + 1, 0);
    best[0] = {};
    for (std::size_t begin = 0; begin < n; ++begin) {
        const std::uint32_t first = items[begin].span.first / rules.align * rules.align;
        std::uint32_t covered = items[begin].span.first;
        for (std::size_t end = begin; end < n; ++end) {
            const Span& span = items[end].span;
            if (end > begin && span.first > covered + 1u + rules.max_gap) break;
            covered = std::max<std::uint32_t>(covered, span.last);
            const std::uint32_t last = (covered / rules.align + 1) * rules.align - 1;
            if (!may_read(rules, table, first, last) && end > begin) break;
            const Cost cost{best[begin].time + read_time(rules, last - first + 1), best[begin].requests + 1};
            if (!(cost < best[end + 1])) continue;
            best[end + 1] = cost;
            from[end + 1] = begin;
            last_of[end + 1] = {
                table, static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last - first + 1), {}};
        }
    }
    std::vector<ReadRequest> plan;
    for (std::size_t end = n; end > 0; end = from[end]) {
        ReadRequest request = last_of[end];
        for (std::size_t i = from[end]; i < end; ++i) request.points.push_back(items[i].point);
        plan.push_back(std::move(request));
    }
    std::reverse(plan.begin(), plan.end());
    return plan;
}

}  // namespace

std::vector<ReadRequest> plan_reads(std::span<const Point> points, std::span<const std::uint16_t> which,
                                    const BusRules& rules) {
    std::vector<ReadRequest> plan;
    for (const Table table : {Table::holding, Table::input}) {
        std::vector<Item> items;
        for (const std::uint16_t i : which)
            if (points[i].at.table == table) items.push_back({span_of(points[i]), i});
        std::vector<ReadRequest> part = plan_table(items, table, rules);
        plan.insert(plan.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    }
    return plan;
}

std::vector<ReadRequest> split_read(std::span<const Point> points, const ReadRequest& refused, const BusRules& rules) {
    std::vector<ReadRequest> plan;
    if (refused.points.size() < 2) return plan;
    const std::span<const std::uint16_t> all(refused.points);
    for (const auto half : {all.first(all.size() / 2), all.subspan(all.size() / 2)})
        for (ReadRequest& smaller : plan_reads(points, half, rules)) plan.push_back(std::move(smaller));
    return plan;
}

}  // namespace busbar::profile
