#pragma once
// For tests: one simulated device of any profile behind a real bus and a paced wire, on virtual time. Nothing is
// scripted: what disagrees between profile, driver, bus and simulated device shows.
#include <doctest/doctest.h>

#include <memory>
#include <optional>

#include "base/virtual_loop.hpp"
#include "bus/master/modbus_master.hpp"
#include "device/modbus_device.hpp"
#include "plant/devices/serve.hpp"
#include "wire/modbus_rtu.hpp"

namespace busbar::device {

struct Lab {
    VirtualLoop loop{plant::Scenario{}.start};
    plant::Scenario scenario;
    std::unique_ptr<plant::Site> site;
    std::unique_ptr<plant::Line> line;
    std::unique_ptr<bus::LoopbackLink> far;
    std::unique_ptr<bus::ModbusMaster> master;
    std::unique_ptr<ModbusDevice> device;

    explicit Lab(std::shared_ptr<const profile::Profile> profile, bool is_serial = false) {
        using namespace std::chrono_literals;
        auto parsed = plant::parse("site pv 8kW | battery 10kWh soc=50% | load 600W", "lab.plant");
        REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text));
        scenario = std::move(*parsed);
        site = std::make_unique<plant::Site>(scenario, 1);
        plant::LineSpec spec{.id = "lab", .kind = plant::LineSpec::Kind::tcp};
        if (is_serial) spec.kind = plant::LineSpec::Kind::serial;
        line = std::make_unique<plant::Line>(spec, 1);
        const plant::Plug plug{"dut", profile->name, "lab", 7, 0};
        auto made = plant::SimulatedDevice::create(*profile, plug,
                                                   plant::DeviceView(*site, plant::DeviceView::Kind::whole_site, 0));
        REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().text));
        line->add(std::move(*made), "");
        auto pair = bus::LoopbackLink::make(
            loop, is_serial ? wire::rtu_character_time(spec.baud, spec.bits_per_character()) : 0ns);
        far = std::move(pair.b);
        bus::MasterConfig config{.name = "lab", .framing = is_serial ? bus::Framing::rtu : bus::Framing::tcp};
        if (is_serial) config.rtu = {spec.baud, spec.bits_per_character()};
        master = std::make_unique<bus::ModbusMaster>(loop, std::move(pair.a), config);
        if (is_serial)
            loop.spawn("line", plant::serve_rtu(loop, *far, *line, plant::Pacing::link));
        else
            loop.spawn("line", plant::serve_tcp_for_ever(loop, *far, *line));
        loop.spawn("site", age(loop, *site));
        device = std::make_unique<ModbusDevice>(loop, *master, std::move(profile),
                                                ModbusDeviceOptions{"dut", "Device", 7, std::nullopt});
    }
    plant::SimulatedDevice& simulated() { return line->devices().front(); }

    // Runs the loop until the task has ended, an hour of virtual time at most.
    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        loop.spawn("test", keep(std::move(task), result));
        for (int i = 0; i < 36'000 && !result; ++i) loop.run_for(std::chrono::milliseconds(100));
        REQUIRE(result.has_value());
        return std::move(*result);
    }
    // The site's time, by which the simulated device's clock goes.
    static Task<void> age(VirtualLoop& loop, plant::Site& site) {
        const plant::Site::Traced untraced;
        for (;;) {
            co_await loop.sleep_for(std::chrono::seconds(1));
            site.step(1, untraced);
        }
    }
    template <class T>
    static Task<void> keep(Task<T> task, std::optional<T>& into) {
        T value = co_await std::move(task);
        into.emplace(std::move(value));
    }
};

}  // namespace busbar::device
