// The part `settings` of a profile: what it says, and what is refused.
#include <doctest/doctest.h>

#include "profile/load/load.hpp"
#include "profile/sunspec/sunspec.hpp"

using namespace busbar;
using namespace busbar::profile;

namespace {

constexpr std::string_view head = R"(profile: test/inverter
source: "a document"
verified: "nothing"
products: [{brand: Test, models: [T1]}]
bus: {protocol: modbus, max_registers: 60, forbidden: [holding 500..510]}
identify: {maker: Test, model: {read: holding 10, count: 4, starts_with: T}}
points:
  battery.soc.min: {read: holding 100, type: u16, unit: "%"}
controls:
  battery.power.set:
    write: [{to: holding 200, type: s16, unit: W, sign: charge_positive, value: setpoint}]
    release: [{to: holding 200, value: 0}, {to: holding 201, value: 0}]
    range: [-3000, 3000]
    falls_back_after: never
settings:
)";

Result<Profile> loaded(std::string_view settings) {
    return load(std::string(head) + std::string(settings), "test/inverter.yaml");
}
std::string error_of(std::string_view settings) {
    const auto profile = loaded(settings);
    return profile ? "" : profile.error().text;
}

}  // namespace

TEST_CASE("a setting says where it is, what it accepts and who may write it") {
    const auto profile = loaded(R"(  feed_in_limit:
    text: Largest feed-in power
    at: holding 300
    type: s32
    unit: 0.1 kW
    range: [-1000, 5000]
    step: 500
    access: installer
    before: [{to: holding 310, type: f32, value: 1000, verify: false}]
    applies: after a restart
    danger: Set what the grid operator demands.
  mode: {text: Working mode, at: holding 302, choices: {0: rest, 2: work}, access: owner}
  baud: {text: Baud rate, at: holding 303, type: u16, unit: min, range: [1, 60], access: owner, verify: false}
  soc_min: {text: Lowest charge, at: holding 100, unit: "%", range: [0, 20], access: owner}
  code: {text: Grid code, at: input 5, access: nobody, choices: {7: Germany}}
  power: {text: Rated power, at: holding 320, unit: 0.1 kW, access: nobody}
)");
    REQUIRE_MESSAGE(profile.has_value(), (profile ? "" : profile.error().text));
    REQUIRE(profile->settings.size() == 6);
    const Setting& limit = profile->settings[0];
    CHECK(limit.key == "feed_in_limit");
    CHECK(limit.at == Address{Table::holding, 300, 0});
    CHECK(limit.encoding.scale == Scale{100, 1});
    CHECK(limit.unit == "W");
    CHECK(limit.min == -1000);
    CHECK(limit.step == 500);
    CHECK(limit.access == Access::installer);
    REQUIRE(limit.before.size() == 1);
    CHECK(limit.before[0].constants[0] == 1000);
    CHECK_FALSE(limit.before[0].verify);
    CHECK(limit.applies == "after a restart");
    CHECK(limit.line == 16);
    const Setting& mode = profile->settings[1];
    CHECK(mode.access == Access::owner);
    REQUIRE(mode.choices.size() == 2);
    CHECK(mode.choices[1].code == 2);
    CHECK(mode.choices[1].text == "work");
    CHECK(mode.verify);
    CHECK(profile->settings[2].unit == "min");
    CHECK(profile->settings[2].step == 1);
    CHECK_FALSE(profile->settings[2].verify);
    CHECK(profile->settings[4].access == Access::nobody);
    CHECK(profile->settings[5].encoding.scale == Scale{100, 1});
}

TEST_CASE("a wrong setting has its line, its reason and its remedy") {
    struct Case {
        std::string_view settings, error;
    };
    const Case cases[] = {
        {"  Limit: {text: L, at: holding 300, range: [0, 1], access: owner}", "a key is 1 to 40 small letters"},
        {"  a: {txt: L, at: holding 300, range: [0, 1], access: owner}", "unknown key 'txt'; did you mean 'text'?"},
        {"  a: {at: holding 300, range: [0, 1], access: owner}", "inverter.yaml:16: settings: a: 'text' is missing"},
        {"  a: {text: L, at: holding 300, range: [0, 1]}", "'access' is missing"},
        {"  a: {text: L, at: holding 300, range: [0, 1], access: admin}", "expected owner, installer, or nobody"},
        {"  a: {text: L, at: input 300, range: [0, 1], access: owner}", "only holding registers can be written"},
        {"  a: {text: L, at: holding 300, access: owner}", "'range' is missing"},
        {"  a: {text: L, at: holding 300, range: [5, 1], access: owner}", "range: expected [lowest, highest]"},
        {"  a: {text: L, at: holding 300, unit: parsec, range: [0, 1], access: owner}", "'parsec' is not understood"},
        {"  a: {text: L, at: holding 300, range: [0, 70000], access: owner}", "70000 does not fit a u16 register"},
        {"  a: {text: L, at: holding 300, range: [-1, 7], access: owner}", "-1 does not fit a u16 register"},
        {"  a: {text: L, at: holding 300, range: [0, 7], step: 9, access: owner}", "step: is wider than the range"},
        {"  a: {text: L, at: holding 300, unit: 10 W, range: [0, 70], step: 15, access: owner}",
         "step: one count of the register is 10"},
        {"  a: {text: L, at: holding 300, choices: {0: no, 70000: yes}, access: owner}", "choice 70000 does not fit"},
        {"  a: {text: L, at: holding 300, choices: {0: no}, range: [0, 1], access: owner}", "has none; remove it"},
        {"  a: {text: L, at: holding 300, choices: [no, yes], access: owner}", "'number: words' pairs"},
        {"  a: {text: L, at: holding 505, range: [0, 1], access: owner}", "forbidden registers 500 to 510"},
        {"  a: {text: L, at: holding 65535, type: u32, range: [0, 1], access: owner}", "ends beyond 65535"},
        {"  a: {text: L, at: model 120 offset 3, range: [0, 1], access: owner}", "has no 'sunspec' part"},
        // One writer for each register, one meaning for each number
        {"  a: {text: L, at: holding 200, range: [0, 1], access: owner}",
         "holding 200 is also written by battery.power.set (line 11); a register has one writer"},
        {"  a: {text: L, at: holding 199, type: u32, range: [0, 1], access: owner}", "a register has one writer"},
        {"  a: {text: L, at: holding 300, range: [0, 1], access: owner, before: [{to: holding 201, value: 5}]}",
         "holding 201 is also written by battery.power.set"},
        {"  a: {text: L, at: holding 300, range: [0, 1], access: owner}\n"
         "  b: {text: L, at: holding 300, range: [0, 1], access: owner}",
         "inverter.yaml:17: settings: b: holding 300 is also written by a (line 16)"},
        {"  a: {text: L, at: holding 99, type: u32, range: [0, 1], access: owner}",
         "overlaps battery.soc.min (line 8) and is read differently"},
        {"  a: {text: L, at: holding 300, range: [0, 1], access: owner, before: [{to: holding 24, value: 70000}]}",
         "70000 does not fit a u16 register; correct value or type"},
        {"  a: {text: L, at: holding 300, range: [0, 1], access: owner, before: [{to: holding 24}]}",
         "'value' is missing"},
        {"  []", "settings: expected 'key: {text"},
    };
    for (const Case& c : cases) {
        const std::string error = error_of(c.settings);
        CHECK_MESSAGE(error.find(c.error) != std::string::npos, c.settings, " gave: ", error);
    }
}

TEST_CASE("settings of a SunSpec device are there where its models are") {
    const auto profile = load(R"(profile: test/sunspec
source: "a document"
verified: "nothing"
products: [{brand: Test, models: [T1]}]
bus: {protocol: modbus}
sunspec: {bases: [40000], models: {1: 66, 121: 30, 123: 24}}
identify: {model: {read: model 1 offset 18, count: 16}}
points:
  ac.power.rated: {read: model 121 offset 2, exponent: 22, type: u16, unit: W}
settings:
  voltage: {text: Nominal voltage, at: model 121 offset 3, exponent: 23, unit: V, range: [200, 260], access: installer}
  window: {text: Time window, at: model 123 offset 2, unit: s, range: [0, 300], access: installer}
)",
                              "test/sunspec.yaml");
    REQUIRE_MESSAGE(profile.has_value(), (profile ? "" : profile.error().text));
    const ModelBlock found[] = {{1, 40002, 66}, {121, 40070, 30}};
    const Profile placed = resolve_models(*profile, found);
    REQUIRE(placed.settings.size() == 1);
    CHECK(placed.settings[0].at == Address{Table::holding, 40073, 0});
    CHECK(placed.settings[0].encoding.exponent == std::uint16_t{40093});
}
