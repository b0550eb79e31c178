// The read plans of every shipped profile against a planner of this test's own: no plan may cost more than 3 % above
// the best, counted in requests and registers, and on a serial line in time.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

#include "profile/load/load.hpp"
#include "profile/read_plan.hpp"
#include "profile/sunspec/sunspec.hpp"

using namespace busbar;
using namespace busbar::profile;

namespace {

constexpr double turnaround_ms = 10;  // what a meter takes to answer
constexpr double allowed = 1.03;

struct Shipped {
    Profile profile;
    bool is_serial = false;  // its file names a baud rate
};

Shipped read_profile(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    auto loaded = load(text.str(), file.string());
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text));
    Shipped shipped{std::move(*loaded), text.str().find("baud:") != std::string::npos};
    Profile& profile = shipped.profile;
    if (!profile.sunspec) return shipped;
    std::vector<std::uint16_t> models;
    for (const ModelLength& m : profile.sunspec->models) models.push_back(m.model);
    profile = resolve_models(profile, chain_of(profile, 40000, models));
    for (Point& point : profile.points)
        if (has_far_exponent(point, profile.bus)) point = with_exponent(std::move(point), 0);
    return shipped;
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

// The cheapest way to read the points from `begin` on, by what a request of so many registers costs.
double cheapest(std::vector<Span> spans, Table table, const BusRules& rules,
                const std::function<double(std::size_t)>& cost) {
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.first < b.first; });
    std::vector<double> rest(spans.size() + 1, std::numeric_limits<double>::infinity());
    rest.back() = 0;
    for (std::size_t begin = spans.size(); begin-- > 0;)
        for (std::size_t end = begin + 1; end <= spans.size(); ++end) {
            if (spans[end - 1].first > spans[begin].first + 125u) break;
            const std::size_t registers = registers_for(spans, begin, end, table, rules);
            if (registers != 0) rest[begin] = std::min(rest[begin], cost(registers) + rest[end]);
        }
    return rest.front();
}

void compare(const Shipped& shipped, const std::vector<std::uint16_t>& which, std::string_view what,
             const std::function<double(std::size_t)>& cost) {
    const Profile& profile = shipped.profile;
    double ours = 0, best = 0;
    for (const ReadRequest& request : plan_reads(profile.points, which, profile.bus)) ours += cost(request.count);
    for (const Table table : {Table::holding, Table::input}) {
        std::vector<Span> spans;
        for (const std::uint16_t i : which)
            if (profile.points[i].at.table == table) spans.push_back(span_of(profile.points[i]));
        if (!spans.empty()) best += cheapest(spans, table, profile.bus, cost);
    }
    CHECK_MESSAGE(ours <= best * allowed, profile.name << ": " << what << " " << ours << ", best is " << best);
}

// Milliseconds on the profile's line: request, turnaround, answer, silences, the pause the device wants.
double line_ms(const BusRules& rules, std::size_t registers) {
    const double character_ms = 11'000.0 / rules.baud;
    return (8 + 5 + 2.0 * static_cast<double>(registers) + 7) * character_ms + turnaround_ms +
           1e3 * to_seconds(rules.pause);
}

}  // namespace

TEST_CASE("the read plans of every shipped profile are within 3 % of the best") {
    int seen = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("profiles")) {
        if (entry.path().extension() != ".yaml") continue;
        const Shipped shipped = read_profile(entry.path());
        std::vector<std::vector<std::uint16_t>> sets(4);  // per class, and all
        for (std::uint16_t i = 0; i < shipped.profile.points.size(); ++i) {
            sets[static_cast<std::size_t>(shipped.profile.points[i].every)].push_back(i);
            sets[3].push_back(i);
        }
        for (const auto& which : sets) {
            if (which.empty()) continue;
            compare(shipped, which, "requests and registers",
                    [](std::size_t registers) { return 1e4 + static_cast<double>(registers); });
            if (shipped.is_serial)
                compare(shipped, which, "milliseconds on the line",
                        [&](std::size_t registers) { return line_ms(shipped.profile.bus, registers); });
        }
        ++seen;
    }
    CHECK(seen >= 40);
}
