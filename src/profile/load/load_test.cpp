#include "profile/load/load.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "profile/codec/decode.hpp"
#include "profile/codec/encode.hpp"
#include "profile/read_plan.hpp"
#include "profile/sunspec/sunspec.hpp"

using namespace busbar;
using namespace busbar::profile;

namespace {

// A small good profile; each case replaces one line of it or adds some.
constexpr std::string_view good = R"(profile: test/meter
source: "a document, table 1"
verified: "nothing"
products: [{brand: Test, models: [T1]}]
bus: {protocol: modbus, max_registers: 60, forbidden: [holding 500..510]}
identify: {maker: Test, model: {read: holding 10, count: 4, starts_with: T}}
points:
  meter.power: {read: holding 100, type: s32, unit: W, sign: import_positive}
  meter.voltage.l1: {read: holding 110, type: u16, unit: 0.1 V, invalid: 0xFFFF}
controls:
  battery.power.set:
    write: [{to: holding 200, type: s16, unit: W, sign: charge_positive, value: setpoint}]
    release: [{to: holding 200, value: 0}]
    range: [-3000, 3000]
    falls_back_after: never
)";

std::string with(std::string_view line, std::string_view instead) {
    std::string text(good);
    const auto at = text.find(line);
    REQUIRE(at != std::string::npos);
    return text.replace(at, text.find('\n', at) - at, instead);
}
std::string error_of(std::string_view text) {
    const auto profile = load(text, "test/meter.yaml");
    return profile ? "" : profile.error().text;
}

}  // namespace

TEST_CASE("a good profile says what its file says") {
    const auto loaded = load(good, "test/meter.yaml");
    INFO((loaded ? "" : loaded.error().text));
    REQUIRE(loaded.has_value());
    CHECK(loaded->name == "test/meter");
    CHECK(loaded->bus.max_registers == 60);
    CHECK(loaded->bus.pipeline == 1);
    const auto pipelined = load(with("bus:", "bus: {protocol: modbus, pipeline: 8}"), "test/meter.yaml");
    REQUIRE(pipelined.has_value());
    CHECK(pipelined->bus.pipeline == 8);
    REQUIRE(loaded->points.size() == 2);
    CHECK(loaded->points[1].encoding.scale == Scale{1, 10});
    CHECK(loaded->points[1].encoding.invalid == std::vector<std::uint64_t>{0xFFFF});
    CHECK(loaded->points[1].resolution == 0.1);
    CHECK(loaded->points[1].line == 9);
    CHECK(loaded->points[0].every == PollClass::critical);
    REQUIRE(loaded->controls.size() == 1);
    CHECK(loaded->controls[0].write[0].encoding.scale == Scale{-1, 1});
    CHECK(loaded->controls[0].min == -3000);
}

TEST_CASE("a range of roles is one line and many points; codes become the role's own") {
    const auto loaded = load(with("  meter.voltage.l1",
                                  "  meter.voltage.l1..l3: {read: holding 110, step: 4, type: u16, unit: V}\n"
                                  "  charger.state: {read: holding 130, type: u16, codes: {7: no car, 9: charging}}"),
                             "test/meter.yaml");
    INFO((loaded ? "" : loaded.error().text));
    REQUIRE(loaded.has_value());
    REQUIRE(loaded->points.size() == 5);
    for (std::uint8_t i = 0; i < 3; ++i) {
        CHECK(loaded->points[1u + i].role == RoleKey{model::Role::meter_voltage, static_cast<std::uint8_t>(i + 1)});
        CHECK(loaded->points[1u + i].at.offset == 110 + 4 * i);
    }
    const Point& state = loaded->points[4];
    CHECK(state.codes == std::vector<std::pair<std::uint32_t, std::uint32_t>>{{7, 1}, {9, 3}});
    CHECK(state.names.at(3).second == "charging");
    const std::uint16_t charging[] = {9}, strange[] = {8};
    CHECK(decode(state, 130, charging) == 3);
    CHECK_FALSE(decode(state, 130, strange).has_value());
    CHECK(encode(state, 1.0)->front().words.word[0] == 7);
    CHECK_FALSE(encode(state, 2.0).has_value());
}

TEST_CASE("every mistake has its line, its reason and its remedy") {
    struct Case {
        std::string_view line, instead, error;
    };
    const Case cases[] = {
        // Keys
        {"verified", "verifed: x", "test/meter.yaml:3: profile: unknown key 'verifed'; did you mean 'verified'?"},
        {"source", "", "'source' is missing"},
        {"bus:", "bus: {protocol: modbus, max_register: 60}",
         ":5: bus: unknown key 'max_register'; did you mean 'max_registers'?"},
        {"  meter.power", "  meter.power: {raed: holding 100, type: s32, unit: W, sign: import_positive}",
         ":8: meter.power: unknown key 'raed'; did you mean 'read'?"},
        {"  meter.voltage.l1", "  meter.power: {read: holding 110, type: u16, unit: W, sign: import_positive}",
         ":9: 'meter.power' stands twice (first in line 8)"},
        {"  meter.voltage.l1", "  meter.volts.l1: {read: holding 110, type: u16, unit: V}",
         ":9: points: 'meter.volts.l1' is no role"},
        {"  meter.voltage.l1", "  meter.powr: {read: holding 110, type: u16, unit: W}", "did you mean 'meter.power'?"},
        // Registers
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 101, type: u16, unit: V}",
         ":9: meter.voltage.l1: holding 101 also belongs to meter.power (line 8)"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 65535, type: u32, unit: V}",
         ":9: meter.voltage.l1: holding 65535 with 2 registers ends beyond 65535"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 65536, type: u16, unit: V}",
         ":9: meter.voltage.l1: read: 'holding 65536' is no register"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: coil 5, type: u16, unit: V}", "'coil 5' is no register"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 505, type: u16, unit: V}",
         "lies in the forbidden registers 500 to 510"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: model 103 offset 10, type: u16, unit: V}",
         "has no 'sunspec' part"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: V, count: 2}",
         "u16 takes 1 registers, not 2"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: f32, unit: V, less: input 120}",
         "must lie in the same table"},
        {"  meter.voltage.l1",
         "  meter.voltage.l1: {read: holding 110, type: u16, unit: V, less: holding 111, plus: holding 112}",
         "a point has either 'less' or 'plus'"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: V, less: holding 180}",
         "needs 71 registers in one answer"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u32, unit: V, exponent: 111}",
         "exponent register is part of the value"},
        {"bus:", "bus: {protocol: modbus, block: 101}", "crosses a block of 101 registers"},
        {"  meter.voltage.l1", "  meter.voltage.l1..l3: {read: holding 110, type: u16, unit: V}", "'step' is missing"},
        {"  meter.voltage.l1", "  meter.voltage.l2..l1: {read: holding 110, step: 1, type: u16, unit: V}",
         ":9: points: 'meter.voltage.l2..l1' is no range of roles"},
        {"  meter.voltage.l1", "  meter.voltage.l1..l3: {read: holding 110, step: 1, type: u32, unit: V}",
         "holding 111 also belongs to meter.voltage.l1 (line 9)"},
        {"  meter.voltage.l1", "  meter.voltage.l1..l3: {read: holding 65534, step: 1, type: u16, unit: V}",
         "the last one lies beyond register 65535"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, step: 1, type: u16, unit: V}",
         "step: is for a range of roles"},
        {"  meter.voltage.l1", "  charger.state: {read: holding 110, type: u16}",
         "'codes' is missing; give each code of the device one of: unavailable, no car, connected, charging, fault"},
        {"  meter.voltage.l1", "  charger.state: {read: holding 110, type: u16, codes: {1: nocar}}",
         ":9: charger.state: codes: expected 'number: word'"},
        {"  meter.voltage.l1", "  device.state: {read: holding 110, type: u16, codes: {1: no car}}", "use 'states'"},
        // Types, units, signs
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: string8, unit: V}",
         "texts belong to 'identify'"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u24, unit: V}", "unknown; use u16"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16}", "'unit' is missing"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: W}",
         ":9: meter.voltage.l1: unit: 'W' does not fit this role; use V, mV or kV"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: V, sign: charge_positive}",
         "expected import_positive or export_positive"},
        {"  meter.power", "  meter.power: {read: holding 100, type: s32, unit: W}",
         ":8: meter.power: 'sign' is missing"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: V, invalid: 0x1FFFF}",
         "'0x1FFFF' is no u16 value"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: V, every: often}",
         "expected critical, telemetry or slow"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: V, resolution: -1}",
         "resolution"},
        {"  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: V, words: middle}",
         "expected 'high_first' or 'low_first'"},
        {"  meter.voltage.l1", "  battery.power.set: {read: holding 110, type: u16, unit: W}",
         "is a setpoint; move it to 'controls'"},
        // Controls
        {"  battery.power.set", "  battery.power:", "is no setpoint"},
        {"    write", "    write: [{to: input 200, type: s16, unit: W, sign: charge_positive, value: setpoint}]",
         "only holding registers can be written"},
        {"    write", "    write: [{to: holding 200, value: 1}]", "must hold one step with value: setpoint"},
        {"    write", "    write: [{to: holding 200, type: s16, unit: W, value: setpoint}]",
         ":12: battery.power.set: 'sign' is missing"},
        {"    write", "    write: [{to: holding 200, type: s16, value: setpint}]",
         "expected a number, setpoint, positive_part"},
        {"    write", "    write: [{to: holding 200, unit: W, value: positive_part}]", "must hold one step"},
        {"    release", "    release: [{to: holding 200, value: 70000}]", "70000 does not fit a u16 register"},
        {"    release", "    release: [{to: holding 200, value: 0}, {to: holding 202, value: 0, join: true}]",
         "'join' needs the step before it"},
        {"    release", "", "'release' is missing"},
        {"    range", "    range: [3000, -3000]", "expected [lowest, highest]"},
        {"    range", "    range: [-1000000000000, 0]", "range leaves what the role allows"},
        {"    falls_back_after", "    falls_back_after: 60s", "'falls_back_to' is missing"},
        {"    falls_back_after", "    falls_back_after: 60s\n    falls_back_to: x\n    repeat: 60s",
         "'repeat' must be shorter"},
        {"    falls_back_after", "    falls_back_after: lease\n    falls_back_to: x",
         "needs one step with value: lease"},
        {"    falls_back_after", "    falls_back_after: soon", "expected never, lease, or a time"},
        // Who is it
        {"identify", "identify: {maker: Test}", "a wrong device would be taken for this one"},
        {"identify", "identify: {maker: Test, model: {read: holding 10}}", "'count' is missing"},
        {"identify", "identify: {maker: Test, model: {read: holding 65530, count: 10}}", "ends beyond 65535"},
        {"identify", "identify: {maker: Test, model: {read: holding 10, type: u16, codes: {1: T1}}}",
         "a wrong device would be taken for this one"},
        {"identify", "identify: {maker: Test, model: {read: holding 10, count: 4, codes: {1: T1}}}", "needs 'type'"},
        {"identify", "identify: {maker: Test, model: {read: holding 10, type: f32}}", "expected u16 or u32"},
        {"identify", "identify: {maker: Test, serial: {read: holding 10, count: 2, type: u32}}", "belongs to texts"},
        {"profile", "profile: ../etc", "expected maker/family"},
        // The notation itself
        {"points", "points: [", "not YAML"},
        {"products", "products: &p [{brand: Test, models: [T1]}]", ":4: anchors (&name) are not allowed"},
        {"products", "products: *p", "not YAML"},
        {"products", "products: !!binary aGVsbG8=", ":4: tag"},
        {"bus:", "bus: {protocol: canbus}", "only 'modbus' is known"},
        {"bus:", "bus: {protocol: modbus, timeout: 5}", "expected a time from 50 to 30000 ms"},
        {"bus:", "bus: {protocol: modbus, pipeline: 17}", "expected a whole number from 1 to 16"},
        {"bus:", "bus: {protocol: modbus, pipeline: 8, pause: 50ms}", "takes one request at a time"},
        {"bus:", "bus: {protocol: modbus, max_registers: 126}", "expected a whole number from 1 to 125"},
        {"bus:", "bus: {protocol: modbus, forbidden: [holding 10..5]}", "expected 'holding 100..119'"},
    };
    for (const Case& c : cases) {
        const std::string error = error_of(with(c.line, c.instead));
        INFO(c.instead);
        INFO("expected: ", c.error);
        INFO("got:      ", error);
        CHECK(error.find(c.error) != std::string::npos);
        CHECK(error.starts_with("test/meter.yaml:"));
    }
}

TEST_CASE("children: where a logger's devices stand and how it tells of them") {
    const std::string_view products = "products: [{brand: Test, models: [T1]}]\n";
    const auto with_children = [&](std::string_view words) {
        return with("products", std::string(products) + "children: {" + std::string(words) + "}");
    };
    const auto loaded =
        load(with_children("units: [1, 99], presence: {read: holding 65534, online: [0xB001], offline: "
                           "[0xB000]}, serial: {read: holding 65510, count: 10}, changes: holding 65521, "
                           "counts: [holding 1, holding 2], list: 0x87, profiles: [a/b, c/d-2]"),
             "x");
    INFO((loaded ? "" : loaded.error().text));
    REQUIRE(loaded.has_value());
    REQUIRE(loaded->children.has_value());
    const Children& c = *loaded->children;
    CHECK(c.last_unit == 99);
    REQUIRE(c.presence.has_value());
    CHECK(c.presence->register_address == 65534);
    CHECK(c.presence->online == std::vector<std::uint16_t>{0xB001});
    CHECK(c.serial->count == 10);
    CHECK_FALSE(c.name.has_value());
    CHECK(c.changes == 65521);
    CHECK(c.counts == std::vector<std::uint16_t>{1, 2});
    CHECK(c.list == 0x87);
    CHECK(c.profiles.size() == 2);
    CHECK_FALSE(load(good, "x")->children.has_value());

    const std::pair<std::string_view, std::string_view> mistakes[] = {
        {"units: [1, 99]", "profiles: expected 1 to 32 families"},
        {"profiles: [../etc]", "'../etc' is no profile name"},
        {"profiles: [a/b], units: [9, 3]", "units: expected the lowest and the highest unit"},
        {"profiles: [a/b], units: [1, 300]", "units: expected the lowest and the highest unit"},
        {"profiles: [a/b], changes: input 3", "changes: expected a register as in 'holding 65521'"},
        {"profiles: [a/b], presence: {read: holding 5}", "'online' is missing"},
        {"profiles: [a/b], presence: {read: holding 5, online: [70000]}", "expected 1 to 8 codes from 0 to 65535"},
        {"profiles: [a/b], serial: {read: holding 65530, count: 10}", "ends beyond register 65535"},
        {"profiles: [a/b], list: 256", "list: expected a whole number from 0 to 255"},
        {"profiles: [a/b], counts: []", "counts: expected 1 to 8 registers"},
    };
    for (const auto& [words, error] : mistakes) {
        const auto told = error_of(with_children(words));
        INFO("expected: ", error);
        INFO("got:      ", told);
        CHECK(told.find(error) != std::string::npos);
        CHECK(told.starts_with("test/meter.yaml:5: "));
    }
}

TEST_CASE("quirks: what is known of a family's manners, and nothing its own driver would trip over") {
    const auto loaded =
        load(with("bus:",
                  "bus: {protocol: modbus, max_registers: 60, align: 2, pause: 850ms, settle: 1500ms, timeout: 2s}\n"
                  "quirks: {missing: 3, longest_read: 64, even_only: true, too_soon: garbled, pause: 300ms, "
                  "turnaround: [50ms, 300ms], wakes_after: 1s, idle: 60s, clients: 1, newest_client: wins, "
                  "busy: \"2 %\", wrong_unit: 0.5%, any_unit: true, silent_child: 11, write_denied: 128, "
                  "drops_out_of_range: true, latches: true, registers_only: true}"),
             "test/meter.yaml");
    INFO((loaded ? "" : loaded.error().text));
    REQUIRE(loaded.has_value());
    using namespace std::chrono_literals;
    const Quirks& q = loaded->quirks;
    CHECK(q.missing == 3);
    CHECK(q.longest_read == 64);
    CHECK(q.even_only);
    CHECK(q.too_soon == Haste::garbled);
    CHECK(q.pause == 300ms);
    CHECK(q.turnaround_max == 300ms);
    CHECK(q.wakes_after == 1s);
    CHECK(q.idle == 60s);
    CHECK(q.clients == 1);
    CHECK(q.silent_child == 11);
    CHECK(q.write_denied == 128);
    CHECK((q.any_unit && q.drops_out_of_range && q.latches && q.registers_only));
    CHECK(q.newest_client_wins);
    CHECK(q.busy == doctest::Approx(0.02));
    CHECK(q.wrong_unit == doctest::Approx(0.005));
    CHECK(load(good, "x")->quirks == Quirks{});

    const std::pair<std::string_view, std::string_view> mistakes[] = {
        {"missing: 4", "expected a whole number from 2 to 3"},
        {"longest_read: 40", "longest_read: is less than max_registers of bus"},
        {"even_only: true", "even_only: needs 'align: 2' in bus"},
        {"too_soon: rude", "expected 'silent' or 'garbled'"},
        {"too_soon: silent", "means nothing without a pause"},
        {"pause: 1s, too_soon: silent", "pause: is longer than the pause of bus"},
        {"turnaround: [2s, 1s]", "the shortest and the longest"},
        {"turnaround: [1s, 2s]", "turnaround: is longer than the timeout of bus"},
        {"wakes_after: 1s", "wakes_after: is longer than 'settle' of bus"},
        {"idle: 0ms", "expected a time from 1ms to 1h"},
        {"newest_client: wins", "means nothing without 'clients'"},
        {"busy: 80", "expected a share of the requests"},
        {"block: 45", "block: needs a 'block' of bus that divides it"},
        {"silent_child: 2", "expected a whole number from 10 to 11"},
        {"bussy: 1", "unknown key 'bussy'; did you mean 'busy'?"},
    };
    for (const auto& [words, error] : mistakes) {
        const auto told =
            error_of(with("products", "products: [{brand: Test, models: [T1]}]\nquirks: {" + std::string(words) + "}"));
        INFO("expected: ", error);
        INFO("got:      ", told);
        CHECK(told.find(error) != std::string::npos);
        CHECK(told.starts_with("test/meter.yaml:5: "));
    }
}

TEST_CASE("a profile that claims the impossible is refused with its line and the remedy") {
    const std::string endless(10'000, 'x');
    CHECK(error_of(with("products", "products: [{brand: " + endless + ", models: [T1]}]")) ==
          "test/meter.yaml:4: products: brand: expected a text of 1 to 400 characters");
    CHECK(error_of(with("products", "products: [{brand: Test, models: [" + endless + "]}]")) ==
          "test/meter.yaml:4: products: models: expected texts of 1 to 80 characters");
    CHECK(error_of(with("source", "source: " + endless)) ==
          "test/meter.yaml:2: profile: source: expected a text of 1 to 400 characters");
    CHECK(error_of(with("  meter.voltage.l1",
                        "  device.state: {read: holding 110, type: u16, states: {0: " + endless + "}}"))
              .starts_with("test/meter.yaml:9: device.state: states: "));
    CHECK(error_of(with("  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: 0 V}"))
              .starts_with("test/meter.yaml:9: meter.voltage.l1: unit: '0 V' "));
    CHECK(error_of(with("  meter.voltage.l1", "  meter.voltage.l1: {read: holding 110, type: u16, unit: 1e-400 V}"))
              .starts_with("test/meter.yaml:9: meter.voltage.l1: unit: "));
    std::string many(good.substr(0, good.find("points:")));
    many += "points:\n";
    for (int i = 0; i < 100'000; ++i) many += "  a" + std::to_string(i) + ": 1\n";
    CHECK(error_of(many).find("at most 262144 are read") != std::string::npos);
    std::string lists(good.substr(0, good.find("points:")));
    lists += "points:\n  device.alarm.1..24:\n";
    for (int i = 0; i < 30; ++i)
        lists += "    - {read: holding " + std::to_string(1000 + 50 * i) + ", step: 1, type: u16}\n";
    CHECK(error_of(lists).find("points: more than 400; split the device") != std::string::npos);
}

TEST_CASE("all mistakes of a file are told at once") {
    std::string text =
        with("  meter.power", "  meter.power: {read: holding 100, type: s32, unit: V, sign: import_positive}");
    text = text.replace(text.find("0.1 V"), 5, "0.1 A");
    const std::string error = error_of(text);
    CHECK(std::count(error.begin(), error.end(), '\n') == 1);
}

TEST_CASE("hostile text is refused before it costs anything") {
    CHECK(error_of("") == "test/meter.yaml:1: the file is empty");
    CHECK(error_of(std::string(max_profile_bytes + 1, 'a')).find("at most") != std::string::npos);
    CHECK(error_of(std::string(100'000, '[')) != "");
    CHECK(error_of(std::string(20, '[') + std::string(20, ']')).find("nested deeper than 16") != std::string::npos);
    std::string many = "points: [";
    for (int i = 0; i < 30'000; ++i) many += "1,";
    CHECK(error_of(many + "]").find("more than 20000 values") != std::string::npos);
    CHECK(error_of("a: 1\n---\nb: 2\n").find("a second document") != std::string::npos);
    CHECK(error_of("[1, 2]").find("expected keys with values") != std::string::npos);
    CHECK(error_of("{[1, 2]: 3}").find("a key must be a plain word") != std::string::npos);
    CHECK(error_of(std::string("profile: \0x\n", 12)) != "");
    CHECK(error_of("a: \xff\xfe\n") != "");
}

TEST_CASE("each profile in the repository loads, fits its path, and can be planned") {
    int seen = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator("profiles")) {
        if (file.path().extension() != ".yaml") continue;
        std::ifstream in(file.path());
        std::stringstream text;
        text << in.rdbuf();
        const auto loaded = load(text.str(), file.path().string());
        INFO((loaded ? file.path().string() : loaded.error().text));
        REQUIRE(loaded.has_value());
        CHECK("profiles/" + loaded->name + ".yaml" == file.path().string());
        CHECK_FALSE(loaded->source.empty());
        CHECK_FALSE(loaded->verified.empty());
        Profile placed = *loaded;
        if (loaded->sunspec) {
            const std::uint16_t models[] = {1, 103, 120, 121, 122, 123, 124};
            placed = resolve_models(*loaded, chain_of(*loaded, 40000, models));
        }
        std::vector<std::uint16_t> all;
        for (std::uint16_t i = 0; i < placed.points.size(); ++i) all.push_back(i);
        std::size_t planned = 0;
        for (const ReadRequest& request : plan_reads(placed.points, all, placed.bus)) {
            CHECK(request.count <= placed.bus.max_registers);
            planned += request.points.size();
        }
        CHECK(planned == placed.points.size());
        ++seen;
    }
    CHECK(seen >= 5);
}

TEST_CASE("the reference page lists every role, and its example loads") {
    std::ifstream in("docs/reference/profile-format.md");
    std::stringstream page;
    page << in.rdbuf();
    const std::string text = page.str();
    for (const model::RoleInfo& role : model::all_roles()) {
        const std::string row = "| `" + std::string(role.key) + "`";
        CHECK_MESSAGE(text.find(row) != std::string::npos, row << " is missing in docs/reference/profile-format.md");
    }
    const auto begin = text.find("```yaml\n") + 8, end = text.find("\n```", begin);
    REQUIRE(end != std::string::npos);
    CHECK(error_of(text.substr(begin, end - begin)) == "");
}
