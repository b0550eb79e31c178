#include "profile/read_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "profile/read_time.hpp"

using namespace busbar::profile;
using busbar::model::Role;

namespace {

Point point_at(std::uint16_t offset, ValueType type = ValueType::u16, Table table = Table::holding) {
    Point point;
    point.role = {Role::ac_power, 0};
    point.at = {table, offset, 0};
    point.encoding.type = type;
    return point;
}
std::vector<std::uint16_t> all_of(const std::vector<Point>& points) {
    std::vector<std::uint16_t> which(points.size());
    std::iota(which.begin(), which.end(), std::uint16_t{0});
    return which;
}

// Registers of one request for exactly these points; 0 = the rules do not allow it. Written from the rules,
// not from the planner: it looks at every register in between.
std::size_t registers_of(const std::vector<Point>& points, const std::vector<std::size_t>& group,
                         const BusRules& rules) {
    std::vector<bool> wanted(70000, false);
    std::uint32_t first = 70000, last = 0;
    for (const std::size_t i : group) {
        const Span span = span_of(points[i]);
        for (std::uint32_t r = span.first; r <= span.last; ++r) wanted[r] = true;
        first = std::min<std::uint32_t>(first, span.first);
        last = std::max<std::uint32_t>(last, span.last);
    }
    std::uint32_t gap = 0;
    for (std::uint32_t r = first; r <= last; ++r) {
        gap = wanted[r] ? 0 : gap + 1;
        if (gap > rules.max_gap) return 0;
    }
    while (first % rules.align != 0) --first;
    while ((last + 1) % rules.align != 0) ++last;
    if (last - first + 1 > rules.max_registers) return 0;
    for (std::uint32_t r = first; r <= last; ++r) {
        if (rules.block != 0 && r != first && r % rules.block == 0) return 0;
        for (const RegisterRange& range : rules.forbidden)
            if (range.table == Table::holding && r >= range.first && r <= range.last) return 0;
    }
    return last - first + 1;
}

// Every way to group the points.
void best_partition(const std::vector<Point>& points, const BusRules& rules, std::size_t next,
                    std::vector<std::vector<std::size_t>>& groups, busbar::Duration& best) {
    if (next == points.size()) {
        busbar::Duration time{0};
        for (const auto& group : groups) {
            const std::size_t registers = registers_of(points, group, rules);
            if (registers == 0) return;
            time += read_time(rules, registers);
        }
        best = std::min(best, time);
        return;
    }
    for (std::size_t g = 0; g < groups.size(); ++g) {
        groups[g].push_back(next);
        best_partition(points, rules, next + 1, groups, best);
        groups[g].pop_back();
    }
    groups.push_back({next});
    best_partition(points, rules, next + 1, groups, best);
    groups.pop_back();
}

}  // namespace

TEST_CASE("neighbours share a request, gaps and limits split") {
    BusRules rules;
    const std::vector<Point> points{point_at(100), point_at(101, ValueType::s32), point_at(104), point_at(300)};
    CHECK(plan_reads(points, all_of(points), rules).size() == 3);
    rules.max_gap = 1;
    const auto plan = plan_reads(points, all_of(points), rules);
    REQUIRE(plan.size() == 2);
    CHECK(plan[0].first == 100);
    CHECK(plan[0].count == 5);
    CHECK(plan[0].points == std::vector<std::uint16_t>{0, 1, 2});
    rules.forbidden = {{Table::holding, 103, 103}};
    CHECK(plan_reads(points, all_of(points), rules).size() == 3);
}

TEST_CASE("tables are never mixed and blocks never crossed") {
    BusRules rules;
    rules.max_gap = 10;
    rules.block = 125;
    const std::vector<Point> points{point_at(123), point_at(124), point_at(125),
                                    point_at(124, ValueType::u16, Table::input)};
    const auto plan = plan_reads(points, all_of(points), rules);
    REQUIRE(plan.size() == 3);
    CHECK(plan[0].first == 123);
    CHECK(plan[0].count == 2);
    CHECK(plan[1].first == 125);
    CHECK(plan[2].table == Table::input);
}

TEST_CASE("the last register of the address space can be read") {
    BusRules rules;
    const std::vector<Point> points{point_at(65534, ValueType::u32)};
    const auto plan = plan_reads(points, all_of(points), rules);
    REQUIRE(plan.size() == 1);
    CHECK(plan[0].first == 65534);
    CHECK(plan[0].count == 2);
}

TEST_CASE("a read takes what the line takes") {
    using namespace std::chrono_literals;
    BusRules rules;
    // 8 + 5 + 100 characters of 1.0417 ms, twice 3.5 characters, 10 ms.
    CHECK(busbar::to_seconds(read_time(rules, 50)) == doctest::Approx(0.135));
    rules.pause = 50ms;
    CHECK(busbar::to_seconds(read_time(rules, 50)) == doctest::Approx(0.185));
    rules = {.baud = 115'200};
    CHECK(busbar::to_seconds(read_time(rules, 50)) == doctest::Approx(0.02331).epsilon(0.001));
}

TEST_CASE("a gap is read over while that takes less time than another request") {
    BusRules rules{.max_gap = 124};
    const auto requests_with_gap = [&](std::uint16_t gap) {
        const std::vector<Point> points{point_at(0), point_at(static_cast<std::uint16_t>(gap + 1))};
        return plan_reads(points, all_of(points), rules).size();
    };
    CHECK(requests_with_gap(14) == 1);
    CHECK(requests_with_gap(15) == 2);
    rules.pause = std::chrono::milliseconds(50);
    CHECK(requests_with_gap(38) == 1);
    CHECK(requests_with_gap(39) == 2);
    rules = {.max_gap = 124, .baud = 115'200};
    CHECK(requests_with_gap(84) == 1);
    CHECK(requests_with_gap(85) == 2);
}

TEST_CASE("the plan is as good as the best of all groupings") {
    std::mt19937 random(7);
    const auto below = [&](unsigned n) { return static_cast<std::uint16_t>(random() % n); };
    int compared = 0;
    for (int round = 0; round < 400; ++round) {
        BusRules rules;
        rules.max_registers = static_cast<std::uint16_t>(6 + below(60));
        rules.max_gap = below(40);
        rules.block = below(2) != 0u ? std::uint16_t{25} : std::uint16_t{0};
        rules.align = below(3) == 0u ? std::uint16_t{2} : std::uint16_t{1};
        const std::uint16_t bad = below(60);
        if (below(2) != 0u) rules.forbidden = {{Table::holding, bad, static_cast<std::uint16_t>(bad + 1)}};
        std::vector<Point> points;
        const std::size_t n = 1 + below(7);
        while (points.size() < n) {
            Point p = point_at(below(60), below(2) != 0u ? ValueType::u32 : ValueType::u16);
            if (below(5) == 0u) p.encoding.exponent = static_cast<std::uint16_t>(p.at.offset + 2 + below(3));
            points.push_back(p);
        }
        const auto alone_is_impossible = [&](const Point& p) { return registers_of({p}, {0}, rules) == 0; };
        // A gap inside one point (value ... exponent) is the point's own need and always allowed; leave those to the
        // planner.
        std::erase_if(points, alone_is_impossible);
        if (points.empty()) continue;
        rules.baud = below(2) != 0u ? 9600 : 115'200;
        busbar::Duration best = busbar::Duration::max();
        std::vector<std::vector<std::size_t>> groups;
        best_partition(points, rules, 0, groups, best);
        const auto plan = plan_reads(points, all_of(points), rules);
        std::size_t covered = 0;
        busbar::Duration time{0};
        for (const ReadRequest& request : plan) {
            time += read_time(rules, request.count);
            covered += request.points.size();
            CHECK(registers_of(points, {request.points.begin(), request.points.end()}, rules) == request.count);
        }
        CHECK(covered == points.size());
        CHECK(time == best);
        ++compared;
    }
    CHECK(compared > 300);
}

TEST_CASE("a refused read is taken apart until the point that is missing is alone") {
    BusRules rules{.max_gap = 10};
    const std::vector<Point> points{point_at(100), point_at(101), point_at(103), point_at(105), point_at(106)};
    for (std::uint16_t hole = 100; hole <= 106; ++hole) {
        CAPTURE(hole);
        std::vector<ReadRequest> todo = plan_reads(points, all_of(points), rules);
        REQUIRE(todo.size() == 1);
        std::vector<std::uint16_t> read, missing;
        for (std::size_t next = 0; next < todo.size(); ++next) {
            const ReadRequest request = todo[next];
            if (hole < request.first || hole >= request.first + request.count) {
                read.insert(read.end(), request.points.begin(), request.points.end());
                continue;
            }
            const auto smaller = split_read(points, request, rules);
            if (smaller.empty()) missing.push_back(request.points.front());
            for (const ReadRequest& part : smaller) CHECK(part.points.size() < request.points.size());
            todo.insert(todo.end(), smaller.begin(), smaller.end());
        }
        const bool is_point = hole != 102 && hole != 104;  // else it was only read over
        CHECK(missing.size() == (is_point ? 1u : 0u));
        CHECK(read.size() + missing.size() == points.size());
        if (is_point && missing.size() == 1) CHECK(points[missing.front()].at.offset == hole);
        std::sort(read.begin(), read.end());
        CHECK(std::adjacent_find(read.begin(), read.end()) == read.end());
    }
}
