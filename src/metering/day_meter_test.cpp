#include "metering/day_meter.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::metering;
using namespace std::chrono_literals;

namespace {
constexpr WallTime midnight{1'700'000'000'000ms};

// One reading each second from `from` on, for `seconds`.
void run(DayMeter& meter, int from, int seconds, const Powers& powers) {
    for (int s = from; s <= from + seconds; ++s) meter.add(Instant(std::chrono::seconds(s)), midnight, powers);
}
}  // namespace

TEST_CASE("an hour of sun: where the energy went") {
    DayMeter meter;
    run(meter, 0, 3600, {.pv_w = 4000, .battery_w = -1500, .grid_w = -2000, .house_w = 500});
    const DayEnergies e = meter.energies();
    CHECK(*e.pv_wh == doctest::Approx(4000));
    CHECK(*e.charged_wh == doctest::Approx(1500));
    CHECK(*e.discharged_wh == 0);
    CHECK(*e.export_wh == doctest::Approx(2000));
    CHECK(*e.import_wh == 0);
    CHECK(*e.house_wh == doctest::Approx(500));
    CHECK(*e.self_consumption_percent == doctest::Approx(50));
    CHECK(*e.autarky_percent == doctest::Approx(100));
}

TEST_CASE("what was not measured is unknown, not zero") {
    DayMeter meter;
    CHECK_FALSE(meter.energies().pv_wh.has_value());
    run(meter, 0, 600, {.pv_w = 100, .battery_w = {}, .grid_w = 0, .house_w = {}});
    CHECK(meter.energies().pv_wh.has_value());
    CHECK_FALSE(meter.energies().house_wh.has_value());
    CHECK_FALSE(meter.energies().charged_wh.has_value());
    CHECK_FALSE(meter.energies().autarky_percent.has_value());
}

TEST_CASE("a power is held for a short silence only; a long one makes the day unknown") {
    DayMeter meter;
    run(meter, 0, 3600, {.pv_w = 3600, .battery_w = {}, .grid_w = 0, .house_w = 0});
    meter.add(Instant(3700s), midnight, {.pv_w = 3600, .battery_w = {}, .grid_w = 0, .house_w = 0});  // 100 s silence
    CHECK(*meter.energies().pv_wh == doctest::Approx(3615));
    meter.add(Instant(7200s), midnight, {.pv_w = 3600, .battery_w = {}, .grid_w = 0, .house_w = 0});
    CHECK_FALSE(meter.energies().pv_wh.has_value());
}

TEST_CASE("a new day begins at zero, a restart goes on") {
    DayMeter meter;
    run(meter, 0, 60, {.pv_w = 6000, .battery_w = 0, .grid_w = 0, .house_w = 6000});
    meter.add(Instant(61s), midnight + 24h, {.pv_w = 0, .battery_w = 0, .grid_w = 0, .house_w = 0});
    meter.add(Instant(62s), midnight + 24h, {.pv_w = 0, .battery_w = 0, .grid_w = 0, .house_w = 0});
    CHECK(*meter.energies().pv_wh == 0);

    DayMeter again;
    again.resume(midnight,
                 {.pv_wh = 1000,
                  .house_wh = 500,
                  .import_wh = 100,
                  .export_wh = 600,
                  .charged_wh = 0,
                  .discharged_wh = 0,
                  .self_consumption_percent = {},
                  .autarky_percent = {}},
                 2h);
    run(again, 0, 3600, {.pv_w = 1000, .battery_w = 0, .grid_w = -500, .house_w = 500});
    CHECK(*again.energies().pv_wh == doctest::Approx(2000));
    CHECK(*again.energies().self_consumption_percent == doctest::Approx(45));
}

TEST_CASE("the time before anything was asked is not missing: hours of uptime do not hide the first minute") {
    DayMeter meter;
    meter.add(Instant{}, midnight, {});
    meter.add(Instant(9h), midnight, {});
    run(meter, 9 * 3600 + 2, 60, {.pv_w = 6000, .battery_w = {}, .grid_w = -6000, .house_w = 0});
    CHECK(*meter.energies().pv_wh == doctest::Approx(100));
    CHECK(*meter.energies().export_wh == doctest::Approx(100));
    // A new day counts from its midnight, also when nothing is known then.
    meter.add(Instant(20h), midnight + 24h, {});
    meter.add(Instant(21h), midnight + 24h, {.pv_w = 6000, .battery_w = {}, .grid_w = 0, .house_w = 0});
    meter.add(Instant(21h + 10s), midnight + 24h, {.pv_w = 6000, .battery_w = {}, .grid_w = 0, .house_w = 0});
    CHECK_FALSE(meter.energies().pv_wh.has_value());
}
