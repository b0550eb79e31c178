// The read plans of every shipped profile against a planner of this test's own: no plan may take more than 3 % more
// time on the line than the best.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "profile/load/load.hpp"
#include "profile/read_plan.hpp"
#include "profile/read_time.hpp"
#include "profile/sunspec/sunspec.hpp"

using namespace busbar;
using namespace busbar::profile;

namespace {

constexpr double allowed = 1.03;

Profile read_profile(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    auto loaded = load(text.str(), file.string());
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text));
    Profile profile = std::move(*loaded);
    if (!profile.sunspec) return profile;
    std::vector<std::uint16_t> models;
    for (const ModelLength& m : profile.sunspec->models) models.push_back(m.model);
    profile = resolve_models(profile, chain_of(profile, 40000, models));
    for (Point& point : profile.points)
        if (has_far_exponent(point, profile.bus)) point = with_exponent(std::move(point), 0);
    return profile;
}

// Registers of one request that brings these points (sorted by first register), as the bus rules have it; 0 = not
// allowed. It walks every register.
std::size_t registers_for(const std::vector<Span>& spans, std::size_t begin, std::size_t end, Table table,
                          const BusRules& rules) {
    std::uint32_t first = spans[begin].first, last = 0;
    for (std::size_t i = begin; i < end; ++i) last = std::max<std::uint32_t>(last, spans[i].last);
    std::uint32_t gap = 0;
    for (std::uint32_t r = first; r <= last; ++r) {
        const bool is_wanted = std::any_of(spans.begin() + static_cast<std::ptrdiff_t>(begin),
                                           spans.begin() + static_cast<std::ptrdiff_t>(end),
                                           [&](const Span& s) { return r >= s.first && r <= s.last; });
        gap = is_wanted ? 0 : gap + 1;
        if (gap > rules.max_gap) return 0;
    }
    while (first % rules.align != 0) --first;
    while ((last + 1) % rules.align != 0) ++last;
    for (std::uint32_t r = first; r <= last; ++r) {
        if (rules.block != 0 && r != first && r % rules.block == 0) return 0;
        for (const RegisterRange& range : rules.forbidden)
            if (range.table == table && r >= range.first && r <= range.last) return 0;
    }
    return last - first + 1 <= rules.max_registers ? last - first + 1 : 0;
}

// The quickest way to read the points from `begin` on.
double quickest(std::vector<Span> spans, Table table, const BusRules& rules) {
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.first < b.first; });
    std::vector<double> rest(spans.size() + 1, std::numeric_limits<double>::infinity());
    rest.back() = 0;
    for (std::size_t begin = spans.size(); begin-- > 0;)
        for (std::size_t end = begin + 1; end <= spans.size(); ++end) {
            if (spans[end - 1].first > spans[begin].first + 125u) break;
            const std::size_t registers = registers_for(spans, begin, end, table, rules);
            if (registers != 0)
                rest[begin] = std::min(rest[begin], to_seconds(read_time(rules, registers)) + rest[end]);
        }
    return rest.front();
}

void compare(const Profile& profile, const std::vector<std::uint16_t>& which) {
    double ours = 0, best = 0;
    for (const ReadRequest& request : plan_reads(profile.points, which, profile.bus))
        ours += to_seconds(read_time(profile.bus, request.count));
    for (const Table table : {Table::holding, Table::input}) {
        std::vector<Span> spans;
        for (const std::uint16_t i : which)
            if (profile.points[i].at.table == table) spans.push_back(span_of(profile.points[i]));
        if (!spans.empty()) best += quickest(spans, table, profile.bus);
    }
    CHECK_MESSAGE(ours <= best * allowed, profile.name << ": " << ours << " s on the line, best is " << best);
}

}  // namespace

TEST_CASE("the read plans of every shipped profile are within 3 % of the best") {
    int seen = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("profiles")) {
        if (entry.path().extension() != ".yaml") continue;
        const Profile profile = read_profile(entry.path());
        std::vector<std::vector<std::uint16_t>> sets(4);  // per class, and all
        for (std::uint16_t i = 0; i < profile.points.size(); ++i) {
            sets[static_cast<std::size_t>(profile.points[i].every)].push_back(i);
            sets[3].push_back(i);
        }
        for (const auto& which : sets)
            if (!which.empty()) compare(profile, which);
        ++seen;
    }
    CHECK(seen >= 40);
}
