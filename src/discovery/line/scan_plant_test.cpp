// The search against simulated plants: real masters over paced wires, on virtual time.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/virtual_loop.hpp"
#include "bus/link/loopback_link.hpp"
#include "bus/master/modbus_master.hpp"
#include "device/modbus_device.hpp"
#include "device/profile_store.hpp"
#include "device/registry.hpp"
#include "discovery/line/modbus_scan.hpp"
#include "plant/devices/serve.hpp"
#include "wire/modbus_rtu.hpp"

using namespace busbar;
using namespace busbar::discovery;
using namespace std::chrono_literals;

namespace {

const device::ProfileStore& shipped() {
    static const std::filesystem::path folders[] = {"profiles"};
    static const device::ProfileStore store = device::ProfileStore::read(folders);
    return store;
}
Profiles all_profiles() {
    Profiles all;
    for (const std::string& name : shipped().names()) all.push_back(*shipped().find(name));
    return all;
}
std::string text_of_file(const std::filesystem::path& path) {
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

std::vector<std::uint8_t> units(int first, int last) {
    std::vector<std::uint8_t> all;
    for (int u = first; u <= last; ++u) all.push_back(static_cast<std::uint8_t>(u));
    return all;
}

const Found* at(const std::vector<Found>& found, std::uint8_t unit) {
    const auto f = std::ranges::find(found, unit, &Found::unit);
    return f == found.end() ? nullptr : &*f;
}
bool names(const Found& f, const std::string& profile) {
    const bool is_first = !f.candidates.empty() && f.candidates.front().profile == profile;
    const auto same = std::ranges::find(f.candidates, profile, &Candidate::profile);
    return is_first || (same != f.candidates.end() && same->score + 1 >= f.candidates.front().score);
}

// The longest a probe can hold a line of 9600 Bd: its time-out, and a frame each way.
const double longest_probe_s = to_seconds(Waiting{}.first) + 0.1;

constexpr const char* three_meters = R"(
site line a serial 9600 8N1 turnaround=10ms
site grid meter=chint/dtsu666 on=a unit=11 id=grid
site load 1kW id=x meter=eastron/sdm630 on=a unit=2 | load 2kW id=y meter=eastron/sdm630 on=a unit=3
site load 1kW id=new meter=eastron/sdm630 on=a unit=40
)";

}  // namespace

TEST_CASE("a factory of three lines: every device is found and told apart while others are polled") {
    ScanBench plant(text_of_file("tools/demo/commercial.plant"));
    const std::string lines[] = {"roofs", "halls", "field"};
    const std::uint8_t polled[3][2] = {{1, 21}, {1, 15}, {10, 20}};
    for (std::size_t i = 0; i < 3; ++i)
        for (const std::uint8_t unit : polled[i]) plant.poll(lines[i], unit);
    plant.registry.start();
    plant.loop.run_for(30s);
    plant.oldest_s.clear();
    plant.loop.run_for(60s);
    const double without = plant.oldest();

    std::vector<std::unique_ptr<ModbusScan>> scans;
    std::vector<std::optional<Status>> ended(3);
    const Instant start = plant.loop.now();
    for (std::size_t i = 0; i < 3; ++i) {
        ModbusScanOrder order{.units = units(1, 247), .known = {}, .profiles = all_profiles()};
        order.known = {plant.known[2 * i], plant.known[2 * i + 1]};
        scans.push_back(std::make_unique<ModbusScan>(plant.loop, *plant.buses.at(lines[i]), std::move(order)));
        plant.loop.spawn("scan", ScanBench::into(scans.back()->run(), ended[i]));
    }
    for (int i = 0; i < 36000 && !(ended[0] && ended[1] && ended[2]); ++i) plant.loop.run_for(100ms);

    std::size_t identified = 0, candidates = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(ended[i]);
        CHECK(ended[i]->has_value());
        const std::vector<Found>& found = scans[i]->found();
        const auto places = plant.world->line(lines[i])->places();
        CHECK(found.size() == places.size());
        for (const plant::Line::Place& place : places) {
            const Found* f = at(found, place.unit);
            INFO(lines[i], " ", int{place.unit}, " ", place.profile);
            REQUIRE(f);
            if (f->certainty == Certainty::known) continue;
            identified += f->certainty == Certainty::identified;
            candidates += f->certainty == Certainty::candidates;
            if (f->certainty != Certainty::identified && f->certainty != Certainty::candidates)
                MESSAGE(fmt::format("{} {} {} {} {}", lines[i], place.unit, place.profile, to_string(f->certainty),
                                    fmt::join(f->notes, "; ")));
            if (f->certainty == Certainty::identified)
                CHECK(f->profile == place.profile);
            else
                CHECK(names(*f, place.profile));
            if (place.profile == "heidelberg/energy-control") CHECK(f->use == model::Use::charger);
            // What it says of itself is taken over as it says it.
            const plant::SimulatedDevice& device = *plant.world->line(lines[i])->device(place.id);
            if (f->certainty == Certainty::identified) {
                CHECK(f->maker == device.told(plant::IdentityText::maker));
                CHECK(f->model == device.told(plant::IdentityText::model));
                CHECK(f->serial == device.told(plant::IdentityText::serial));
                CHECK(f->firmware == device.told(plant::IdentityText::firmware));
            }
        }
        CHECK(plant.buses.at(lines[i])->statistics().units.size() == places.size());
    }
    CHECK(plant.failures == 0);
    MESSAGE(
        fmt::format("three lines, units 1..247, 6 of 60 polled: {} identified, {} to choose, in {:.0f} s; {} "
                    "questions; oldest critical value {:.2f} s, {:.2f} s without the search",
                    identified, candidates, to_seconds(plant.loop.now() - start),
                    scans[0]->questions() + scans[1]->questions() + scans[2]->questions(), plant.oldest(), without));
    CHECK(plant.oldest() <= without + longest_probe_s);
    CHECK(identified >= 45);
    CHECK(identified + candidates == 54);
}

TEST_CASE("a search makes no polled value older by more than one probe") {
    ScanBench plant(three_meters);
    for (const int unit : {11, 2, 3}) plant.poll("a", static_cast<std::uint8_t>(unit));
    plant.registry.start();
    plant.loop.run_for(30s);
    plant.oldest_s.clear();
    plant.loop.run_for(60s);
    const double without = plant.oldest();
    plant.oldest_s.clear();
    ModbusScan scan(plant.loop, *plant.buses.at("a"),
                    {.units = units(1, 247), .known = plant.known, .profiles = all_profiles()});
    const Instant start = plant.loop.now();
    const Status ended = plant.run(scan.run());
    CHECK(ended.has_value());
    const double with = plant.oldest();
    MESSAGE(
        fmt::format("three meters at 9600 Bd polled each second: oldest critical value {:.3f} s without a search, "
                    "{:.3f} s during one of units 1..247 ({:.0f} s, {} questions)",
                    without, with, to_seconds(plant.loop.now() - start), scan.questions()));
    CHECK(with <= without + longest_probe_s);
    CHECK(plant.failures == 0);
    REQUIRE(scan.found().size() == 4);
    CHECK(names(*at(scan.found(), 40), "eastron/sdm630"));
    CHECK(at(scan.found(), 11)->device == "grid");
}

namespace {

struct Behind {
    std::vector<Found> found;
    std::vector<std::string> messages;
    double took_s = 0;
    std::uint64_t questions = 0;
};
// Asks an endpoint as the search of a network does.
Behind look_behind(const std::string& scenario) {
    ScanBench plant(scenario);
    ModbusScan scan(plant.loop, *plant.buses.at("net"),
                    {.units = {0, 1, 247}, .known = {}, .profiles = all_profiles()});
    const Instant start = plant.loop.now();
    CHECK(plant.run(scan.run()).has_value());
    Behind behind{scan.found(), scan.messages(), to_seconds(plant.loop.now() - start), scan.questions()};
    std::ranges::sort(behind.found, {}, &Found::unit);
    return behind;
}

constexpr const char* home = R"(
site line net tcp | load 600W | device huawei/emma on=net unit=0 id=emma
site pv 10kW inverter=huawei/sun2000-luna2000 on=net unit=12 id=south
site pv 8kW inverter=huawei/sun2000-luna2000 on=net unit=13 id=north
site load 7kW id=car meter=huawei/scharger on=net unit=60
)";

}  // namespace

TEST_CASE("the home behind an EMMA: its list names inverters and charger, with or without it all are found") {
    const Behind listed = look_behind(home);
    const Behind probed = look_behind(std::string(home) + "quirk emma registers_only\n");
    for (const Behind& behind : {listed, probed}) {
        REQUIRE(behind.found.size() == 4);
        CHECK(behind.messages.empty());
        const char* const profiles[] = {"huawei/emma", "huawei/sun2000-luna2000", "huawei/sun2000-luna2000",
                                        "huawei/scharger"};
        const char* const serials[] = {"SIM-emma", "SIM-south", "SIM-north", "SIM-car"};
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(behind.found[i].profile == profiles[i]);
            CHECK(behind.found[i].serial == serials[i]);
            if (i > 0) CHECK(behind.found[i].behind == 0);
            CHECK(behind.found[i].notes.empty());
        }
        CHECK(behind.found[3].use == model::Use::charger);
    }
    MESSAGE(fmt::format("behind an EMMA: {:.0f} s and {} questions by its list, {:.0f} s and {} one by one",
                        listed.took_s, listed.questions, probed.took_s, probed.questions));
    CHECK(listed.took_s < probed.took_s);
}

TEST_CASE("the plant behind a SmartLogger: all of its list, found in a few questions") {
    std::string scenario = "site line net tcp | load 9kW | device huawei/smartlogger on=net unit=0 id=logger\n";
    for (int i = 0; i < 12; ++i)
        scenario +=
            fmt::format("site pv 100kW inverter=huawei/sun2000-commercial on=net unit={} id=inv{}\n", 20 + i, i);
    scenario += "site grid meter=huawei/smartlogger-meter on=net unit=11 id=grid\n";
    const Behind listed = look_behind(scenario);
    const Behind swept = look_behind(scenario + "quirk logger registers_only\n");
    for (const Behind& behind : {listed, swept}) {
        REQUIRE(behind.found.size() == 14);
        CHECK(behind.messages.empty());
        CHECK(behind.found[0].profile == "huawei/smartlogger");
        CHECK(names(behind.found[1], "huawei/smartlogger-meter"));
        for (std::size_t i = 2; i < 14; ++i) {
            CHECK(behind.found[i].profile == "huawei/sun2000-commercial");
            CHECK(behind.found[i].serial == fmt::format("SIM-inv{}", i - 2));
            CHECK(behind.found[i].name == fmt::format("inv{}", i - 2));
            CHECK(behind.found[i].behind == 0);
        }
    }
    MESSAGE(fmt::format("behind a SmartLogger: {:.0f} s and {} questions by its list, {:.0f} s and {} by its sweep",
                        listed.took_s, listed.questions, swept.took_s, swept.questions));
    CHECK(listed.took_s < swept.took_s);
}
