#pragma once
// For tests: a site with batteries on lines that are maps of registers, run by a Field on virtual time. A line takes
// other settings as a real one does, or refuses them when the test says so.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "device/rigs/device_bench.hpp"
#include "field/bus_link.hpp"
#include "field/field.hpp"

namespace busbar::gateway {

using namespace std::chrono_literals;

class BenchLine final : public bus::ModbusBus {
public:
    BenchLine(Loop& loop, const config::BusConfig& config)
        : wire(loop), loop_(loop), settings_(link_of(config)), name_(config.id) {}
    device::FakeBus wire;
    std::string refuses_links;                            // why; empty: takes them
    std::function<bool(const bus::LinkSettings&)> hears;  // with which its devices do; empty: with all
    std::vector<bus::LinkSettings> links;
    bool is_closed = false;
    bus::FrameTap frames;

    Task<Result<bus::Registers>> read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                      bus::DeviceTiming timing) override {
        if (hears && !hears(settings_)) {
            co_await loop_.sleep_for(timing.timeout);
            co_return fail(Errc::timeout, "no answer");
        }
        co_return co_await wire.read(unit, block, urgency, timing);
    }
    Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                       bus::WriteForm form, bus::DeviceTiming timing, bus::Urgency urgency) override {
        return wire.write(unit, address, values, form, timing, urgency);
    }
    Task<Result<bus::RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency urgency,
                                     bus::DeviceTiming timing) override {
        return wire.raw(unit, pdu, urgency, timing);
    }
    bus::BusStatistics statistics() const override { return {}; }
    std::optional<bus::LinkSettings> link_settings() const override { return settings_; }
    Task<Status> relink(bus::LinkSettings settings) override {
        co_await loop_.sleep_for(std::chrono::milliseconds(30));
        if (!refuses_links.empty()) co_return fail(Errc::unavailable, name_ + ": " + refuses_links);
        links.push_back(settings_ = std::move(settings));
        co_return ok();
    }
    Task<void> close() override {
        is_closed = true;
        co_return;
    }
    bus::FrameTap* tap() override { return &frames; }
    const std::string& name() const override { return name_; }

    void place_battery(std::uint8_t unit) {
        auto& registers = wire.units[unit].holding;
        const auto set = [&](std::uint16_t first, std::vector<std::uint16_t> words) {
            for (const std::uint16_t word : words) registers[first++] = word;
        };
        set(10, {0x4231, 0x0000});  // "B1"
        const auto own = static_cast<std::uint16_t>(0x4141 + (name_.empty() ? 0 : name_.front() - 'a'));
        set(20, {own, static_cast<std::uint16_t>(0x4130 + unit)});  // another one on each line, and at each unit
        set(100, {static_cast<std::uint16_t>(-1200), 55, 4012, 0, 215, 0, 98, 8000});
        set(200, {0, 0, 0, 0, 0});
        set(210, {100});
        set(302, {20});
    }
    void place_meter(std::uint8_t unit, std::int16_t power_w) {
        wire.units[unit].holding[10] = 0x4D31;  // "M1"
        wire.units[unit].holding[11] = 0;
        wire.units[unit].holding[100] = static_cast<std::uint16_t>(power_w);
    }

private:
    Loop& loop_;
    bus::LinkSettings settings_;
    std::string name_;
};

inline constexpr std::string_view battery_settings = R"(settings:
  reserve: {text: Reserve, at: holding 302, type: u16, unit: "%", range: [10, 90], access: owner}
)";
inline constexpr std::string_view meter_profile = R"(profile: test/meter
source: "test"
verified: "test"
products: [{brand: Test, models: [M1]}]
bus: {protocol: modbus, max_registers: 20, max_gap: 2, timeout: 500ms}
identify: {maker: Test, model: {read: holding 10, count: 2, starts_with: M}}
points:
  meter.power: {read: holding 100, type: s16, unit: W, sign: import_positive}
)";

// The families of the tests, where the gateway reads profiles.
struct ProfileFolder {
    std::filesystem::path path;
    ProfileFolder() {
        char name[] = "/tmp/busbar_field_XXXXXX";
        path = ::mkdtemp(name);
        std::filesystem::create_directories(path / "test");
        std::ofstream(path / "test/battery.yaml") << device::battery_profile << battery_settings;
        std::ofstream(path / "test/meter.yaml") << meter_profile;
    }
    ~ProfileFolder() { std::filesystem::remove_all(path); }
    Field::Profiles read() const {
        const std::filesystem::path folders[] = {path};
        return std::make_shared<const device::ProfileStore>(device::ProfileStore::read(folders));
    }
};

inline Field::Site site_of(std::string_view yaml) {
    auto site = config::load(yaml, "site.yaml");
    REQUIRE_MESSAGE(site.has_value(), (site ? "" : site.error().text));
    for (const auto& problem : site->problems) FAIL(problem.error.text);
    return std::make_shared<const config::LoadOutcome>(std::move(*site));
}

struct FieldBench {
    VirtualLoop loop;
    ProfileFolder folder;
    Field::Profiles profiles = folder.read();
    std::map<std::string, std::shared_ptr<BenchLine>> lines;  // also those that were closed
    std::map<std::string, int> opened, placed, gone;          // how often, by device
    std::vector<std::uint8_t> units;                          // behind each new line
    Field field;

    FieldBench(std::string_view site, std::vector<std::uint8_t> behind_each_line)
        : units(std::move(behind_each_line)), field(loop, site_of(site), profiles, hooks()) {
        for (const auto& broken : profiles->broken()) FAIL(broken.error.text);
        field.start();
        run_for(10s);
    }
    ~FieldBench() {
        loop.spawn("stop", field.stop());
        loop.run_for(10s);
    }
    Field::Hooks hooks() {
        Field::Hooks h;
        h.make_bus = [this](const config::BusConfig& config) {
            auto line = std::make_shared<BenchLine>(loop, config);
            for (const std::uint8_t unit : units) line->place_battery(unit);
            return lines[config.id] = line;
        };
        h.opened = [this](std::size_t, const device::DeviceInfo& info) { ++opened[info.id]; };
        h.watch = [](std::shared_ptr<bus::ModbusBus> bus) { return bus; };
        h.placed = [this](const config::DeviceConfig& device, std::shared_ptr<bus::ModbusBus>,
                          const profile::Profile&) { ++placed[device.id]; };
        h.gone = [this](const model::DeviceId& id) { ++gone[id]; };
        return h;
    }
    void run_for(Duration time) { loop.run_for(time); }
    // Runs the loop until the task has ended, a minute at most.
    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        auto keep = [](Task<T> work, std::optional<T>& into) -> Task<void> { into.emplace(co_await std::move(work)); };
        loop.spawn("test", keep(std::move(task), result));
        for (int i = 0; i < 60'000 && !result; ++i) loop.run_for(1ms);
        REQUIRE(result.has_value());
        return std::move(*result);
    }
    Status change(std::string_view site, std::set<std::string> renewed = {}) {
        return run(field.change(site_of(site), profiles, std::move(renewed)));
    }
};

}  // namespace busbar::gateway
