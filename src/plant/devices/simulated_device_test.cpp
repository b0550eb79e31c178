#include "plant/devices/simulated_device.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "profile/codec/decode.hpp"
#include "profile/load/load.hpp"

namespace busbar::plant {
namespace {

profile::Profile profile_named(const std::string& name) {
    std::ifstream file("profiles/" + name + ".yaml");
    REQUIRE_MESSAGE(file.good(), name);
    std::stringstream text;
    text << file.rdbuf();
    auto p = profile::load(text.str(), name + ".yaml");
    REQUIRE_MESSAGE(p.has_value(), (p ? std::string() : p.error().text));
    return *p;
}
Scenario scenario(std::string_view text) {
    auto s = parse(text);
    REQUIRE_MESSAGE(s.has_value(), (s ? std::string() : s.error().text));
    return *s;
}
SimulatedDevice device(const std::string& profile, Site& site, DeviceView::Kind kind, std::size_t index = 0) {
    auto d =
        SimulatedDevice::create(profile_named(profile), {"dut", profile, "line", 1, 0}, DeviceView(site, kind, index));
    REQUIRE_MESSAGE(d.has_value(), (d ? std::string() : d.error().text));
    return std::move(*d);
}

// A client written from the Modbus documents alone; it shares no code with what it tests.
struct Answer {
    int exception = 0;
    std::vector<std::uint16_t> words;
};
Answer ask(SimulatedDevice& d, std::vector<int> pdu) {
    const Bytes request(pdu.begin(), pdu.end());
    const auto answer = d.answer(request);
    Answer out;
    const auto bytes = answer.view();
    REQUIRE(bytes.size() >= 2);
    if (bytes[0] & 0x80) {
        out.exception = bytes[1];
    } else if (bytes[0] <= 4) {
        REQUIRE(bytes.size() == 2u + bytes[1]);
        for (std::size_t i = 2; i + 1 < bytes.size(); i += 2)
            out.words.push_back(static_cast<std::uint16_t>(bytes[i] * 256 + bytes[i + 1]));
    }
    return out;
}
Answer read(SimulatedDevice& d, int function, int address, int count) {
    return ask(d, {function, address / 256, address % 256, count / 256, count % 256});
}
int write(SimulatedDevice& d, int address, std::vector<int> words) {
    std::vector<int> pdu{
        16, address / 256, address % 256, 0, static_cast<int>(words.size()), static_cast<int>(2 * words.size())};
    for (int w : words) {
        pdu.push_back((w & 0xFFFF) / 256);
        pdu.push_back((w & 0xFFFF) % 256);
    }
    return ask(d, pdu).exception;
}
double float_of(const std::vector<std::uint16_t>& w, std::size_t i) {
    const std::uint32_t bits = std::uint32_t{w.at(i)} << 16 | w.at(i + 1);
    float f = 0;
    std::memcpy(&f, &bits, 4);
    return static_cast<double>(f);
}
int s32_of(const std::vector<std::uint16_t>& w, std::size_t i) {
    return static_cast<int>(std::uint32_t{w.at(i)} << 16 | w.at(i + 1));
}

void run(Site& site, SimulatedDevice& d, double seconds) {
    for (int i = 0; i < static_cast<int>(seconds * 10 + 0.5); ++i) {
        site.step(0.1, {});
        d.tick();
    }
}

// Model -> {address of its ID, length}, found as the SunSpec documents say a client does.
std::map<int, std::pair<int, int>> walk(SimulatedDevice& d) {
    std::map<int, std::pair<int, int>> models;
    const auto mark = read(d, 3, 40000, 2);
    REQUIRE(mark.words == std::vector<std::uint16_t>{0x5375, 0x6E53});
    for (int at = 40002; models.size() < 30;) {
        const auto head = read(d, 3, at, 2);
        REQUIRE(head.exception == 0);
        if (head.words[0] == 0xFFFF) {
            CHECK(head.words[1] == 0);
            return models;
        }
        models[head.words[0]] = {at, head.words[1]};
        CHECK(read(d, 3, at, std::min(125, head.words[1] + 2)).exception == 0);
        at += 2 + head.words[1];
    }
    FAIL("the chain does not end");
    return models;
}

TEST_CASE("a SunSpec inverter shows its chain of models and its values in them") {
    auto s = scenario("site pv 8kW inverter=sunspec/inverter rated=8kW | load 600W");
    Site site(s, 1);
    site.pin_pv(0, 5000);
    auto d = device("sunspec/inverter", site, DeviceView::Kind::converter);
    run(site, d, 60);

    const auto models = walk(d);
    REQUIRE(models.contains(1));
    REQUIRE(models.contains(103));
    REQUIRE(models.contains(120));
    REQUIRE(models.contains(123));
    CHECK(models.at(1).second == 66);
    CHECK(models.at(103).second == 50);
    CHECK_FALSE(models.contains(101));
    CHECK_FALSE(models.contains(124));  // no battery here

    const auto texts = read(d, 3, models.at(1).first + 2, 66).words;
    std::string serial;
    for (int i = 48; i < 64; ++i) serial += {static_cast<char>(texts[i] >> 8), static_cast<char>(texts[i] & 0xFF)};
    CHECK(serial.substr(0, serial.find('\0')) == "SIM-dut");

    const auto m = read(d, 3, models.at(103).first, 52).words;
    const auto scaled = [&](int at, int factor) {
        return static_cast<std::int16_t>(m[at]) * std::pow(10.0, static_cast<std::int16_t>(m[factor]));
    };
    CHECK(scaled(14, 15) == doctest::Approx(site.converters()[0].ac_w()).epsilon(0.001));
    CHECK(scaled(31, 32) == doctest::Approx(5000).epsilon(0.001));
    CHECK(scaled(10, 13) == doctest::Approx(site.grid().voltage_v()[0]).epsilon(0.001));
    CHECK(scaled(16, 17) == doctest::Approx(50).epsilon(0.002));
    CHECK(scaled(2, 6) == doctest::Approx(3 * scaled(3, 6)).epsilon(0.01));
    CHECK(m[38] == 4);  // tracking maximum power
    CHECK(read(d, 3, 39998, 4).exception == 2);
}

TEST_CASE("a value too large for its register is shown with a coarser scale factor") {
    auto s = scenario("site pv 60kW inverter=sunspec/inverter rated=60kW | load 600W");
    Site site(s, 1);
    site.pin_pv(0, 48000);
    auto d = device("sunspec/inverter", site, DeviceView::Kind::converter);
    run(site, d, 60);
    const auto model = walk(d).at(103);
    const auto m = read(d, 3, model.first, 52).words;
    const double power = static_cast<std::int16_t>(m[14]) * std::pow(10.0, static_cast<std::int16_t>(m[15]));
    CHECK(power > 40000);
    CHECK(power == doctest::Approx(site.converters()[0].ac_w()).epsilon(0.001));
}

TEST_CASE("a SunSpec limit works through enable and revert time, and the switch shows when it is over") {
    auto s = scenario("site pv 8kW inverter=sunspec/inverter rated=8kW | load 600W");
    Site site(s, 1);
    site.pin_pv(0, 7000);
    auto d = device("sunspec/inverter", site, DeviceView::Kind::converter);
    const int at = walk(d).at(123).first;
    const auto factor = static_cast<std::int16_t>(read(d, 3, at + 23, 1).words[0]);
    const int half = static_cast<int>(50 * std::pow(10, -factor) + 0.5);

    CHECK(write(d, at + 5, {half}) == 0);
    run(site, d, 10);
    CHECK(site.state().ac_w > 6700);  // not enabled yet
    CHECK(write(d, at + 7, {30}) == 0);
    CHECK(write(d, at + 9, {1}) == 0);
    run(site, d, 10);
    CHECK(site.state().ac_w == doctest::Approx(4000).epsilon(0.001));
    CHECK(read(d, 3, at + 9, 1).words[0] == 1);
    CHECK(read(d, 3, at + 5, 1).words[0] == half);
    CHECK(read(d, 3, walk(d).at(103).first + 38, 1).words[0] == 5);  // throttled
    run(site, d, 25);
    CHECK(site.state().ac_w > 6700);
    CHECK(read(d, 3, at + 9, 1).words[0] == 0);

    CHECK(write(d, at + 5, {3 * half}) == 3);  // 150 %
    CHECK(write(d, at + 2, {1}) == 2);         // not writable
    CHECK(write(d, 100, {1}) == 2);            // not there
    CHECK(ask(d, {7}).exception == 1);         // function it does not have
    CHECK(ask(d, {3, 0, 0, 0, 200}).exception == 3);
}

TEST_CASE(
    "a device that takes over a limit with its switch only, one that may not be written, and one that drops in "
    "silence") {
    auto s = scenario("site pv 8kW inverter=sunspec/inverter rated=8kW | load 600W");
    Site site(s, 1);
    site.pin_pv(0, 7000);
    auto d = device("sunspec/inverter", site, DeviceView::Kind::converter);
    CHECK(d.quirks().latches);
    const int at = walk(d).at(123).first;
    const auto factor = static_cast<std::int16_t>(read(d, 3, at + 23, 1).words[0]);
    const int half = static_cast<int>(50 * std::pow(10, -factor) + 0.5);
    const auto power_after = [&](int wait_s) {
        run(site, d, wait_s);
        return site.state().ac_w;
    };
    CHECK(write(d, at + 5, {half}) == 0);
    CHECK(write(d, at + 9, {1}) == 0);
    CHECK(power_after(10) == doctest::Approx(4000).epsilon(0.001));
    CHECK(write(d, at + 5, {half / 2}) == 0);
    CHECK(power_after(10) == doctest::Approx(4000).epsilon(0.001));  // the switch was not written again
    CHECK(write(d, at + 9, {1}) == 0);
    CHECK(power_after(10) == doctest::Approx(2000).epsilon(0.001));
    CHECK(write(d, at + 9, {0}) == 0);
    CHECK(power_after(10) > 6700);

    auto quirks = d.quirks();
    quirks.drops_out_of_range = true;
    d.set_quirks(quirks);
    CHECK(write(d, at + 5, {half}) == 0);
    CHECK(write(d, at + 5, {3 * half}) == 0);  // 150 %
    CHECK(read(d, 3, at + 5, 1).words[0] == half);
    quirks.write_denied = 128;
    d.set_quirks(quirks);
    CHECK(write(d, at + 5, {half / 2}) == 128);
    CHECK(read(d, 3, at + 5, 1).words[0] == half);
}

TEST_CASE("a Huawei hybrid charges and discharges by force, for as many minutes as were written") {
    auto s = scenario("site battery=huawei/sun2000-luna2000 10kWh soc=50% pv=6kW rated=8kW | load 600W");
    Site site(s, 1);
    site.pin_pv(0, 3000);
    auto d = device("huawei/sun2000-luna2000", site, DeviceView::Kind::converter);
    run(site, d, 30);
    CHECK(std::abs(site.state().grid_w) < 40);  // its own self-consumption

    const auto storage = read(d, 3, 37758, 9).words;
    CHECK(s32_of(storage, 0) == 10'000);
    CHECK(storage[2] == doctest::Approx(site.state().soc.value() * 10).epsilon(0.002));
    CHECK(s32_of(storage, 7) == doctest::Approx(-site.state().battery_w).epsilon(0.001));  // + = charging there
}

TEST_CASE("forcible discharge obeys the sign register, ends with its time, and is released by stop") {
    auto s = scenario("site battery=huawei/sun2000-luna2000 10kWh soc=50% pv=6kW rated=8kW | load 600W");
    Site site(s, 1);
    site.pin_pv(0, 0);
    auto d = device("huawei/sun2000-luna2000", site, DeviceView::Kind::converter);
    CHECK(write(d, 47249, {0, 2500}) == 0);
    CHECK(write(d, 47083, {1}) == 0);
    CHECK(write(d, 47246, {0}) == 0);
    CHECK(write(d, 47100, {2}) == 0);
    run(site, d, 10);
    CHECK(site.state().battery_w == doctest::Approx(2500).epsilon(0.01));
    CHECK(s32_of(read(d, 3, 37765, 2).words, 0) == doctest::Approx(-2500).epsilon(0.01));
    run(site, d, 55);
    CHECK_FALSE(site.state().battery_controlled);
    CHECK(read(d, 3, 47100, 1).words[0] == 0);

    CHECK(write(d, 47247, {0, 1500}) == 0);
    CHECK(write(d, 47083, {5}) == 0);
    CHECK(write(d, 47100, {1}) == 0);
    run(site, d, 10);
    CHECK(site.state().battery_w == doctest::Approx(-1500).epsilon(0.01));
    CHECK(write(d, 47100, {0}) == 0);
    CHECK_FALSE(site.state().battery_controlled);
}

TEST_CASE("a Growatt hybrid takes percent of its charging power, + = charging") {
    auto s = scenario("site battery=growatt/hybrid 10kWh soc=50% power=5kW rated=6kW | load 600W");
    Site site(s, 1);
    auto d = device("growatt/hybrid", site, DeviceView::Kind::converter);
    CHECK(write(d, 30408, {3}) == 0);
    CHECK(write(d, 30409, {40}) == 0);
    CHECK(write(d, 30407, {1}) == 0);
    run(site, d, 10);
    CHECK_FALSE(site.state().battery_controlled);  // the authority register is not set
    CHECK(write(d, 30100, {1}) == 0);
    run(site, d, 10);
    CHECK(site.state().battery_w == doctest::Approx(-2000).epsilon(0.01));
}

TEST_CASE("devices of one kind tell numbers of their own, however little room there is for them") {
    auto s = scenario("site battery=growatt/hybrid 10kWh soc=50% power=5kW rated=6kW | load 600W");
    Site site(s, 1);
    std::set<std::vector<std::uint16_t>> numbers;
    for (const char* id : {"dut", "inverter-1", "inverter-2", "south-roof-1", "south-roof-2"}) {
        auto d = SimulatedDevice::create(profile_named("growatt/hybrid"), {id, "growatt/hybrid", "line", 1, 0},
                                         DeviceView(site, DeviceView::Kind::converter, 0));
        REQUIRE(d.has_value());
        numbers.insert(read(*d, 3, 23, 5).words);
    }
    CHECK(numbers.size() == 5);
}

TEST_CASE("meters show the grid and their load, in the registers of their makers") {
    auto s = scenario("site grid meter=chint/dtsu666 | pv 8kW | load 600W | load 1500W id=pump meter=eastron/sdm630");
    Site site(s, 1);
    site.pin_pv(0, 0);
    auto grid = device("chint/dtsu666", site, DeviceView::Kind::grid_meter);
    auto pump = device("eastron/sdm630", site, DeviceView::Kind::load_meter, 1);
    for (int i = 0; i < 36'000; ++i) site.step(0.1, {});
    const auto g = read(grid, 3, 0x2006, 0x16).words;
    CHECK(float_of(g, 0x2012 - 0x2006) == doctest::Approx(21000));  // 2100 W in tenths
    CHECK(float_of(read(grid, 3, 0x2044, 2).words, 0) == doctest::Approx(5000).epsilon(0.002));
    CHECK(float_of(read(grid, 3, 0x101E, 2).words, 0) == doctest::Approx(2.1).epsilon(0.001));
    const auto p = read(pump, 4, 0, 18).words;
    CHECK(float_of(read(pump, 4, 52, 2).words, 0) == doctest::Approx(1500));
    CHECK(float_of(p, 12) == doctest::Approx(600));  // L1 has 40 %
    CHECK(float_of(p, 0) > 225);
    CHECK(read(pump, 3, 0, 2).exception == 2);   // its values are input registers
    CHECK(read(pump, 4, 0, 60).exception == 2);  // and nobody may read over more than the profile's gap
}

TEST_CASE("a meter with its transformers on backwards shows import as feed-in, in power and in energy") {
    auto s = scenario("site load 2kW");
    Site site(s, 1);
    auto d = device("eastron/sdm630", site, DeviceView::Kind::grid_meter);
    run(site, d, 3600);
    const auto shows = [&](int address) { return float_of(read(d, 4, address, 2).words, 0); };
    const double import_kwh = shows(72);
    CHECK(shows(52) == doctest::Approx(2000).epsilon(0.01));
    CHECK(import_kwh > 1.9);
    CHECK(shows(74) == doctest::Approx(0));
    d.set_fault(FaultKind::reversed);
    CHECK(shows(52) == doctest::Approx(-2000).epsilon(0.01));
    CHECK(shows(74) == doctest::Approx(import_kwh));
    CHECK(shows(72) == doctest::Approx(0));
}

TEST_CASE("frozen, busy, disobeying and restarting devices") {
    auto s = scenario("site pv 8kW inverter=sunspec/inverter rated=8kW | load 600W");
    Site site(s, 1);
    site.pin_pv(0, 5000);
    auto d = device("sunspec/inverter", site, DeviceView::Kind::converter);
    run(site, d, 20);
    const auto models = walk(d);
    const int power_at = models.at(103).first + 14, limit_at = models.at(123).first;
    const auto power = [&] { return static_cast<std::int16_t>(read(d, 3, power_at, 1).words[0]); };

    const int before = power();
    d.set_fault(FaultKind::frozen);
    site.pin_pv(0, 1000);
    run(site, d, 20);
    CHECK(power() == before);
    d.set_fault(FaultKind::none);
    CHECK(power() < 1000);

    d.set_fault(FaultKind::busy);
    CHECK(read(d, 3, power_at, 1).exception == 6);

    d.set_fault(FaultKind::disobeying);
    site.pin_pv(0, 7000);
    CHECK(write(d, limit_at + 5, {0}) == 0);
    CHECK(write(d, limit_at + 9, {1}) == 0);
    run(site, d, 20);
    CHECK(read(d, 3, limit_at + 9, 1).words[0] == 1);  // says yes
    CHECK(power() > 6700);

    d.set_fault(FaultKind::none);
    CHECK(write(d, limit_at + 9, {1}) == 0);
    run(site, d, 20);
    CHECK(power() < 10);
    d.set_fault(FaultKind::restarting);
    d.set_fault(FaultKind::none);
    run(site, d, 20);
    CHECK(power() > 6700);
    CHECK(read(d, 3, limit_at + 9, 1).words[0] == 0);
}

TEST_CASE("a device reads back through its own profile what the physics say") {
    // Every profile that is there: plays it, and decodes each point with the profile's decoder.
    for (const std::string name : {"sunspec/inverter", "huawei/sun2000-luna2000", "growatt/hybrid"}) {
        CAPTURE(name);
        auto s = scenario("site battery=a/b 10kWh soc=60% pv=8kW rated=8kW | load 900W");
        Site site(s, 3);
        site.pin_pv(0, 4000);
        auto d = device(name, site, DeviceView::Kind::converter);
        run(site, d, 30);
        int seen = 0;
        for (const auto& point : d.profile().points) {
            const auto span = span_of(point);
            const auto answer =
                read(d, point.at.table == profile::Table::input ? 4 : 3, span.first, span.last - span.first + 1);
            CAPTURE(to_string(point.role));
            REQUIRE(answer.exception == 0);
            const auto shown = decode(point, span.first, answer.words);
            const auto real = DeviceView(site, DeviceView::Kind::converter, 0).value(point.role);
            if (!real || !shown) continue;
            CHECK(std::abs(*shown - *real) <= 0.51 * point.resolution + 1e-5 * std::abs(*real));
            ++seen;
        }
        CHECK(seen > 10);
    }
}

}  // namespace
}  // namespace busbar::plant
