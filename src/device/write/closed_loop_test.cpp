// The real stack below control, on virtual time: Registry and ModbusDevice through ModbusMaster over a paced wire
// against simulated devices. Nothing is scripted here; what disagrees between profile, bus and driver shows.
#include <fmt/format.h>

#include <algorithm>

#include "device/rigs/house_bench.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;
using model::Role;

namespace {

const ProfileStore& store() { return shipped_profiles(); }

}  // namespace

TEST_CASE("the demo's house: three lines, four devices, every value where the physics is") {
    House house(R"(
site line net tcp turnaround=5ms
site line rs485-1 serial 9600 turnaround=10ms
site line rs485-2 serial 9600 turnaround=5ms
site grid meter=chint/dtsu666 on=rs485-1 unit=11 id=grid
site pv 8kW rated=8kW inverter=sunspec/inverter on=net unit=1 id=roof
site battery=huawei/sun2000-luna2000 5kWh soc=40% power=2500W pv=6kW rated=6kW on=rs485-1 unit=1 id=hybrid
site load 700W | load 1800W meter=eastron/sdm630 on=rs485-2 unit=3 id=pump
at 0s pv 4kW
)");
    house.loop.run_for(60s);
    house.check_all_online();
    const plant::SiteState state = house.world->state();
    CHECK(house.value("grid", Role::meter_power) == doctest::Approx(state.grid_w).epsilon(0.02));
    CHECK(house.value("hybrid", Role::battery_power) == doctest::Approx(state.battery_w).epsilon(0.02));
    CHECK(house.value("hybrid", Role::battery_soc) == doctest::Approx(*state.soc).epsilon(0.01));
    CHECK(house.value("pump", Role::meter_power) == doctest::Approx(1800));
    CHECK(house.value("roof", Role::ac_power) + house.value("hybrid", Role::ac_power) ==
          doctest::Approx(state.ac_w).epsilon(0.02));
    CHECK(house.value("roof", Role::ac_power_rated) == 8000);
    for (const auto& [id, gap] : house.longest_gap_s) {
        INFO(id, " ", gap);
        CHECK(gap <= 1.8);
    }
    MESSAGE(
        fmt::format("longest gap between critical readings: grid {:.2f} s, hybrid {:.2f} s, roof {:.2f} s, pump {:.2f} "
                    "s; rs485-1 busy {:.0f} %",
                    house.longest_gap_s["grid"], house.longest_gap_s["hybrid"], house.longest_gap_s["roof"],
                    house.longest_gap_s["pump"], 100 * house.buses[1]->statistics().utilisation));
}

TEST_CASE("setpoints reach the physics through every profile that has them") {
    House house(R"(
site line net tcp turnaround=5ms
site line a serial 9600 turnaround=10ms
site line b serial 9600 turnaround=10ms
site grid meter=eastron/sdm630 on=a unit=3 id=grid
site pv 8kW rated=8kW inverter=sunspec/inverter on=net unit=1 id=roof
site battery=huawei/sun2000-luna2000 10kWh soc=50% power=5kW pv=6kW rated=6kW on=a unit=1 id=huawei
site battery=growatt/hybrid 10kWh soc=50% power=5kW pv=5kW rated=6kW on=b unit=1 id=growatt
site load 600W
at 0s pv 5kW
)");
    house.loop.run_for(30s);
    house.check_all_online();
    for (const auto& [id, role] :
         {std::pair{"huawei", Role::battery_power_set}, std::pair{"growatt", Role::battery_power_set}})
        for (const double wanted : {-1500.0, 1200.0, 0.0}) {
            const auto held = house.apply(id, role, wanted, 20min);
            INFO(id, " ", wanted, " ", (held ? "" : held.error().text));
            REQUIRE(held.has_value());
            CHECK(*held == doctest::Approx(wanted));
            house.loop.run_for(20s);
            CHECK(house.value(id, Role::battery_power) == doctest::Approx(wanted).epsilon(0.03));
        }
    for (const std::string id : {"roof", "huawei", "growatt"}) {
        const auto held = house.apply(id, Role::ac_power_limit_percent_set, 25, 120s);
        INFO(id, " ", (held ? "" : held.error().text));
        REQUIRE(held.has_value());
        house.loop.run_for(20s);
        const double rated = house.value(id, Role::ac_power_rated);
        CHECK(house.value(id, Role::ac_power) <= rated * 0.255);
        CHECK(house.value(id, Role::ac_power) >= rated * 0.2);
    }
    // A changed value, too, where only the switch, which stays as it is, makes the device look.
    REQUIRE(house.apply("roof", Role::ac_power_limit_percent_set, 10, 120s).has_value());
    house.loop.run_for(20s);
    CHECK(house.value("roof", Role::ac_power) == doctest::Approx(800).epsilon(0.02));
    house.check_all_online();
}

TEST_CASE("a silent device goes offline and comes back by itself; its neighbour on the line notices little") {
    House house(R"(
site line a serial 9600 turnaround=10ms
site grid meter=eastron/sdm630 on=a unit=3 id=grid
site load 600W | load 900W meter=eastron/sdm630 on=a unit=4 id=pump
at 30s pump silent for 60s
)");
    house.loop.run_for(45s);
    CHECK(house.registry.health(house.index.at("pump")).state == DeviceState::offline);
    CHECK(house.registry.health(house.index.at("grid")).state == DeviceState::online);
    CHECK(house.longest_gap_s["grid"] <= 2.5);
    house.loop.run_for(90s);
    CHECK(house.registry.health(house.index.at("pump")).state == DeviceState::online);
    CHECK(house.longest_gap_s["grid"] <= 2.5);
}

TEST_CASE("a logger that answers for its silent inverter keeps nobody from seeing that it is gone") {
    House house(R"(
site line net tcp turnaround=5ms
site device huawei/smartlogger on=net unit=0 id=logger | load 600W
site pv 60kW inverter=huawei/sun2000-commercial on=net unit=3 id=roof
site pv 60kW inverter=huawei/sun2000-commercial on=net unit=4 id=hall
at 0s pv 50kW
at 40s roof silent for 60s
)");
    house.loop.run_for(35s);
    house.check_all_online();
    house.loop.run_for(35s);
    CHECK(house.registry.health(house.index.at("roof")).state == DeviceState::offline);
    CHECK(house.registry.health(house.index.at("hall")).state == DeviceState::online);
    CHECK(house.registry.health(house.index.at("logger")).state == DeviceState::online);
    CHECK(house.longest_gap_s["hall"] <= 2.5);
    house.loop.run_for(120s);
    CHECK(house.registry.health(house.index.at("roof")).state == DeviceState::online);
    const auto reading = house.live["roof"].at(Role::ac_power);
    CHECK(house.loop.now() - reading.at < 10s);
    CHECK(reading.quality == model::Quality::good);
}

TEST_CASE("a device that forbids writing says so, and is read as before") {
    House house(R"(
site line net tcp turnaround=5ms
site pv 8kW rated=8kW inverter=sunspec/inverter on=net unit=1 id=roof | load 600W
at 0s pv 5kW
quirk roof write_denied 128
)");
    house.loop.run_for(30s);
    house.check_all_online();
    const auto refused = house.apply("roof", Role::ac_power_limit_percent_set, 25, 120s);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == Errc::refused);
    CHECK(refused.error().text.find("exception 128") != std::string::npos);
    house.loop.run_for(20s);
    CHECK(house.value("roof", Role::ac_power) > 4500);
    house.check_all_online();
}

TEST_CASE("every meter profile: the plant plays it, the gateway reads what it measures") {
    std::string text = "site line net tcp\nsite grid\n";
    std::map<std::string, double> load_w;
    for (const std::string& name : store().names()) {
        const auto profile = store().find(name);
        REQUIRE(profile.has_value());
        const auto has = [&points = (*profile)->points](Role role) {
            return std::ranges::any_of(points, [&](const profile::Point& p) { return p.role.role == role; });
        };
        if (!has(Role::meter_power) || has(Role::ac_power)) continue;
        const auto id = fmt::format("m{}", load_w.size() + 1);
        load_w[id] = 400 + 100.0 * static_cast<double>(load_w.size());
        text += fmt::format("site load {:g}W meter={} on=net unit={} id={}\n", load_w[id], name, load_w.size(), id);
    }
    REQUIRE(load_w.size() >= 10);
    House house(text);
    house.loop.run_for(15s);
    house.check_all_online();
    for (const auto& [id, watts] : load_w) {
        INFO(id, " ", house.registry.info(house.index.at(id)).profile);
        CHECK(house.value(id, Role::meter_power) == doctest::Approx(watts).epsilon(0.001));
    }
}

TEST_CASE("every profile is played by the plant and opened by the gateway without a failure") {
    std::string text = "site grid\nsite load 500W\nat 0s pv 1kW\n";
    int number = 0;
    for (const std::string& name : store().names()) {
        ++number;
        text += fmt::format("site line n{0} tcp\nsite battery={1} 10kWh pv=5kW on=n{0} unit={2} id=d{0}\n", number,
                            name, number % 200 + 1);
        if (number % 25 != 0 && number != static_cast<int>(store().names().size())) continue;
        House house(text);
        house.loop.run_for(12s);
        house.check_all_online();
        text = "site grid\nsite load 500W\nat 0s pv 1kW\n";
    }
    CHECK(number >= 40);
}

TEST_CASE("a charge point and a weather station tell what the plant has") {
    House house(R"(
site start 2024-06-15T11:00:00Z
site line net tcp
site grid meter=sunspec/weather on=net unit=3 id=sky
site load 7000W meter=keba/keba on=net unit=1 id=car
site load 0W meter=alfen/ng9 on=net unit=2 id=idle
)");
    house.loop.run_for(30s);
    house.check_all_online();
    CHECK(house.value("car", Role::charger_power) == doctest::Approx(7000).epsilon(0.001));
    CHECK(house.value("car", Role::charger_state) == static_cast<double>(model::ChargerState::charging));
    CHECK(house.value("idle", Role::charger_state) == static_cast<double>(model::ChargerState::connected));
    CHECK(house.value("sky", Role::env_irradiance) > 600);
    CHECK(house.value("sky", Role::env_module_temperature) > house.value("sky", Role::env_air_temperature) + 10);
}
