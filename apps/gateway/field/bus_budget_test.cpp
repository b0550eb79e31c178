#include "field/bus_budget.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::gateway;
using namespace std::chrono_literals;
using bus::budget::Load;

namespace {

config::BusConfig line(std::uint32_t baud) {
    config::BusConfig bus;
    bus.id = "rs485-1";
    bus.link = config::SerialPort{"/dev/ttyUSB0", baud, 'N', 1};
    return bus;
}

// Critical: one request of `critical` registers each second. Telemetry: `requests` of 60 registers in 10 s.
Load load(std::string device, std::uint16_t critical, std::size_t requests = 0) {
    Load l;
    l.device = std::move(device);
    if (critical > 0) l.critical = {{critical}, 1s};
    if (requests > 0) l.telemetry = {std::vector<std::uint16_t>(requests, 60), 10s};
    l.turnaround = {20ms, 50ms};
    return l;
}

std::shared_ptr<FieldReport> report_of(std::vector<Load> loads, Instant at) {
    auto facts = std::make_shared<std::vector<DeviceFacts>>();
    for (Load& one : loads) {
        facts->emplace_back();
        facts->back().config.id = one.device;
        facts->back().config.bus = "rs485-1";
        facts->back().config.unit = static_cast<std::uint8_t>(facts->size());
        facts->back().load = std::make_shared<const Load>(std::move(one));
    }
    auto report = std::make_shared<FieldReport>();
    report->facts = std::move(facts);
    report->buses = std::make_shared<std::vector<BusFacts>>(1, BusFacts{line(9600), {}});
    report->snapshot.at = at;
    return report;
}

}  // namespace

TEST_CASE("the budget of a bus says what is promised, and no more") {
    const struct {
        const char* what;
        std::vector<Load> loads;
        const char* verdict;
        const char* text;
        std::size_t promised;
    } cases[] = {
        {"nobody", {}, "fits", "0 % of the line is used", 0},
        {"one meter", {load("grid", 10)}, "fits", "never older than", 1},
        {"one without critical points", {load("grid", 10), load("sub", 0, 1)}, "fits", "never older than", 1},
        {"telemetry is spread", {load("grid", 10), load("roof", 10, 60)}, "replanned", "The line is full", 2},
        {"telemetry beyond spreading", {load("grid", 10), load("roof", 10, 600)}, "too_much", "What helps", 2},
        {"critical ones too old",
         {load("grid", 100), load("a", 120), load("b", 120), load("c", 120), load("d", 120), load("e", 120),
          load("f", 120), load("g", 120)},
         "too_much",
         "What helps",
         0},
    };
    for (const auto& c : cases) {
        CAPTURE(c.what);
        BusBudget budget;
        budget.take(report_of(c.loads, Instant(100s)));
        const auto view = budget.view("rs485-1");
        REQUIRE(view.has_value());
        CHECK(view->verdict == c.verdict);
        CHECK_MESSAGE(view->text.find(c.text) != std::string::npos, view->text);
        if (std::string(c.verdict) == "fits") CHECK(view->utilisation <= bus::budget::most_planned);
        if (c.promised > 0) CHECK(view->refresh.size() == c.promised);
        for (const auto& one : view->refresh) CHECK(one.guaranteed_ms > 1000);  // no sooner than it is asked
        CHECK_FALSE(budget.view("rs485-2").has_value());
    }
}

TEST_CASE("the budget of a bus follows its devices at once and its measurements within ten seconds") {
    BusBudget budget;
    CHECK_FALSE(budget.view("rs485-1").has_value());
    budget.take(report_of({load("grid", 10)}, Instant(100s)));
    const auto first = *budget.view("rs485-1");
    auto both = report_of({load("grid", 10), load("roof", 10)}, Instant(101s));
    budget.take(both);
    const auto second = *budget.view("rs485-1");
    CHECK(second.utilisation > first.utilisation);

    bus::BusStatistics statistics;
    statistics.units.push_back({.unit = 1,
                                .answers = 100,
                                .turnaround_us_p50 = 300'000,
                                .turnaround_us_p99 = 400'000,
                                .worst_refresh = 1234ms});
    for (const auto& [at, is_seen] : {std::pair{Instant(110s), false}, std::pair{Instant(111s), true}}) {
        auto later = std::make_shared<FieldReport>(*both);
        later->buses = std::make_shared<std::vector<BusFacts>>(1, BusFacts{line(9600), statistics});
        later->snapshot.at = at;
        budget.take(later);
        const auto view = *budget.view("rs485-1");
        CHECK((view.utilisation > second.utilisation + 0.2) == is_seen);
        CHECK(view.is_estimated);  // one of them still
        REQUIRE(view.refresh.size() == 2);
        CHECK(view.refresh[0].measured_ms.has_value() == is_seen);
        if (is_seen) CHECK(*view.refresh[0].measured_ms == doctest::Approx(1234));
        CHECK_FALSE(view.refresh[1].measured_ms.has_value());
    }
    const auto surest = budget.surest_loads("rs485-1");
    REQUIRE(surest.size() == 2);
    CHECK(surest[0].turnaround.usual > 200ms);  // measured
    CHECK(surest[0].turnaround.worst == surest[0].turnaround.usual);
    CHECK(surest[1].turnaround.worst == 0ms);  // not measured
    CHECK(budget.surest_loads("rs485-2").empty());

    budget.take(report_of(std::vector<Load>(BusBudget::most_devices + 1, load("many", 1)), Instant(112s)));
    CHECK_FALSE(budget.view("rs485-1").has_value());
}

TEST_CASE("a bus is not called too full for what a device that was not measured might take") {
    Load slow = load("roof", 60);
    slow.turnaround = {900ms, 4s};
    BusBudget budget;
    auto report = report_of({slow}, Instant(100s));
    budget.take(report);
    REQUIRE(budget.view("rs485-1").has_value());
    CHECK(budget.view("rs485-1")->verdict == "fits");
    CHECK(budget.view("rs485-1")->is_estimated);
    CHECK(budget.view("rs485-1")->text.find("not measured yet") != std::string::npos);
    for (const auto& [p99, verdict] : {std::pair{300'000u, "fits"}, std::pair{5'000'000u, "too_much"}}) {
        bus::BusStatistics statistics;
        statistics.units.push_back({.unit = 1, .answers = 100, .turnaround_us_p50 = 200'000, .turnaround_us_p99 = p99});
        auto later = std::make_shared<FieldReport>(*report);
        later->buses = std::make_shared<std::vector<BusFacts>>(1, BusFacts{line(9600), statistics});
        later->snapshot.at = report->snapshot.at + 10s;
        budget.take(later);
        report = later;
        REQUIRE(budget.view("rs485-1").has_value());
        CHECK(budget.view("rs485-1")->verdict == verdict);
        CHECK_FALSE(budget.view("rs485-1")->is_estimated);
    }
}

TEST_CASE("telemetry of a full line is asked less often, and as wanted again when there is room") {
    BusBudget budget;
    const auto stretch = [&] { return budget.stretches().at("rs485-1"); };
    budget.take(report_of({load("grid", 10), load("roof", 10, 20)}, Instant(100s)));
    CHECK(stretch() == 1);
    CHECK(budget.view("rs485-1")->spread.empty());
    budget.take(report_of({load("grid", 10), load("roof", 10, 60)}, Instant(101s)));
    const double full = stretch();
    CHECK(full > 1);
    CHECK(full <= bus::budget::most_stretch);
    const auto view = *budget.view("rs485-1");
    CHECK(view.utilisation <= bus::budget::most_planned);
    REQUIRE(view.spread.size() == 1);
    CHECK(view.spread[0].device == "roof");
    CHECK(view.spread[0].wanted_s == 10);
    CHECK(view.spread[0].every_s == doctest::Approx(10 * full));
    budget.take(report_of({load("grid", 10), load("roof", 10, 59)}, Instant(102s)));
    CHECK(stretch() == full);  // no back and forth
    budget.take(report_of({load("grid", 10), load("roof", 10, 600)}, Instant(103s)));
    CHECK(stretch() == bus::budget::most_stretch);  // too much, and no worse than it has to be
    budget.take(report_of({load("grid", 10), load("roof", 10, 20)}, Instant(104s)));
    CHECK(stretch() == 1);

    const device::PollTiming timing = device::stretched({1s, 10s, 10min}, 2.5);
    CHECK(timing.critical == Duration{1s});
    CHECK(timing.telemetry == Duration{25s});
    CHECK(timing.slow == Duration{25min});
}

TEST_CASE("a device that is too much for its line is refused with the reason; a full line refuses nobody") {
    const std::vector<Load> crowd(12, load("meter", 120));
    const struct {
        const char* what;
        std::uint32_t baud;
        std::vector<Load> there;
        Load added;
        bool may;
    } cases[] = {
        {"the first", 9600, {}, load("roof", 10, 1), true},
        {"a second", 9600, {load("grid", 10)}, load("roof", 10, 1), true},
        {"telemetry comes late, no more", 9600, {load("grid", 10)}, load("roof", 10, 60), true},
        {"too much", 9600, {load("grid", 10)}, load("roof", 10, 600), false},
        {"the same on a fast line", 460800, {load("grid", 10)}, load("roof", 10, 60), true},
        {"too full before", 9600, crowd, load("roof", 10), true},
    };
    for (const auto& c : cases) {
        CAPTURE(c.what);
        std::vector<Load> then = c.there;
        then.push_back(c.added);
        const Status room = check_room({line(c.baud), c.there}, {line(c.baud), then}, "roof");
        CHECK(room.has_value() == c.may);
        if (room) continue;
        CHECK(room.error().kind == Errc::denied);
        CHECK(room.error().text.starts_with("bus 'rs485-1' has no room for device 'roof': "));
        CHECK(room.error().text.find("What helps: ") != std::string::npos);
    }
}

TEST_CASE("a line is not set so slow that its devices do not fit any more") {
    const std::vector<Load> loads(6, load("meter", 40));
    CHECK(check_room({line(19200), loads}, {line(9600), loads}, "").has_value());
    CHECK(check_room({line(19200), loads}, {line(1200), loads}, "").error().kind == Errc::denied);
    CHECK(check_room({line(1200), loads}, {line(600), loads}, "").has_value());  // was too full before
}
