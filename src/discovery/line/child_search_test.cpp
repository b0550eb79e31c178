#include "discovery/line/child_search.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/virtual_loop.hpp"
#include "device/rigs/fake_bus.hpp"
#include "profile/load/load.hpp"

using namespace busbar;
using namespace busbar::discovery;
using namespace std::chrono_literals;
using device::FakeBus;

namespace {

constexpr std::string_view logger_text = R"(profile: test/logger
source: "test"
verified: "test"
products: [{brand: Test, models: [L1]}]
bus: {protocol: modbus, max_registers: 20, unit: 0}
identify:
  maker: Test
  model: {read: holding 900, count: 1, starts_with: L}
points:
  ac.power: {read: holding 910, type: s16, unit: W, sign: export_positive}
)";
constexpr std::string_view inverter_text = R"(profile: test/inverter
source: "test"
verified: "test"
products: [{brand: Test, models: [B1]}]
bus: {protocol: modbus, max_registers: 20}
identify:
  maker: Test
  model: {read: holding 10, count: 1, starts_with: B}
  serial: {read: holding 20, count: 2}
points:
  ac.power: {read: holding 100, type: s16, unit: W, sign: export_positive}
)";

std::shared_ptr<profile::Profile> loaded(std::string_view text) {
    auto profile = profile::load(text, "test.yaml");
    REQUIRE_MESSAGE(profile.has_value(), (profile ? "" : profile.error().text));
    return std::make_shared<profile::Profile>(std::move(*profile));
}

// A logger at unit 0 with inverters behind it, asked at the units a network search asks.
struct Endpoint {
    VirtualLoop loop;
    FakeBus bus{loop};
    std::shared_ptr<profile::Profile> logger = loaded(logger_text);
    std::optional<Status> ended;
    std::unique_ptr<ModbusScan> scan;

    Endpoint() {
        bus.units[0].holding = {{900, 0x4C31}, {910, 100}, {950, 2}};
        inverter(4, '4');
        inverter(40, 'x');
        logger->children.emplace();
        logger->children->last_unit = 50;
        logger->children->profiles = {"test/inverter"};
    }
    void inverter(std::uint8_t unit, char number) {
        bus.units[unit].holding = {{10, 0x4231}, {20, 0x534E}, {21, static_cast<std::uint16_t>(number << 8)}, {100, 7}};
    }
    Task<void> run_scan() { ended = co_await scan->run(); }
    std::vector<Found> run() {
        ModbusScanOrder order{.units = {1, 0, 4}, .known = {}, .profiles = {logger, loaded(inverter_text)}};
        scan = std::make_unique<ModbusScan>(loop, bus, std::move(order));
        loop.spawn("scan", run_scan());
        for (int i = 0; i < 6000 && !ended; ++i) loop.run_for(100ms);
        REQUIRE(ended);
        CHECK(scan->done() == scan->total());
        std::vector<Found> found = scan->found();
        std::ranges::sort(found, {}, &Found::unit);
        return found;
    }
    std::size_t questions_to(std::uint8_t unit) const {
        return static_cast<std::size_t>(std::ranges::count(bus.asked, unit, &FakeBus::Asked::unit));
    }
};

}  // namespace

TEST_CASE("the devices behind a logger that only counts them: asked one by one until all are found") {
    Endpoint at;
    at.logger->children->counts = {950};
    at.bus.units[0].holding[950] = 1;  // besides the one that was found at a telling unit
    const std::vector<Found> found = at.run();
    REQUIRE(found.size() == 3);
    CHECK(found[0].profile == "test/logger");
    CHECK_FALSE(found[0].behind.has_value());
    CHECK(found[1].unit == 4);
    CHECK(found[1].behind == 0);
    CHECK(found[2].unit == 40);
    CHECK(found[2].behind == 0);
    CHECK(found[2].serial == "SNx");
    CHECK(at.questions_to(39) == 1);
    CHECK(at.questions_to(45) == 0);
}

TEST_CASE("the devices a logger tells of: only they are asked, with its words about them") {
    Endpoint at;
    at.logger->children->presence = profile::Presence{990, {0xB001}, {0xB000}};
    at.logger->children->serial = profile::ChildText{980, 2};
    at.logger->children->name = profile::ChildText{984, 2};
    at.bus.units[40].holding.insert({{990, 0xB001}, {980, 0x534E}, {981, 0x7800}, {984, 0x526F}, {985, 0x6F66}});
    at.bus.units[41].holding = {{990, 0xB000}, {980, 0x534E}, {981, 0x3900}};
    at.bus.units[42].holding = {{990, 0xB001}, {980, 0x534E}, {981, 0x3800}};
    at.bus.units[43].holding = {{990, 0x0000}};
    at.inverter(45, '5');  // answers, but the logger knows nothing of it
    const std::vector<Found> found = at.run();
    REQUIRE(found.size() == 5);
    CHECK(found[2].unit == 40);
    CHECK(found[2].name == "Roof");
    CHECK(found[2].profile == "test/inverter");
    CHECK(found[2].notes.empty());
    CHECK(found[3].unit == 41);
    CHECK(found[3].serial == "SN9");
    CHECK(found[3].certainty == Certainty::unknown);
    CHECK(found[3].reason == "the logger knows it, and says it is disconnected");
    CHECK(found[4].unit == 42);
    CHECK(found[4].serial == "SN8");
    CHECK(found[4].certainty == Certainty::unknown);
    CHECK(at.questions_to(44) == 1);
}

TEST_CASE("a logger that contradicts its device is told about") {
    Endpoint at;
    at.logger->children->presence = profile::Presence{990, {0xB001}, {0xB000}};
    at.logger->children->serial = profile::ChildText{980, 2};
    at.bus.units[40].holding.insert({{990, 0xB001}, {980, 0x5959}, {981, 0x5900}});
    const std::vector<Found> found = at.run();
    REQUIRE(found.size() == 3);
    CHECK(found[2].serial == "SNx");
    CHECK(found[2].notes == std::vector<std::string>{"the logger calls its serial number 'YYY'"});
}

TEST_CASE("a serial number that only the logger knows is no word of the device") {
    Endpoint at;
    at.logger->children->presence = profile::Presence{990, {0xB001}, {0xB000}};
    at.logger->children->serial = profile::ChildText{980, 2};
    at.bus.units[40].holding.insert({{990, 0xB001}, {980, 0x5959}, {981, 0x5900}});
    at.bus.units[40].holding[20] = at.bus.units[40].holding[21] = 0;
    const std::vector<Found> found = at.run();
    REQUIRE(found.size() == 3);
    CHECK(found[2].profile == "test/inverter");
    CHECK(found[2].serial.empty());
    CHECK(found[2].notes == std::vector<std::string>{"the logger calls its serial number 'YYY'"});
}
