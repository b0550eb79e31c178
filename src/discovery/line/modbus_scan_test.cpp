#include "discovery/line/modbus_scan.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/virtual_loop.hpp"
#include "device/profile_store.hpp"
#include "device/rigs/fake_bus.hpp"
#include "discovery/compare.hpp"
#include "profile/load/load.hpp"

using namespace busbar;
using namespace busbar::discovery;
using namespace std::chrono_literals;
using device::FakeBus;

namespace {

const Profiles& all_profiles() {
    static const Profiles all = [] {
        const std::filesystem::path folders[] = {"profiles"};
        const auto store = device::ProfileStore::read(folders);
        Profiles loaded;
        for (const std::string& name : store.names()) loaded.push_back(*store.find(name));
        return loaded;
    }();
    return all;
}

std::vector<std::uint8_t> units(int first, int last) {
    std::vector<std::uint8_t> all;
    for (int u = first; u <= last; ++u) all.push_back(static_cast<std::uint8_t>(u));
    return all;
}

std::shared_ptr<const profile::Profile> loaded(std::string_view text) {
    auto profile = profile::load(text, "test.yaml");
    REQUIRE_MESSAGE(profile.has_value(), (profile ? "" : profile.error().text));
    return std::make_shared<const profile::Profile>(std::move(*profile));
}

constexpr std::string_view speaking = R"(profile: test/speaking
source: "test"
verified: "test"
products: [{brand: Test, models: [B1, B2-3kW to 10kW]}]
bus: {protocol: modbus, max_registers: 20}
identify:
  maker: Test
  model: {read: holding 10, count: 4, starts_with: B}
  serial: {read: holding 20, count: 4}
points:
  battery.power: {read: holding 100, type: s16, unit: W, sign: charge_positive}
  battery.soc: {read: holding 101, type: u16, unit: "%"}
)";
constexpr std::string_view mute = R"(profile: test/mute
source: "test"
verified: "test"
products: [{brand: Test, models: [M1]}]
bus: {protocol: modbus, max_registers: 20}
identify:
  maker: Test
  checks:
    - {read: input 70, type: u16, unit: Hz, range: [0, 70], what: grid frequency}
points:
  meter.power: {read: input 60, type: s16, unit: W, sign: import_positive}
)";

// A bus of maps of registers, searched by one scan.
struct FakeScan {
    VirtualLoop loop;
    FakeBus bus{loop};
    Profiles profiles{loaded(speaking), loaded(mute)};
    std::unique_ptr<ModbusScan> scan;

    void speaking_at(std::uint8_t unit, std::string_view model, std::string_view serial) {
        text(unit, 10, model);
        text(unit, 20, serial);
        bus.units[unit].holding[100] = 500;
        bus.units[unit].holding[101] = 50;
    }
    void mute_at(std::uint8_t unit) { bus.units[unit].input = {{60, 100}, {70, 50}}; }
    void text(std::uint8_t unit, std::uint16_t at, std::string_view text) {
        for (std::size_t i = 0; i < 8; i += 2) {
            const auto c = [&](std::size_t n) { return n < text.size() ? static_cast<unsigned char>(text[n]) : 0u; };
            bus.units[unit].holding[at++] = static_cast<std::uint16_t>(c(i) << 8 | c(i + 1));
        }
    }
    Task<void> keep() { ended = co_await scan->run(); }
    std::optional<Status> ended;
    void start(int first, int last, std::vector<KnownUnit> known = {}) {
        ModbusScanOrder order{.units = units(first, last), .known = std::move(known), .profiles = profiles};
        scan = std::make_unique<ModbusScan>(loop, bus, std::move(order));
        loop.spawn("scan", keep());
    }
    Found only() {
        if (!scan) start(1, 6);
        for (int i = 0; i < 3000 && !ended; ++i) loop.run_for(100ms);
        REQUIRE(ended);
        REQUIRE(ended->has_value());
        REQUIRE(scan->found().size() == 1);
        return scan->found().front();
    }
    std::vector<Found> all() {
        for (int i = 0; i < 3000 && !ended; ++i) loop.run_for(100ms);
        REQUIRE(ended);
        std::vector<Found> found = scan->found();
        std::ranges::sort(found, {}, &Found::unit);
        return found;
    }
};

}  // namespace

TEST_CASE("a device that says who it is, one that cannot, and one nobody knows") {
    FakeScan f;
    f.speaking_at(3, "B1", "SN123456");
    f.mute_at(5);
    f.bus.units[9].holding[1] = 1;  // refuses everything we ask
    f.start(1, 10, {{7, "house", "test/mute", model::Use::sub_meter, "Test", "M1", "4711", "1.2"}});
    const std::vector<Found> found = f.all();
    REQUIRE(found.size() == 4);
    CHECK(found[0].certainty == Certainty::identified);
    CHECK(found[0].profile == "test/speaking");
    CHECK(found[0].model == "B1");
    CHECK(found[0].serial == "SN123456");
    CHECK(found[0].use == model::Use::battery);
    CHECK(found[1].certainty == Certainty::candidates);
    CHECK(found[1].profile.empty());
    REQUIRE(found[1].candidates.size() == 1);
    CHECK(found[1].candidates[0].reason == "grid frequency reads 50; 1 of 1 points answer, 1 believable");
    CHECK(found[2].certainty == Certainty::known);
    CHECK(found[2].device == "house");
    CHECK(found[2].maker + " " + found[2].model + " " + found[2].serial + " " + found[2].firmware ==
          "Test M1 4711 1.2");
    CHECK(found[3].certainty == Certainty::unknown);
    CHECK(found[3].unit == 9);
}

TEST_CASE("a search writes nothing and reads only registers that profiles list, unit by unit") {
    FakeScan f;
    f.profiles = all_profiles();
    f.bus.units[4].holding[1] = 1;
    f.start(1, 6, {{2, "house", "test/mute", model::Use::sub_meter}});
    CHECK(f.all().size() == 2);
    CHECK(f.bus.written.empty());
    std::set<Block> listed;
    for (const auto& profile : f.profiles) {
        Suspicion s;
        s.original = s.placed = profile;
        for (const auto& blocks : {name_blocks(s), number_blocks(s), text_blocks(s), point_blocks(s)})
            listed.insert(blocks.begin(), blocks.end());
        if (profile->sunspec)
            for (const std::uint16_t base : profile->sunspec->bases) listed.insert({profile::Table::holding, base, 2});
    }
    for (const FakeBus::Asked& asked : f.bus.asked) {
        const auto table = asked.block.table == bus::Table::holding ? profile::Table::holding : profile::Table::input;
        CHECK(listed.contains({table, asked.block.address, asked.block.count}));
        CHECK(asked.urgency == bus::Urgency::scan);
        CHECK(asked.unit != 2);
    }
    // Every block once for all profiles that share it.
    std::map<Block, int> times;
    for (const FakeBus::Asked& asked : f.bus.asked)
        if (asked.unit == 4)
            ++times[{asked.block.table == bus::Table::holding ? profile::Table::holding : profile::Table::input,
                     asked.block.address, asked.block.count}];
    for (const auto& [block, n] : times) CHECK_MESSAGE(n == 1, to_string(block));
}

TEST_CASE("a found device whose firmware is not known to work is offered with a warning") {
    for (const bool is_good : {true, false}) {
        std::string text(speaking);
        text.insert(text.find("points:"), "  firmware: {read: holding 30, count: 4}\n");
        text += "firmware:\n  - {models: [B], known_good: [V2], others: unsupported}\n";
        FakeScan f;
        f.profiles = {loaded(text)};
        f.speaking_at(3, "B1", "SN123456");
        f.text(3, 30, is_good ? "V2" : "V1");
        const Found found = f.only();
        CHECK(found.certainty == Certainty::identified);
        CHECK(found.firmware == (is_good ? "V2" : "V1"));
        const std::vector<std::string> warning{"Firmware V1 is not among those known to work with B1: V2."};
        CHECK(found.notes == (is_good ? std::vector<std::string>{} : warning));
    }
}

TEST_CASE("a device that lies about its identity is doubtful, with the reason") {
    FakeScan f;
    SUBCASE("unprintable characters") {
        f.speaking_at(3, "B1", "SN\x07\x01zz");
        const Found& found = f.only();
        CHECK(found.certainty == Certainty::doubtful);
        CHECK(found.notes == std::vector<std::string>{"the serial number holds unprintable characters"});
    }
    SUBCASE("another serial number each time") {
        f.speaking_at(3, "B1", "SN123450");
        FakeBus::Unit& unit = f.bus.units[3];
        unit.on_read = [](FakeBus::Unit& u, std::uint16_t address) {
            if (address == 20) ++u.holding[23];
        };
        const Found& found = f.only();
        CHECK(found.certainty == Certainty::doubtful);
        REQUIRE(found.notes.size() == 1);
        CHECK(found.notes[0].starts_with("the serial number reads 'SN12345"));
    }
    SUBCASE("two profiles fit alike") {
        std::string twin(speaking);
        twin.replace(twin.find("test/speaking"), 13, "test/twin");
        f.profiles.push_back(loaded(twin));
        f.speaking_at(3, "B1", "SN123456");
        const Found& found = f.only();
        CHECK(found.certainty == Certainty::doubtful);
        CHECK(found.candidates.size() == 2);
        CHECK(found.notes ==
              std::vector<std::string>{"fits test/speaking and test/twin alike; choose by the name plate"});
    }
    SUBCASE("falls silent when asked") {
        f.speaking_at(3, "B1", "SN123456");
        f.bus.units[3].silent_after = 1;
        const Found& found = f.only();
        CHECK(found.certainty == Certainty::doubtful);
        CHECK(found.notes == std::vector<std::string>{"stopped answering while it was asked who it is; search again"});
    }
    CHECK(f.scan->found().front().profile.empty());
}

TEST_CASE("a code tells families of one register map apart, and a number proves nothing more") {
    const auto family = [](std::string_view name, int code) {
        std::string text(mute);
        text.replace(text.find("test/mute"), 9, name);
        return loaded(text.replace(text.find("  checks:"), 0,
                                   fmt::format("  model: {{read: holding 90, type: u16, codes: {{{}: M{}}}}}\n"
                                               "  serial: {{read: holding 92, type: u32}}\n",
                                               code, code)));
    };
    FakeScan f;
    f.profiles = {family("test/one", 1), family("test/two", 2)};
    f.mute_at(3);
    f.bus.units[3].holding = {{90, 2}, {92, 0}, {93, 4711}};
    SUBCASE("known") {
        const Found found = f.only();
        CHECK(found.certainty == Certainty::identified);
        CHECK(found.profile == "test/two");
        CHECK(found.model == "M2");
        CHECK(found.serial == "4711");
        CHECK(found.reason.starts_with("the code of its model stands for 'M2'"));
    }
    SUBCASE("unknown") {
        f.bus.units[3].holding[90] = 3;
        const Found found = f.only();
        CHECK(found.certainty == Certainty::candidates);
        CHECK(found.candidates.size() == 2);
    }
    SUBCASE("an older one without it") {
        f.bus.units[3].holding.clear();
        CHECK(f.only().certainty == Certainty::candidates);
    }
}

TEST_CASE("a short model text proves a product of the profile, and nothing else") {
    std::string text(speaking);
    text.replace(text.find(", starts_with: B"), 16, "");
    text.insert(text.find("points:"), "  checks: [{read: holding 101, type: u16, range: [0, 100], what: charge}]\n");
    FakeScan f;
    f.profiles = {loaded(text)};
    SUBCASE("a product") {
        f.speaking_at(3, "B1", "");
        const Found found = f.only();
        CHECK(found.certainty == Certainty::identified);
        CHECK(found.model == "B1");
        CHECK(found.reason.starts_with("model reads 'B1'"));
    }
    SUBCASE("none of the products") {
        f.speaking_at(3, "C1", "");
        CHECK(f.only().certainty == Certainty::candidates);
    }
    SUBCASE("a long text at a place of its own") {
        f.speaking_at(3, "C1-100", "");
        CHECK(f.only().certainty == Certainty::identified);
    }
}

TEST_CASE("one lost answer, whichever it is, changes nothing about what was found") {
    const auto search = [](std::optional<std::size_t> lost) {
        FakeScan f;
        f.profiles = all_profiles();
        // SunSpec: the mark, the common model, a three-phase inverter, the end; what it does not have reads 0.
        auto& holding = f.bus.units[3].holding;
        for (std::uint16_t at = 40000; at < 40200; ++at) holding[at] = 0;
        for (std::uint16_t at = 0; at < 200; ++at) holding[at] = f.bus.units[3].input[at] = 0;
        const std::pair<std::uint16_t, std::uint16_t> chain[] = {
            {40000, 0x5375}, {40001, 0x6E53}, {40002, 1}, {40003, 66}, {40070, 103}, {40071, 50}, {40122, 0xFFFF}};
        for (const auto& [at, word] : chain) holding[at] = word;
        f.text(3, 40004, "Somebody");
        f.text(3, 40020, "Inverter");
        std::size_t asked = 0;
        f.bus.loses = [&](const FakeBus::Asked& a) { return a.unit == 3 && asked++ == lost; };
        f.start(3, 3);
        const Found found = f.only();
        return std::tuple(found.certainty, found.profile, found.model, asked);
    };
    const auto whole = search(std::nullopt);
    CHECK(std::get<0>(whole) == Certainty::identified);
    CHECK(std::get<1>(whole) == "sunspec/inverter");
    for (std::size_t lost = 0; lost < std::get<3>(whole); ++lost) {
        INFO("answer ", lost, " of ", std::get<3>(whole));
        const auto found = search(lost);
        CHECK(std::get<0>(found) == std::get<0>(whole));
        CHECK(std::get<1>(found) == std::get<1>(whole));
        CHECK(std::get<2>(found) == std::get<2>(whole));
    }
}

TEST_CASE("the same serial number at two units is shown at both") {
    FakeScan f;
    f.speaking_at(3, "B1", "SN123456");
    f.speaking_at(8, "B1", "SN123456");
    f.start(1, 10);
    std::vector<Found> found = f.all();
    REQUIRE(found.size() == 2);
    compare(found, {});
    CHECK(found[0].notes ==
          std::vector<std::string>{"the same serial number answers at unit 8: one device at two addresses"});
    CHECK(found[1].notes ==
          std::vector<std::string>{"the same serial number answers at unit 3: one device at two addresses"});
}

TEST_CASE("who has the serial number of a device of the site may be that device, moved") {
    FakeScan f;
    f.speaking_at(3, "B1", "SN123456");
    f.start(1, 10, {{8, "house", "test/speaking", model::Use::battery, "Test", "B1", "SN123456", ""}});
    std::vector<Found> found = f.all();
    REQUIRE(found.size() == 2);
    compare(found, {});
    CHECK(found[0].notes == std::vector<std::string>{
                                "has the serial number of 'house' at unit 8: moved, or one device at two addresses"});
    CHECK(found[1].notes ==
          std::vector<std::string>{"the same serial number answers at unit 3: one device at two addresses"});
}

TEST_CASE("a cancelled search ends with the question in flight and keeps what it found") {
    FakeScan f;
    f.speaking_at(2, "B1", "SN123456");
    f.start(1, 247);
    f.loop.run_for(3s);
    REQUIRE(f.scan->found().size() == 1);
    CHECK(f.scan->current() != "");
    CHECK(f.scan->left().value_or(0s) > 30s);
    f.scan->cancel();
    f.loop.run_for(1s);
    REQUIRE(f.ended);
    CHECK(f.ended->has_value());
    const std::size_t asked = f.bus.asked.size();
    f.loop.run_for(60s);
    CHECK(f.bus.asked.size() == asked);
    CHECK(f.scan->found().front().certainty == Certainty::identified);
}

TEST_CASE("model names and the ranges products are written in") {
    CHECK(is_product("SUN2000-6KTL-M1", "SUN2000-3KTL-M1 to 10KTL-M1"));
    CHECK(is_product("SUN2000-10KTL-M1-HC", "SUN2000-3KTL-M1 to 10KTL-M1"));
    CHECK_FALSE(is_product("SUN2000-12KTL-M1", "SUN2000-3KTL-M1 to 10KTL-M1"));
    CHECK_FALSE(is_product("SUN2000-6KTL-M0", "SUN2000-3KTL-M1 to 10KTL-M1"));
    CHECK_FALSE(is_product("SUN2000-6KTL-M", "SUN2000-3KTL-M1 to 10KTL-M1"));
    CHECK(is_product("EMMA-A01", "EMMA-A01"));
    CHECK_FALSE(is_product("", "EMMA-A01"));
    CHECK_FALSE(is_product("X", " to "));
    CHECK_FALSE(is_product("X9", "X to 10"));
}
