#pragma once
// A scenario's house for tests: the plant's devices behind real masters on paced wires, polled by a registry as the
// gateway does, on virtual time. Also told wrongly: a device may be configured as another family than it is.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/virtual_loop.hpp"
#include "bus/link/loopback_link.hpp"
#include "bus/master/modbus_master.hpp"
#include "device/modbus_device.hpp"
#include "device/profile_store.hpp"
#include "device/registry.hpp"
#include "plant/devices/serve.hpp"
#include "wire/modbus_rtu.hpp"

namespace busbar::device {

inline const ProfileStore& shipped_profiles() {
    static const std::filesystem::path folders[] = {"profiles"};
    static const ProfileStore profiles = ProfileStore::read(folders);
    return profiles;
}

// A scenario's house behind real buses, its devices polled.
struct House {
    VirtualLoop loop;
    std::unique_ptr<plant::World> world;
    std::vector<std::unique_ptr<bus::LoopbackLink>> far;
    std::vector<std::unique_ptr<bus::ModbusMaster>> buses;
    std::map<std::string, std::size_t> index;
    std::map<std::string, std::map<model::Role, model::Reading>> live;
    std::map<std::string, double> longest_gap_s;  // between two critical readings
    int failures = 0;
    Registry registry{loop, {nullptr, [this](std::size_t i, const PollResult& r) { keep(i, r); }, nullptr}};

    // `configured`: families as the gateway is told them, where they are not what the scenario plays; "" = not at all.
    explicit House(std::string_view text, std::map<std::string, std::string> configured = {})
        : configured_(std::move(configured)) {
        auto scenario = plant::parse(text, "house.plant");
        REQUIRE_MESSAGE(scenario.has_value(), (scenario ? "" : scenario.error().text));
        auto find = [](std::string_view name) -> Result<profile::Profile> {
            BUSBAR_TRY(const auto found, shipped_profiles().find(name));
            return *found;
        };
        auto made = plant::World::create(std::move(*scenario), 1, {.profile = find, .traces = {}});
        REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().text));
        world = std::move(*made);
        for (plant::Line& line : world->lines()) connect(line);
        loop.spawn("world", plant::run(loop, *world));
        registry.start();
    }

    void connect(plant::Line& line) {
        const bool is_serial = line.spec().kind == plant::LineSpec::Kind::serial;
        const Duration character =
            is_serial ? wire::rtu_character_time(line.spec().baud, line.spec().bits_per_character()) : Duration{0};
        auto pair = bus::LoopbackLink::make(loop, character);
        far.push_back(std::move(pair.b));
        bus::MasterConfig config{.name = line.spec().id, .framing = is_serial ? bus::Framing::rtu : bus::Framing::tcp};
        if (is_serial) config.rtu = {line.spec().baud, line.spec().bits_per_character()};
        buses.push_back(std::make_unique<bus::ModbusMaster>(loop, std::move(pair.a), config));
        if (is_serial)
            loop.spawn("line", plant::serve_rtu(loop, *far.back(), line, plant::Pacing::link));
        else
            loop.spawn("line", plant::serve_tcp_for_ever(loop, *far.back(), line));
        for (const plant::Line::Place& place : line.places()) {
            const auto told = configured_.find(place.id);
            const std::string& family = told == configured_.end() ? place.profile : told->second;
            if (family.empty()) continue;
            const auto profile = shipped_profiles().find(family);
            REQUIRE(profile.has_value());
            ModbusDeviceOptions options{place.id, place.id, place.unit, std::nullopt};
            index[place.id] = registry.add(std::make_unique<ModbusDevice>(loop, *buses.back(), *profile, options));
        }
    }

    void keep(std::size_t i, const PollResult& result) {
        const DeviceInfo& info = registry.info(i);
        failures += static_cast<int>(result.failures.size());
        for (const PointReading& r : result.readings) {
            model::Reading& kept = live[info.id][info.points[r.point].role.role];
            if (kept.quality != model::Quality::unknown && info.points[r.point].every == PollClass::critical)
                longest_gap_s[info.id] = std::max(longest_gap_s[info.id], to_seconds(r.reading.at - kept.at));
            kept = r.reading;
        }
    }
    double value(const std::string& id, model::Role role) {
        const auto found = live[id].find(role);
        REQUIRE_MESSAGE(found != live[id].end(), id << " " << to_string(model::RoleKey{role, 0}));
        REQUIRE(found->second.quality == model::Quality::good);
        return found->second.value;
    }
    Result<double> apply(const std::string& id, model::Role role, double value,
                         Duration lease = std::chrono::seconds(60)) {
        std::optional<Result<double>> result;
        auto ask = [](Device& device, SetpointWrite setpoint, std::optional<Result<double>>& into) -> Task<void> {
            into.emplace(co_await device.apply(setpoint));
        };
        loop.spawn("apply", ask(*registry.device(index.at(id)), {{role, 0}, value, lease}, result));
        for (int i = 0; i < 100 && !result; ++i) loop.run_for(std::chrono::milliseconds(100));
        REQUIRE(result.has_value());
        return *result;
    }
    void check_all_online() {
        for (const auto& [id, i] : index) {
            INFO(id, ": ", registry.health(i).problem);
            CHECK(registry.health(i).state == DeviceState::online);
            CHECK(registry.health(i).problem.empty());
        }
        CHECK(failures == 0);
        for (const plant::Line& line : world->lines()) CHECK(line.counts().early_starts == 0);
    }

private:
    std::map<std::string, std::string> configured_;
};

}  // namespace busbar::device
