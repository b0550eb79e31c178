// What devices are known for beyond the protocol, as a client sees it: frames in, frames out.
#include "plant/devices/line.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "plant/world.hpp"
#include "profile/load/load.hpp"
#include "wire/modbus_rtu.hpp"

namespace busbar::plant {
namespace {

Result<profile::Profile> find_profile(std::string_view name) {
    std::ifstream file("profiles/" + std::string(name) + ".yaml");
    std::stringstream text;
    text << file.rdbuf();
    return profile::load(text.str(), std::string(name) + ".yaml");
}

// A house with one meter, unit 3, whose voltages stand in input 0 to 5; and the quirks under test.
struct Bench {
    std::unique_ptr<World> world;
    double now_s = 100;

    explicit Bench(std::string_view more) {
        const std::string text =
            "site line wire serial 9600 | grid meter=eastron/sdm630 on=wire unit=3\n"
            "site pv 5kW inverter=sunspec/inverter id=roof on=wire unit=4\n";
        auto scenario = parse(text + std::string(more));
        REQUIRE_MESSAGE(scenario.has_value(), (scenario ? std::string() : scenario.error().text));
        auto made = World::create(std::move(*scenario), 1, {.profile = find_profile});
        REQUIRE_MESSAGE(made.has_value(), (made ? std::string() : made.error().text));
        world = std::move(*made);
    }
    Line& line() { return world->lines()[0]; }

    // The answer's bytes without unit and checksum; empty = nobody answers.
    Bytes ask(int address, int count, std::uint8_t unit = 3) {
        const Bytes pdu{4, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address), 0,
                        static_cast<std::uint8_t>(count)};
        const auto frame = wire::encode_rtu(unit, pdu);
        const auto reply = line().answer_rtu(frame.view(), {now_s, 0});
        if (!reply) return {};
        last = *reply;
        now_s += reply->delay_s;
        line().sent(*reply, now_s);
        const auto content = wire::decode_rtu(reply->bytes);
        if (!content) return Bytes{0};
        last_unit = content->unit;
        return {content->pdu.begin(), content->pdu.end()};
    }
    Reply last;
    int last_unit = 0;
};
const Bytes missing_2{0x84, 2}, refused_3{0x84, 3}, busy_6{0x84, 6}, garbage{0};

TEST_CASE("one register too many, an odd start or a long read fails the whole") {
    Bench plain("quirk all none");
    CHECK(plain.ask(0, 6).size() == 14);
    CHECK(plain.ask(0xF000, 2) == missing_2);
    CHECK(plain.ask(1, 1).size() == 4);

    Bench strict("quirk meter missing 3 | longest_read 10 | even_only");
    CHECK(strict.ask(0, 10).size() == 22);
    CHECK(strict.ask(0, 12) == refused_3);
    CHECK(strict.ask(1, 2) == refused_3);
    CHECK(strict.ask(0, 3) == refused_3);
    CHECK(strict.ask(0xF000, 2) == refused_3);
}

TEST_CASE("a read across a block, and a device that answers whatever unit is asked") {
    Bench b("quirk meter block 4");
    CHECK(b.ask(0, 4).size() == 10);
    CHECK(b.ask(4, 2).size() == 6);
    CHECK(b.ask(2, 4) == refused_3);
    CHECK(b.ask(0, 6) == refused_3);

    Bench echo("quirk meter any_unit");
    CHECK(echo.ask(0, 2, 77).size() == 6);
    CHECK(echo.last_unit == 77);
    CHECK(echo.ask(0, 2, 4) != echo.ask(0, 2, 77));  // who has a unit of his own answers himself
    CHECK(Bench("").ask(0, 2, 77).empty());
}

TEST_CASE("what comes within the pause is garbage or not answered, and counted; later all is well") {
    for (const bool is_silent : {false, true}) {
        Bench b(is_silent ? "quirk meter too_soon silent within 300ms" : "quirk meter too_soon garbled within 300ms");
        CHECK(b.ask(0, 2).size() == 6);
        b.now_s += 0.2;
        CHECK(b.ask(0, 2) == (is_silent ? Bytes{} : garbage));
        CHECK(b.line().counts().too_soon == 1);
        b.now_s += 0.3;
        CHECK(b.ask(0, 2).size() == 6);
        CHECK(b.line().counts().too_soon == 1);
    }
}

TEST_CASE("shares: busy, and answers under another unit") {
    Bench b("quirk meter busy 20% | wrong_unit 10%");
    int busy = 0, foreign = 0;
    for (int i = 0; i < 2000; ++i) {
        busy += b.ask(0, 2) == busy_6 ? 1 : 0;
        foreign += b.last_unit == 4 ? 1 : 0;
    }
    CHECK(busy > 300);
    CHECK(busy < 500);
    CHECK(foreign > 120);
    CHECK(foreign < 280);
}

TEST_CASE("turnaround, and a connection that is not yet awake") {
    Bench b("quirk meter turnaround 50ms to 300ms | wakes_after 1s | idle 60s | clients 1 newest");
    double least_s = 9, most_s = 0;
    for (int i = 0; i < 300; ++i) {
        CHECK(b.ask(0, 2).size() == 6);
        least_s = std::min(least_s, b.last.delay_s);
        most_s = std::max(most_s, b.last.delay_s);
    }
    CHECK(least_s >= 0.055);  // the line's own 5 ms count, too
    CHECK(least_s < 0.08);
    CHECK(most_s > 0.28);
    CHECK(most_s <= 0.305);
    b.now_s = 0.9;
    CHECK(b.ask(0, 2).empty());
    b.now_s = 1.1;
    CHECK(b.ask(0, 2).size() == 6);
    CHECK(b.line().idle_s() == doctest::Approx(60));
    CHECK(b.line().clients() == 1);
    CHECK(b.line().newest_client_wins());
}

TEST_CASE("a reboot in the middle of an answer: half of it, then nothing until it is back") {
    Bench b("at 5s meter rebooting for 10s");
    CHECK(b.ask(0, 6).size() == 14);
    b.world->step(6);
    CHECK(b.ask(0, 6) == garbage);
    CHECK(b.last.bytes.size() == 9);  // of 17
    CHECK(b.ask(0, 6).empty());
    b.world->step(10);
    CHECK(b.ask(0, 6).size() == 14);
}

TEST_CASE("a logger tells which units behind it are there") {
    auto scenario = parse(
        "site line net tcp | device huawei/smartlogger on=net unit=0 id=logger | load 1kW\n"
        "site pv 60kW inverter=huawei/sun2000-commercial on=net unit=3 id=roof\n"
        "site pv 9kW inverter=huawei/sun2000-luna2000 id=alone");
    REQUIRE(scenario.has_value());
    auto made = World::create(std::move(*scenario), 1, {.profile = find_profile});
    REQUIRE_MESSAGE(made.has_value(), (made ? std::string() : made.error().text));
    const auto ask = [&](std::string_view id, int address, int count) -> Bytes {
        for (auto& line : (*made)->lines())
            if (auto* device = line.device(id)) {
                const Bytes request{3, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address), 0,
                                    static_cast<std::uint8_t>(count)};
                const auto answer = device->answer(request);
                return {answer.view().begin(), answer.view().end()};
            }
        return {};
    };
    CHECK(ask("logger", 65521, 1) == Bytes{3, 2, 0, 1});
    CHECK(ask("roof", 65534, 1) == Bytes{3, 2, 0xB0, 0x01});
    const auto serial = ask("roof", 65510, 10);
    CHECK(std::string(serial.begin() + 2, serial.begin() + 10) == "SIM-roof");
    CHECK(ask("alone", 65534, 1) == Bytes{0x83, 2});
}

TEST_CASE("a logger answers for a device behind it that is silent, unless it is silent itself") {
    auto scenario = parse(
        "site line net tcp | device huawei/smartlogger on=net unit=0 id=logger | load 1kW\n"
        "site pv 60kW inverter=huawei/sun2000-commercial on=net unit=3 id=roof\n"
        "at 5s roof silent for 10s\nat 8s logger silent for 4s");
    REQUIRE_MESSAGE(scenario.has_value(), (scenario ? std::string() : scenario.error().text));
    auto made = World::create(std::move(*scenario), 1, {.profile = find_profile});
    REQUIRE_MESSAGE(made.has_value(), (made ? std::string() : made.error().text));
    World& world = **made;
    const auto ask = [&]() -> Bytes {
        const Bytes pdu{3, 0x75, 0x30, 0, 15};  // 30000: the model
        const auto reply = world.line("net")->answer_tcp({7, 3, pdu});
        if (!reply) return {};
        CHECK(reply->bytes[6] == 3);  // in the name of the unit that was asked
        return {reply->bytes.begin() + 7, reply->bytes.end()};
    };
    CHECK(ask().size() == 32);
    world.step(6);
    CHECK(ask() == Bytes{0x83, 11});
    world.step(3);
    CHECK(ask().empty());
    world.step(4);
    CHECK(ask() == Bytes{0x83, 11});
    world.step(5);
    CHECK(ask().size() == 32);
}

TEST_CASE("a logger lists what stands behind it, and counts chargers apart; a proxy before it passes registers only") {
    auto scenario = parse(
        "site line net tcp | device huawei/emma on=net unit=0 id=emma | load 7kW id=car meter=huawei/scharger on=net "
        "unit=60\n"
        "site pv 10kW inverter=huawei/sun2000-luna2000 on=net unit=12 id=south\n"
        "site pv 10kW inverter=huawei/sun2000-luna2000 on=net unit=13 id=north");
    REQUIRE_MESSAGE(scenario.has_value(), (scenario ? std::string() : scenario.error().text));
    auto made = World::create(std::move(*scenario), 1, {.profile = find_profile});
    REQUIRE_MESSAGE(made.has_value(), (made ? std::string() : made.error().text));
    SimulatedDevice* emma = nullptr;
    for (auto& line : (*made)->lines()) emma = line.device("emma");
    REQUIRE(emma != nullptr);
    const auto ask = [&](const Bytes& request) {
        const auto answer = emma->answer(request);
        return Bytes(answer.view().begin(), answer.view().end());
    };
    CHECK(ask({3, 0x78, 0x51, 0, 1}) == Bytes{3, 2, 0, 2});  // 30801
    CHECK(ask({3, 0x78, 0x54, 0, 1}) == Bytes{3, 2, 0, 1});  // 30804

    wire::DeviceListReader reader(0x87);
    const auto more = reader.take(emma->answer(reader.request().view()).view());
    REQUIRE_MESSAGE(more.has_value(), (more ? std::string() : more.error().text));
    CHECK_FALSE(*more);
    CHECK(reader.list().is_complete());
    REQUIRE(reader.list().devices.size() == 3);
    std::vector<std::uint8_t> units;
    for (const auto& device : reader.list().devices) units.push_back(device.unit.value_or(0));
    std::ranges::sort(units);
    CHECK(units == std::vector<std::uint8_t>{12, 13, 60});

    const auto name = emma->answer(wire::encode_identity_request({wire::IdentityCode::basic, 0}).view());
    const auto page = wire::decode_identity_answer(name.view(), wire::IdentityCode::basic);
    REQUIRE(page.has_value());
    REQUIRE(page->objects.size() == 3);
    CHECK(as_text(page->objects[0].value) == "Huawei");
    CHECK(ask({0x2B, 0x0E, 3, 0x10}) == Bytes{0xAB, 2});
    CHECK(ask({0x2B, 0x0E, 9, 0}) == Bytes{0xAB, 3});
    CHECK(ask({0x2B, 0x0D, 0, 0}) == Bytes{0xAB, 1});

    auto quirks = emma->quirks();
    quirks.registers_only = true;
    emma->set_quirks(quirks);
    CHECK(ask({0x2B, 0x0E, 1, 0}) == Bytes{0xAB, 1});
}

TEST_CASE("a device that lies about who it is, and one that cannot") {
    Bench b("at 5s roof claims serial \"WR-0815\"");
    auto* roof = b.line().device("roof");
    REQUIRE(roof != nullptr);
    const auto serial = [&] {
        const Bytes request{3, 0x9C, 0x40 + 2 + 50, 0, 16};  // 40000 + mark + offset of Sn
        const auto answer = roof->answer(request);
        std::string text;
        for (const auto c : answer.view().subspan(2))
            if (c != 0) text += static_cast<char>(c);
        return text;
    };
    CHECK(serial() == "SIM-roof");
    b.world->step(6);
    CHECK(serial() == "WR-0815");

    auto scenario = parse("site grid meter=chint/dtsu666\nat 5s meter claims serial X");
    REQUIRE(scenario.has_value());
    const auto made = World::create(std::move(*scenario), 1, {.profile = find_profile});
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().text == "line 2: meter does not say such a thing about itself");
}

}  // namespace
}  // namespace busbar::plant
