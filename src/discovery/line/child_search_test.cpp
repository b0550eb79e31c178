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
    at.bus.units[0].holding[950] = 2;  // one of them was found at a telling unit
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

namespace {

// What the logger at unit 0 lists, four texts to an answer.
void list(Endpoint& at, std::vector<std::string> texts) {
    at.logger->children->list = 0x87;
    at.bus.units[0].on_raw = [texts](std::span<const std::uint8_t> pdu) -> std::vector<std::uint8_t> {
        const auto asked = wire::decode_identity_request(pdu);
        REQUIRE(asked.has_value());
        std::uint8_t count = 0;
        const auto objects = wire::device_list_objects(0x87, texts, count);
        const auto from = static_cast<std::size_t>(static_cast<std::uint8_t>(asked->object - 0x87));
        REQUIRE(from < objects.size());
        const wire::Pdu answer = encode_identity_answer(asked->code, 0x03, std::span(objects).subspan(from));
        return {answer.view().begin(), answer.view().end()};
    };
}
std::string text_of(std::uint8_t unit, std::string serial) {
    return wire::to_text({"B1", "V1", std::move(serial), unit});
}

}  // namespace

TEST_CASE("the devices a logger lists: only they are asked, all of them") {
    Endpoint at;
    at.logger->children->counts = {950};
    at.inverter(45, '5');
    // Itself, two that answer, one that does not.
    list(at, {text_of(0, "L"), text_of(40, "SNx"), text_of(45, "SN5"), text_of(47, "SN7")});
    const std::vector<Found> found = at.run();
    REQUIRE(found.size() == 5);
    CHECK(found[2].profile == "test/inverter");
    CHECK(found[2].notes.empty());
    CHECK(found[3].unit == 45);
    CHECK(found[4].unit == 47);
    CHECK(found[4].certainty == Certainty::unknown);
    CHECK(found[4].model == "B1");
    CHECK(found[4].firmware == "V1");
    CHECK(found[4].serial == "SN7");
    CHECK(found[4].reason == "the logger says it is there, but it does not answer");
    CHECK(at.questions_to(39) == 0);
    CHECK(at.scan->messages().empty());
}

TEST_CASE("a logger that lists its devices is asked about those only") {
    Endpoint at;
    at.logger->children->presence = profile::Presence{990, {0xB001}, {0xB000}};
    at.logger->children->name = profile::ChildText{984, 2};
    at.bus.units[40].holding.insert({{990, 0xB001}, {984, 0x526F}, {985, 0x6F66}});
    at.bus.units[41].holding = {{990, 0xB000}};
    at.inverter(42, '2');  // of older firmware: the logger says nothing about the unit
    list(at, {text_of(40, "SNy"), text_of(41, "SN1"), text_of(42, "SN2")});
    const std::vector<Found> found = at.run();
    REQUIRE(found.size() == 5);
    CHECK(found[2].name == "Roof");
    CHECK(found[2].notes == std::vector<std::string>{"the logger calls its serial number 'SNy'"});
    CHECK(found[3].reason == "the logger knows it, and says it is disconnected");
    CHECK(found[3].serial == "SN1");
    CHECK(found[4].profile == "test/inverter");
    CHECK(at.questions_to(43) == 0);
}

TEST_CASE("a logger that counts more than it lists: its list first, then the others") {
    Endpoint at;
    at.logger->children->counts = {950};
    at.bus.units[0].holding[950] = 3;
    at.inverter(30, '3');
    list(at, {text_of(40, "SNx")});
    const std::vector<Found> found = at.run();
    REQUIRE(found.size() == 4);
    CHECK(found[2].unit == 30);
    CHECK(found[3].unit == 40);
    const auto first_of = [&](std::uint8_t unit) {
        return std::ranges::find(at.bus.asked, unit, &FakeBus::Asked::unit) - at.bus.asked.begin();
    };
    CHECK(first_of(40) < first_of(3));
    CHECK(at.questions_to(31) == 0);  // all three are found
}

TEST_CASE("a logger whose list cannot be relied on is told about, and every unit is asked") {
    const std::vector<std::uint8_t> endless{0x2B, 0x0E, 0x03, 0x03, 0xFF, 0x87, 1, 0x87, 1, 9};
    const struct {
        std::vector<std::string> texts;
        std::string why;
    } cases[] = {
        {{}, "the device list does not go on where it ended"},
        {{text_of(40, "SNx"), "hello"}, "1 of its texts say nothing"},
        {{text_of(40, "SNx"), text_of(40, "SN2")}, "it names unit 40 twice"},
    };
    for (const auto& c : cases) {
        INFO(c.why);
        Endpoint at;
        list(at, c.texts);
        if (c.texts.empty()) at.bus.units[0].on_raw = [&](auto) { return endless; };
        at.inverter(45, '5');
        const std::vector<Found> found = at.run();
        CHECK(found.size() == 4);
        CHECK(at.questions_to(50) > 0);
        const std::string told =
            "unit 0: its list of devices is not relied on, " + c.why + ": every unit behind it is asked";
        CHECK(at.scan->messages() == std::vector<std::string>{told});
    }
}

TEST_CASE("a logger that lists nothing, or refuses to, is nothing to speak of") {
    for (const bool refuses : {true, false}) {
        Endpoint at;
        list(at, {});
        if (refuses) at.bus.units[0].on_raw = nullptr;
        CHECK(at.run().size() == 3);
        CHECK(at.questions_to(50) > 0);
        CHECK(at.scan->messages().empty());
    }
}
