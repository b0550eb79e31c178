#pragma once
// A simulated plant with its lines wired to real bus masters on virtual time, for tests of the search. Only tests use
// it.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/virtual_loop.hpp"
#include "bus/loopback_link.hpp"
#include "bus/modbus_master.hpp"
#include "device/modbus_device.hpp"
#include "device/profile_store.hpp"
#include "device/registry.hpp"
#include "discovery/searched.hpp"
#include "plant/serve.hpp"
#include "wire/modbus_rtu.hpp"

namespace busbar::discovery {

using namespace std::chrono_literals;

inline const device::ProfileStore& shipped() {
    static const std::filesystem::path folders[] = {"profiles"};
    static const device::ProfileStore store = device::ProfileStore::read(folders);
    return store;
}
inline Profiles all_profiles() {
    Profiles all;
    for (const std::string& name : shipped().names()) all.push_back(*shipped().find(name));
    return all;
}
inline std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Lines of a scenario; some devices may be polled as a gateway polls them.
struct ScanBench {
    VirtualLoop loop;
    std::unique_ptr<plant::World> world;
    std::map<std::string, std::unique_ptr<bus::LoopbackLink>> far;
    std::map<std::string, std::unique_ptr<bus::ModbusMaster>> buses;
    std::vector<KnownUnit> known;                 // of polled devices
    std::map<std::size_t, Instant> last_reading;  // by device of the registry
    std::map<std::size_t, double> oldest_s;       // longest time between two critical readings
    std::size_t failures = 0;
    device::Registry registry{loop,
                              {nullptr, [this](std::size_t i, const device::PollResult& r) { keep(i, r); }, nullptr}};

    explicit ScanBench(const std::string& text) {
        auto scenario = plant::parse(text, "test.plant");
        REQUIRE_MESSAGE(scenario.has_value(), (scenario ? "" : scenario.error().text));
        auto find = [](std::string_view name) -> Result<profile::Profile> {
            BUSBAR_TRY(const auto found, shipped().find(name));
            return *found;
        };
        auto made = plant::World::create(std::move(*scenario), 1, {.profile = find, .traces = {}});
        REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().text));
        world = std::move(*made);
        for (plant::Line& line : world->lines()) connect(line);
        loop.spawn("world", plant::run(loop, *world));
    }

    void connect(plant::Line& line) {
        const plant::LineSpec& spec = line.spec();
        const bool is_serial = spec.kind == plant::LineSpec::Kind::serial;
        auto pair = bus::LoopbackLink::make(
            loop, is_serial ? wire::rtu_character_time(spec.baud, spec.bits_per_character()) : Duration{0});
        bus::LoopbackLink& end = *(far[spec.id] = std::move(pair.b));
        bus::MasterConfig config{.name = spec.id, .framing = is_serial ? bus::Framing::rtu : bus::Framing::tcp};
        if (is_serial) config.rtu = {spec.baud, spec.bits_per_character()};
        buses[spec.id] = std::make_unique<bus::ModbusMaster>(loop, std::move(pair.a), config);
        if (is_serial)
            loop.spawn("line", plant::serve_rtu(loop, end, line, plant::Pacing::link));
        else
            loop.spawn("line", plant::serve_tcp_for_ever(loop, end, line));
    }

    // Configures and polls the device that the scenario has at this place.
    void poll(const std::string& line, std::uint8_t unit) {
        for (const plant::Line::Place& place : world->line(line)->places()) {
            if (place.unit != unit) continue;
            const device::ModbusDeviceOptions options{place.id, place.id, place.unit, std::nullopt};
            registry.add(
                std::make_unique<device::ModbusDevice>(loop, *buses.at(line), *shipped().find(place.profile), options));
            known.push_back({unit, place.id, place.profile});
            return;
        }
        FAIL("nobody there");
    }
    void keep(std::size_t i, const device::PollResult& result) {
        failures += result.failures.size();
        for (const device::PointReading& r : result.readings) {
            if (registry.info(i).points[r.point].every != model::PollClass::critical) continue;
            if (const auto last = last_reading.find(i); last != last_reading.end())
                oldest_s[i] = std::max(oldest_s[i], to_seconds(r.reading.at - last->second));
            last_reading[i] = r.reading.at;
        }
    }
    double oldest() {
        double oldest = 0;
        for (const auto& [i, s] : oldest_s) oldest = std::max(oldest, s);
        return oldest;
    }

    template <class T>
    T run(Task<T> task, Duration at_most = 1h) {
        std::optional<T> result;
        loop.spawn("test", into(std::move(task), result));
        for (Duration t{0}; t < at_most && !result; t += 100ms) loop.run_for(100ms);
        REQUIRE(result.has_value());
        return std::move(*result);
    }
    template <class T>
    static Task<void> into(Task<T> task, std::optional<T>& result) {
        T value = co_await std::move(task);
        result.emplace(std::move(value));
    }
};

inline std::vector<std::uint8_t> units(int first, int last) {
    std::vector<std::uint8_t> all;
    for (int u = first; u <= last; ++u) all.push_back(static_cast<std::uint8_t>(u));
    return all;
}

}  // namespace busbar::discovery
