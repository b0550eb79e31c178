#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "plant/scenario/text.hpp"
#include "plant/site.hpp"

namespace busbar::plant {
namespace {

WallTime utc(std::string_view text) {
    return WallTime{std::chrono::milliseconds(static_cast<std::int64_t>(parse_instant_s(text).value() * 1000))};
}
Scenario scenario(std::string_view text) {
    auto s = parse(text);
    REQUIRE_MESSAGE(s.has_value(), (s ? std::string() : s.error().text));
    return *s;
}

TEST_CASE("the sun stands where the NREL algorithm's published example says") {
    // NREL/TP-560-34302, example of appendix A.5: zenith 50.11162 and azimuth 194.34024 degrees, with refraction of
    // about 0.016 degrees there.
    const auto sun = sun_position({39.742476, -105.1786}, utc("2003-10-17T19:30:30Z"));
    CHECK(sun.elevation_deg == doctest::Approx(90 - 50.11162).epsilon(0.001));
    CHECK(sun.azimuth_deg == doctest::Approx(194.34024).epsilon(0.0005));
}

TEST_CASE("the sun is overhead on the tropic at the solstice, on the equator at the equinox, and rises in the east") {
    CHECK(sun_position({23.436, 0}, utc("2024-06-20T12:02:00Z")).elevation_deg > 89.5);
    CHECK(sun_position({0, 0}, utc("2024-03-20T12:07:30Z")).elevation_deg > 89.5);
    const auto dawn = sun_position({48.1, 11.6}, utc("2024-03-20T05:30:00Z"));
    CHECK(dawn.elevation_deg > 0);
    CHECK(dawn.azimuth_deg == doctest::Approx(95).epsilon(0.05));
    CHECK(clear_sky(sun_position({48.1, 11.6}, utc("2024-06-20T23:00:00Z")).elevation_deg).beam_wm2 == 0);
}

TEST_CASE("a clear day on a German roof gives a believable yield") {
    auto s = scenario("site place 48.1 11.6 | start 2024-06-21T00:00:00Z | pv 10kW tilt=30 | load 0W");
    Site site(s, 1);
    double peak_w = 0;
    for (int i = 0; i < 86400 / 10; ++i) {
        site.step(10, {});
        peak_w = std::max(peak_w, site.state().pv_w);
    }
    CHECK(peak_w > 8000);
    CHECK(peak_w < 10200);
    CHECK(site.energy().pv_wh > 60'000);  // 6 to 8 kWh per kWp on the best days
    CHECK(site.energy().pv_wh < 82'000);
}

TEST_CASE("inverter losses: monotonic, invertible, never a gain") {
    const InverterSpec spec{8000, 0.5};
    double before = -1e9;
    for (double ac = -8000; ac <= 8000; ac += 37) {
        if (ac == 0) continue;
        const double dc = dc_from_ac_w(spec, ac);
        CHECK(dc > before);
        before = dc;
        CHECK(dc >= ac);
        if (dc > 30 || dc < 0) CHECK(ac_from_dc_w(spec, dc) == doctest::Approx(ac).epsilon(1e-9));
    }
    CHECK(8000 / dc_from_ac_w(spec, 8000) == doctest::Approx(0.977).epsilon(0.001));
    CHECK(ac_from_dc_w(spec, 10) == 0);
}

TEST_CASE("a battery keeps its limits and its energy adds up") {
    Battery battery({.capacity_wh = 10'000, .charge_max_w = 5000, .discharge_max_w = 5000}, 50);
    Random random(7, "test");
    const double start_wh = battery.stored_wh();
    for (int i = 0; i < 20'000; ++i) {
        const double wanted = random.uniform(-9000, 9000) + (i / 5000 % 2 == 0 ? -3000 : 3000);
        const double most_in = battery.charge_limit_w(), most_out = battery.discharge_limit_w();
        const double power = battery.step(wanted, 5);
        CHECK(power >= -most_in);
        CHECK(power <= most_out);
        CHECK(battery.soc() <= 100);
        CHECK(battery.soc() >= 4.5);  // the standby draw may go a little below the end of discharge
    }
    const double in = battery.energy().negative.wh(), out = battery.energy().positive.wh();
    CHECK(battery.stored_wh() - start_wh == doctest::Approx(in - out - battery.loss_wh()).epsilon(1e-6));
    CHECK(battery.loss_wh() > 0.05 * out);
}

TEST_CASE("a battery tapers to nothing at its ends") {
    Battery full({.capacity_wh = 10'000}, 100), empty({.capacity_wh = 10'000}, 5), nearly({.capacity_wh = 10'000}, 99);
    CHECK(full.step(-5000, 1) == 0);
    CHECK(empty.step(5000, 1) == 0);
    CHECK(nearly.charge_limit_w() == doctest::Approx(1000));
    CHECK(full.step(5000, 1) == 5000);
}

TEST_CASE("energy is conserved over a day, whatever the weather, appliances and battery do") {
    auto s = scenario(
        "site place 48 11 | start 2024-05-10T00:00:00Z | weather broken | pv 8kW | load 250W appliances | "
        "battery 10kWh soc=30% pv=5kW rated=6kW");
    Site site(s, 42);
    const double stored_before = site.converters()[1].battery()->stored_wh();
    for (int i = 0; i < 86400; ++i) {
        site.step(1, {});
        const auto now = site.state();
        CHECK(now.load_w == doctest::Approx(now.grid_w + now.ac_w).epsilon(1e-9).scale(1));
    }
    const auto e = site.energy();
    CHECK(e.pv_wh + e.import_wh + e.discharged_wh ==
          doctest::Approx(e.export_wh + e.load_wh + e.charged_wh + e.loss_wh).epsilon(1e-6));
    const auto* battery = site.converters()[1].battery();
    CHECK(battery->stored_wh() - stored_before ==
          doctest::Approx(e.charged_wh - e.discharged_wh - battery->loss_wh()).epsilon(1e-4));
    CHECK(e.load_wh > 8'000);
    CHECK(e.load_wh < 16'000);
    CHECK(e.charged_wh > 3'000);  // its own logic did something
}

TEST_CASE("an energy counter loses nothing, however the time is cut") {
    EnergyCounter one, many;
    one.add(1234.567, 3600);
    for (int i = 0; i < 36'000; ++i) many.add(1234.567, 0.1);
    CHECK(std::abs(one.millijoules() - many.millijoules()) <= 1);
    CHECK(one.wh() == doctest::Approx(1234.567));
}

TEST_CASE("the same seed gives the same plant, another seed another one") {
    auto s = scenario("site weather broken | pv 8kW | load 250W appliances | battery 10kWh");
    Site a(s, 5), b(s, 5), c(s, 6);
    bool is_different = false;
    for (int i = 0; i < 5000; ++i) {
        a.step(1, {});
        b.step(1, {});
        c.step(1, {});
        CHECK(a.state().grid_w == b.state().grid_w);
        is_different = is_different || a.state().grid_w != c.state().grid_w;
    }
    CHECK(is_different);
}

TEST_CASE("a limit takes effect with a ramp and goes when its lease ends") {
    auto s = scenario("site pv 8kW rated=8kW | load 0W");
    Site site(s, 1);
    site.pin_pv(0, 7000);
    auto& inverter = site.converters()[0];
    for (int i = 0; i < 100; ++i) site.step(0.1, {});
    CHECK(inverter.ac_w() > 6700);
    inverter.limit_percent.set(50, 20);
    site.step(0.1, {});
    CHECK(inverter.ac_w() > 4000);
    for (int i = 0; i < 50; ++i) site.step(0.1, {});
    CHECK(inverter.ac_w() == doctest::Approx(4000).epsilon(0.001));
    CHECK(inverter.pv_w() < 4200);  // the rest is not taken from the roof
    for (int i = 0; i < 200; ++i) site.step(0.1, {});
    CHECK(inverter.ac_w() > 6700);
}

TEST_CASE("a hybrid keeps the grid at zero by itself, obeys while told, and goes back to its own logic") {
    auto s = scenario("site battery 10kWh soc=50% pv=5kW rated=6kW | load 1kW");
    Site site(s, 1);
    site.pin_pv(0, 3000);
    const auto run = [&](int seconds) {
        for (int i = 0; i < seconds * 10; ++i) site.step(0.1, {});
        return site.state();
    };
    CHECK(std::abs(run(30).grid_w) < 30);
    CHECK(site.state().battery_w < -1500);
    site.converters()[0].battery_set.set(1000, 60);
    CHECK(run(10).battery_w == doctest::Approx(1000).epsilon(0.01));
    CHECK(site.state().battery_controlled);
    CHECK(site.state().grid_w < -2700);
    run(51);
    CHECK_FALSE(site.state().battery_controlled);
    CHECK(std::abs(run(30).grid_w) < 30);
}

TEST_CASE("a limited hybrid sends the sun first and keeps the rest of its roof for charging") {
    auto s = scenario("site battery 10kWh soc=50% pv=8kW rated=6kW | load 0W");
    Site site(s, 1);
    site.pin_pv(0, 6000);
    site.converters()[0].limit.set(2000, RemoteValue::for_ever);
    site.converters()[0].battery_set.set(-3000, RemoteValue::for_ever);
    for (int i = 0; i < 100; ++i) site.step(0.1, {});
    CHECK(site.state().ac_w == doctest::Approx(2000).epsilon(0.001));
    CHECK(site.state().battery_w == doctest::Approx(-3000).epsilon(0.001));
    CHECK(site.state().pv_w > 5000);
    site.converters()[0].battery_set.set(3000, RemoteValue::for_ever);
    for (int i = 0; i < 100; ++i) site.step(0.1, {});
    CHECK(site.state().ac_w == doctest::Approx(2000).epsilon(0.001));
    CHECK(std::abs(site.state().battery_w) < 1);  // nothing fits beside the sun
}

TEST_CASE("feeding in lifts the voltage, taking lowers it") {
    Grid grid({}, 1);
    grid.step(1, {-2300, 0, 2300});
    CHECK(grid.voltage_v()[0] == doctest::Approx(232.5));
    CHECK(grid.voltage_v()[1] == doctest::Approx(230));
    CHECK(grid.voltage_v()[2] == doctest::Approx(227.5));
    CHECK(grid.frequency_hz() == doctest::Approx(50).epsilon(0.002));
}

TEST_CASE("a cloud edge from a script runs linearly") {
    Clouds clouds(Weather::clear, 1);
    clouds.edge(0.2, 4);
    clouds.step(2);
    CHECK(clouds.transmission() == doctest::Approx(0.6));
    clouds.step(3);
    CHECK(clouds.transmission() == doctest::Approx(0.2));
}

}  // namespace
}  // namespace busbar::plant
