// A device with two setpoints: what one of them does says nothing of the other.
#include <doctest/doctest.h>

#include <map>

#include "base/virtual_loop.hpp"
#include "control/cycle.hpp"

using namespace busbar;
using namespace busbar::control;
using namespace std::chrono_literals;
using model::FaultKind;
using model::Role;
using model::RoleKey;

namespace {

constexpr RoleKey cap{Role::ac_power_limit_set, 0}, battery{Role::battery_power_set, 0};

// Keeps a cap for good, lets go of its battery; refuses what it is told to refuse.
class Hybrid final : public device::Device {
public:
    Hybrid() {
        info_.id = "hybrid";
        info_.setpoints = {{cap, 0, 8000, 1}, {battery, -5000, 5000, 1}};
    }
    const device::DeviceInfo& info() const override { return info_; }
    Task<Status> open() override { co_return ok(); }
    Task<device::PollResult> poll(device::PollClass) override { co_return device::PollResult{}; }
    Task<Result<double>> apply(device::SetpointWrite write) override {
        if (refused == write.role) co_return busbar::fail(Errc::refused, "exception 4: device failure");
        held[write.role] = write.value;
        co_return write.value;
    }
    Task<Status> release(RoleKey role) override {
        if (refused == role) co_return busbar::fail(Errc::refused, "exception 4: device failure");
        held.erase(role);
        co_return ok();
    }
    device::Fallback fallback(RoleKey role) const override { return {role == battery, 60s, "its own logic"}; }

    std::map<RoleKey, double> held;
    std::optional<RoleKey> refused;

private:
    device::DeviceInfo info_;
};

// A hybrid behind a grid meter that always shows 9 kW fed in, under zero export.
class HybridHouse {
public:
    HybridHouse() {
        for (const char* id : {"meter", "hybrid"}) (void)live.add_device(id);
        const live::PointSpec meter_points[] = {{{Role::meter_power, 0}, 1, 10s}};
        const live::PointSpec hybrid_points[] = {
            {{Role::ac_power, 0}, 1, 10s}, {{Role::battery_power, 0}, 1, 10s}, {{Role::battery_soc, 0}, 1, 30s}};
        (void)live.set_points(0, meter_points);
        (void)live.set_points(1, hybrid_points);
        Site site;
        site.devices = {{model::Use::grid_meter, nullptr, {}},
                        {model::Use::hybrid, {std::shared_ptr<void>(), &device}, 8000}};
        site.pv_peak_w = 8000;
        site.settings.feed_in_limit = {strategy::FeedInLimitSettings::Mode::percent, 0};
        cycle = std::make_unique<Cycle>(loop, live, site);
        loop.spawn("wires", publish());
        loop.spawn("cycle", cycle->run());
    }

    // How often `kind` was raised since the start.
    std::vector<model::Fault> raised(FaultKind kind) const {
        std::vector<model::Fault> found;
        for (const model::Fault& fault : cycle->faults().faults())
            if (fault.kind == kind) found.push_back(fault);
        return found;
    }

    VirtualLoop loop;
    live::LiveState live;
    Hybrid device;
    std::unique_ptr<Cycle> cycle;
    double grid_w = 0, ac_w = 0, battery_w = 0, soc = 100;

private:
    Task<void> publish() {
        for (;;) {
            const auto good = [&](double value) { return model::Reading{value, loop.now(), model::Quality::good}; };
            live.set_state(0, live::DeviceState::online, loop.now());
            live.set_state(1, live::DeviceState::online, loop.now());
            live.update(1, 0, good(ac_w));
            live.update(1, 1, good(battery_w));
            live.update(1, 2, good(soc));
            // A meter that shows the same figure for long counts as frozen.
            wobble_ = -wobble_;
            live.update(0, 0, good(grid_w + wobble_));
            co_await loop.sleep_for(500ms);
        }
    }
    double wobble_ = 3;
};

}  // namespace

TEST_CASE("a setpoint without fallback is told once and stays told, whatever the device's other one does") {
    HybridHouse house;
    house.loop.run_for(30s);
    const auto alarms = house.raised(FaultKind::no_fallback);
    REQUIRE(alarms.size() == 1);
    CHECK_FALSE(alarms[0].cleared);
    CHECK(alarms[0].text.starts_with("ac.power.limit.set "));
}

TEST_CASE("a cap that is not obeyed is one alarm that names the cap") {
    HybridHouse house;
    house.loop.run_for(20s);
    house.grid_w = -5000;
    house.ac_w = 6000;
    house.loop.run_for(60s);
    const auto alarms = house.raised(FaultKind::uncontrollable);
    REQUIRE(alarms.size() == 1);
    CHECK_FALSE(alarms[0].cleared);
    CHECK(alarms[0].text.starts_with("ac.power.limit.set "));
    CHECK(alarms[0].text.ends_with("measured 6000 W"));
}

TEST_CASE("a refused setpoint stays an alarm while the device takes its other one") {
    HybridHouse house;
    house.device.refused = cap;
    house.grid_w = -500;
    house.soc = 50;
    house.loop.run_for(180s);
    CHECK(house.device.held.contains(battery));
    const auto alarms = house.raised(FaultKind::write_refused);
    REQUIRE(alarms.size() == 1);
    CHECK_FALSE(alarms[0].cleared);
    CHECK(alarms[0].text.starts_with("ac.power.limit.set: "));
}
