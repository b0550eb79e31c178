// What the read plans of all shipped profiles cost on their line, against the cheapest plan there is (found by looking
// at every way to group the points) and against one request for each point, as simple pollers do it.
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

#include "measure.hpp"
#include "profile/load/load.hpp"
#include "profile/read_plan.hpp"
#include "profile/read_time.hpp"
#include "profile/sunspec/sunspec.hpp"

using namespace busbar;
using namespace busbar::bench;
using namespace busbar::profile;

namespace {

double line_ms(const BusRules& rules, std::size_t registers) { return 1e3 * to_seconds(read_time(rules, registers)); }

Profile read_profile(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    auto loaded = load(text.str(), file.string());
    if (!loaded) {
        fmt::print(stderr, "bench: {}\n", loaded.error().text);
        std::exit(1);
    }
    if (!loaded->sunspec) return std::move(*loaded);
    std::vector<std::uint16_t> models;
    for (const ModelLength& m : loaded->sunspec->models) models.push_back(m.model);
    Profile placed = resolve_models(*loaded, chain_of(*loaded, 40000, models));
    for (Point& point : placed.points)
        if (has_far_exponent(point, placed.bus)) point = with_exponent(std::move(point), 0);
    return placed;
}

// Registers of one request that brings these points, 0 when the rules forbid it.
std::size_t registers_for(std::span<const Span> spans, Table table, const BusRules& rules) {
    std::uint32_t first = spans.front().first, last = 0, reached = spans.front().first;
    for (const Span& s : spans) {
        if (s.first > reached + rules.max_gap + (reached == first ? 0 : 1u) && &s != &spans.front()) return 0;
        last = reached = std::max<std::uint32_t>(last, s.last);
    }
    first -= first % rules.align;
    while ((last + 1) % rules.align != 0) ++last;
    if (rules.block != 0 && first / rules.block != last / rules.block) return 0;
    for (const RegisterRange& r : rules.forbidden)
        if (r.table == table && r.first <= last && r.last >= first) return 0;
    return last - first + 1 <= rules.max_registers ? last - first + 1 : 0;
}

double cheapest_ms(std::vector<Span> spans, Table table, const BusRules& rules) {
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.first < b.first; });
    std::vector<double> rest(spans.size() + 1, std::numeric_limits<double>::infinity());
    rest.back() = 0;
    for (std::size_t begin = spans.size(); begin-- > 0;)
        for (std::size_t end = begin + 1; end <= spans.size(); ++end) {
            const std::size_t registers = registers_for(std::span(spans).subspan(begin, end - begin), table, rules);
            if (registers != 0) rest[begin] = std::min(rest[begin], line_ms(rules, registers) + rest[end]);
        }
    return rest.front();
}

struct Cost {
    double ours = 0, best = 0, singly = 0;
};

// All points of one class: what is read together.
void add(Cost& cost, const Profile& p, PollClass every) {
    std::vector<std::uint16_t> which;
    for (std::uint16_t i = 0; i < p.points.size(); ++i)
        if (p.points[i].every == every) which.push_back(i);
    for (const ReadRequest& request : plan_reads(p.points, which, p.bus)) cost.ours += line_ms(p.bus, request.count);
    for (const Table table : {Table::holding, Table::input}) {
        std::vector<Span> spans;
        for (const std::uint16_t i : which)
            if (p.points[i].at.table == table) spans.push_back(span_of(p.points[i]));
        for (const Span& s : spans) cost.singly += line_ms(p.bus, s.last - s.first + 1u);
        if (!spans.empty()) cost.best += cheapest_ms(spans, table, p.bus);
    }
}

}  // namespace

int main() {
    Cost all;
    double worst = 0;
    int profiles = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("profiles")) {
        if (entry.path().extension() != ".yaml") continue;
        const Profile p = read_profile(entry.path());
        Cost one;
        for (const PollClass every : {PollClass::critical, PollClass::telemetry, PollClass::slow}) add(one, p, every);
        all.ours += one.ours, all.best += one.best, all.singly += one.singly;
        worst = std::max(worst, one.ours / one.best);
        ++profiles;
    }
    print({.measure = fmt::format("read plans of {} profiles, each at its own baud rate: time on the line", profiles),
           .ours = all.ours / 1e3,
           .peer = all.singly / 1e3,
           .ratio = all.ours / all.singly,
           .goal = 0.25,
           .unit = "s",
           .peer_name = "one request per point",
           .goal_is_ratio = true});
    print({.measure = "read plans: floor, the best plan there is",
           .ours = all.best / 1e3,
           .peer = all.singly / 1e3,
           .ratio = all.best / all.singly,
           .goal = 0.25,
           .unit = "s",
           .peer_name = "one request per point",
           .goal_is_ratio = true});
    print({.measure = "read plans: the worst profile against its best plan", .ours = worst, .goal = 1.03, .unit = "x"});
}
