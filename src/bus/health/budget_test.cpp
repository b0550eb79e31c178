#include "bus/health/budget.hpp"

#include "bus/health/budget_rig.hpp"
#include "bus/master/request_queue.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace busbar::bus::budget;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::uint16_t>;

Load load(std::string name, Words critical, Words telemetry, Duration turnaround, Duration pause = 0ms) {
    return {.device = std::move(name),
            .critical = {std::move(critical), 1s},
            .telemetry = {std::move(telemetry), 10s},
            .pause = pause,
            .turnaround = {turnaround, turnaround}};
}
std::vector<Load> many(int count, const Words& critical, const Words& telemetry, Duration turnaround) {
    std::vector<Load> loads;
    for (int i = 0; i < count; ++i) loads.push_back(load("d" + std::to_string(i + 1), critical, telemetry, turnaround));
    return loads;
}

}  // namespace

TEST_CASE("an exchange takes what the wire takes") {
    // 9600 8N1: 1.0417 ms a character, 3.646 ms of silence; 8 bytes out, 5 + 2 * 20 back.
    CHECK(to_seconds(exchange_time({9600, 10}, 20, 10ms)) == doctest::Approx(0.0689).epsilon(0.002));
    CHECK(exchange_time({0, 10}, 20, 10ms) == Duration{10ms});
    CHECK(line_of(SerialSettings{.path = "a", .baud = 19200, .parity = 'E'}).character_bits == 11);
    CHECK(line_of(TcpSettings{.host = "h"}).baud == 0);
}

TEST_CASE("a line with room fits, and the sentence says how old values can get") {
    const auto loads = many(4, {20}, {60, 30}, 20ms);
    const Plan p = plan({9600, 10}, loads);
    CHECK(p.verdict == Verdict::fits);
    CHECK(p.stretch == 1);
    // 4 devices: 78.9 ms a second, and 162.2 + 99.7 ms in ten.
    CHECK(p.utilisation == doctest::Approx(4 * (0.0789 + 0.0262)).epsilon(0.01));
    REQUIRE(p.refresh.size() == 4);
    for (const Refresh& r : p.refresh) {
        REQUIRE(r.guaranteed.has_value());
        CHECK(*r.guaranteed > Duration{1s});
        CHECK(*r.guaranteed < Duration{1600ms});
        CHECK(*r.when_one_fails > *r.guaranteed + 1s);
    }
    CHECK(p.text == "42 % of the line is used; what control needs is never older than 1.4 s.");
    CHECK(plan({9600, 10}, {}).verdict == Verdict::fits);
}

TEST_CASE("telemetry is spread before anything is refused") {
    const auto loads = many(8, {20}, {100, 100, 100}, 20ms);
    const Plan p = plan({9600, 10}, loads);
    CHECK(p.verdict == Verdict::replanned);
    CHECK(p.wanted > 1);
    CHECK(p.utilisation == doctest::Approx(most_planned));
    CHECK(p.stretch > 1.5);
    CHECK(p.stretch < 4);
    CHECK(p.text.find("telemetry comes") != std::string::npos);
}

TEST_CASE("what does not fit names the device, and what helps helps") {
    auto loads = many(6, {20}, {20}, 20ms);
    loads.push_back(load("hog", {100, 60}, {100}, 100ms));
    const Line line{9600, 10};
    const Plan p = plan(line, loads);
    REQUIRE(p.verdict == Verdict::too_much);
    CHECK(p.breaks_it == "hog");
    CHECK(p.text.find("hog") != std::string::npos);
    CHECK(p.text.find("What helps: hog on a line of its own, or the line at ") != std::string::npos);
    CHECK(p.remedy.other_line);
    REQUIRE(p.remedy.baud.has_value());
    CHECK(plan({*p.remedy.baud, 10}, loads).verdict != Verdict::too_much);
    REQUIRE(p.remedy.critical_period.has_value());
    CHECK(*p.remedy.critical_period > Duration{1s});
    loads.pop_back();
    CHECK(plan(line, loads).verdict == Verdict::fits);
}

TEST_CASE("a line that is full of small loads has no single culprit") {
    const auto loads = many(20, {60}, {60}, 50ms);
    const Plan p = plan({9600, 10}, loads);
    CHECK(p.verdict == Verdict::too_much);
    CHECK_FALSE(p.remedy.other_line);
    CHECK(p.wanted > 3);
    CHECK_FALSE(p.text.empty());
}

TEST_CASE("measured devices count as they are, unknown ones by their profile") {
    CHECK(assumed_turnaround(1s).worst == Duration{100ms});
    Load l = load("a", {20, 10}, {}, 50ms);
    const Line line{9600, 10};
    UnitStatistics s;
    s.answers = 19;
    s.turnaround_us_p50 = 60'000;
    s.turnaround_us_p99 = 90'000;
    use_measured(l, line, s);
    CHECK(l.turnaround.worst == Duration{50ms});
    s.answers = 20;
    use_measured(l, line, s);
    CHECK(l.turnaround.usual == Duration{60ms});
    CHECK(l.turnaround.worst == Duration{90ms});
    s.turnaround_us_p50 = 0;  // the silence before its answer is the least there is
    use_measured(l, line, s);
    CHECK(to_seconds(l.turnaround.usual) == doctest::Approx(0.0036).epsilon(0.05));
}

TEST_CASE("long answers are not taken for late ones, nor refusals for answers; what is measured keeps the promise") {
    const Line line{9600, 10};
    const auto loads = many(4, {10}, {120, 60}, 20ms);
    BudgetRig plant(line, loads, true);
    plant.run(120s);
    const BusStatistics measured = plant.statistics();
    auto learned = loads;
    for (std::size_t i = 0; i < loads.size(); ++i) {
        const UnitStatistics& unit = measured.units[i];
        REQUIRE(unit.unit == i + 1);
        learned[i].turnaround = assumed_turnaround(5s);
        use_measured(learned[i], line, unit);
        CHECK(to_seconds(learned[i].turnaround.worst) == doctest::Approx(0.020).epsilon(0.15));
        REQUIRE(unit.worst_refresh.has_value());
        CHECK(*unit.worst_refresh == plant.measured().worst[i]);
    }
    const Plan p = plan(line, learned);
    for (std::size_t i = 0; i < loads.size(); ++i) CHECK(plant.measured().worst[i] <= *p.refresh[i].guaranteed);
}

TEST_CASE("a real master keeps the guarantee, and the guarantee is not idle talk") {
    struct Case {
        std::string name;
        Line line;
        std::vector<Load> loads;
    };
    std::vector<Case> cases;
    cases.push_back({"a house", {9600, 10}, many(4, {20, 10}, {60, 30}, 20ms)});
    cases.push_back({"twenty meters", {19200, 10}, many(20, {10}, {40}, 15ms)});
    cases.push_back({"a full line", {9600, 10}, many(12, {50, 20}, {80}, 30ms)});
    cases.push_back({"TCP", {0, 10}, many(3, {100, 50, 20}, {100, 100}, 40ms)});
    auto mixed = many(6, {30}, {100, 20}, 10ms);
    mixed.push_back(load("slow", {60}, {60}, 150ms, 100ms));
    mixed[0].writes = {{2, 1}, 1s};
    mixed.back().by_hand = 60;
    cases.push_back({"slow with a pause, and setpoints", {19200, 11}, mixed});
    mixed.back() = load("slow", {40, 40}, {60}, 150ms, 600ms);
    cases.push_back({"pauses longer than the period", {19200, 11}, mixed});
    for (Load& l : mixed) l.by_hand = 60;
    cases.push_back({"and people who ask and ask", {19200, 11}, mixed});
    cases.push_back(
        {"pauses longer than the period, alone", {9600, 10}, {load("alone", {2, 22}, {28, 5}, 60ms, 850ms)}});
    for (const Case& c : cases) {
        CAPTURE(c.name);
        const Plan p = plan(c.line, c.loads);
        BudgetRig plant(c.line, c.loads, c.loads.size() > 1);
        const Measured m = plant.run(300s);
        for (std::size_t i = 0; i < c.loads.size(); ++i) {
            CAPTURE(c.loads[i].device);
            REQUIRE(p.refresh[i].guaranteed.has_value());
            CHECK(m.worst[i] <= *p.refresh[i].guaranteed);
            CHECK(m.worst[i] > *p.refresh[i].guaranteed / 2);
        }
        MESSAGE(c.name, ": used ", plant.utilisation(), ", planned ", p.wanted, "; refresh ",
                to_seconds(*std::max_element(m.worst.begin(), m.worst.end())), " s, guaranteed ",
                to_seconds(*p.refresh.back().guaranteed), " s");
    }
}

TEST_CASE("who asks a device by hand that is busy with its pauses waits for a bounded time") {
    // As the storage inverters that want 850 ms: two critical reads each second that take two, and telemetry.
    Load battery = load("battery", {2, 22}, {28, 5}, 60ms, 850ms);
    battery.by_hand = 49;
    battery.tolerated = 7s;
    auto loads = many(6, {10}, {60, 40}, 20ms);
    loads.push_back(battery);
    for (const bool is_alone : {true, false}) {
        CAPTURE(is_alone);
        const Line line{9600, 10};
        const std::vector<Load> on_it = is_alone ? std::vector<Load>{battery} : loads;
        BudgetRig plant(line, on_it, !is_alone);
        const Measured m = plant.run(300s);
        const Plan p = plan(line, on_it);
        CHECK(p.verdict == Verdict::fits);
        CHECK(m.worst.back() <= *p.refresh.back().guaranteed);
        // A turn each third request, of a unit whose every request takes this long at most; one of its telemetry and
        // one in the background may have waited longer.
        const Duration each = battery.pause + exchange_time(line, 49, 60ms) + exchange_time(line, 60, 20ms);
        CHECK(m.longest_by_hand <= 3 * (own_turn_after + 1) * each);
        CHECK(m.by_hand >= 300s / ((own_turn_after + 1) * each) * 2 / 3);
        MESSAGE(m.by_hand, " requests in five minutes, the longest ", to_seconds(m.longest_by_hand), " s; refresh ",
                to_seconds(m.worst.back()), " s, guaranteed ", to_seconds(*p.refresh.back().guaranteed), " s");
    }
}

TEST_CASE("on a full line a new device opens all the same, and the guarantee holds") {
    constexpr int reads = 30;
    struct Case {
        std::string name;
        std::vector<Load> loads;
        Duration longest;  // opening
        bool is_promised;  // the line has a guarantee
    };
    const std::vector<Case> cases{
        {"full of telemetry", many(8, {20}, {100, 100, 60}, 20ms), reads * (background_turn + 900ms), true},
        {"full of what control needs", many(14, {20}, {60}, 20ms), reads * (2 * lower_turn + 500ms), false},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        const Line line{9600, 10};
        const Plan p = plan(line, c.loads);
        CHECK(p.wanted > 1.1);
        CHECK(p.wanted < 1.35);
        BudgetRig plant(line, c.loads, true);
        plant.run(30s);
        const auto took = plant.open_one(reads, 300s);
        REQUIRE(took.has_value());
        CHECK(*took < c.longest);
        for (std::size_t i = 0; i < c.loads.size(); ++i) {
            if (!c.is_promised) continue;
            REQUIRE(p.refresh[i].guaranteed.has_value());
            CHECK(plant.measured().worst[i] <= *p.refresh[i].guaranteed);
        }
        MESSAGE(c.name, ": wanted ", p.wanted, "; a device with ", reads, " reads opens in ", to_seconds(*took),
                " s; refresh ", to_seconds(plant.measured().worst.front()), " s, guaranteed ",
                to_seconds(p.refresh.front().guaranteed.value_or(0s)), " s");
    }
}
