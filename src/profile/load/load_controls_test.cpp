// Which control may write which register: a pack that would let one command overwrite another, or that lets go of
// nothing, is refused before it can act.
#include <doctest/doctest.h>

#include "profile/load/load.hpp"

using namespace busbar;
using namespace busbar::profile;

namespace {

constexpr std::string_view head = R"(profile: test/hybrid
source: "a document"
verified: "nothing"
products: [{brand: Test, models: [T1]}]
bus: {protocol: modbus, max_registers: 60}
identify: {maker: Test, model: {read: holding 10, count: 4, starts_with: T}}
points:
  ac.power: {read: holding 100, type: s32, unit: W, sign: export_positive}
controls:
)";

std::string cap(std::string_view steps) {
    return "  ac.power.limit.set:\n    range: [0, 9000]\n    falls_back_after: never\n" + std::string(steps);
}
std::string storage(std::string_view steps) {
    return "  battery.power.set:\n    range: [-3000, 3000]\n    falls_back_after: never\n" + std::string(steps);
}
std::string said(const std::string& controls) {
    const auto profile = load(std::string(head) + controls, "test/hybrid.yaml");
    return profile ? "accepted" : profile.error().text;
}

constexpr std::string_view plain_cap =
    "    write: [{to: holding 200, type: u16, unit: W, value: setpoint}]\n"
    "    release: [{to: holding 200, value: 9000}]\n";
constexpr std::string_view plain_storage =
    "    write: [{to: holding 210, type: s16, unit: W, sign: charge_positive, value: setpoint}]\n"
    "    release: [{to: holding 210, value: 0}]\n";

}  // namespace

TEST_CASE("controls that write apart from each other are accepted") {
    CHECK(said(cap(plain_cap) + storage(plain_storage)) == "accepted");
}

TEST_CASE("two controls may not write over each other's command") {
    const auto clash = [](std::string_view steps) {
        const std::string text = said(cap(plain_cap) + storage(steps));
        INFO(text);
        return text.find("is also written by") != std::string::npos;
    };
    SUBCASE("the same register") {
        CHECK(
            clash("    write: [{to: holding 200, type: s16, unit: W, sign: charge_positive, value: setpoint}]\n"
                  "    release: [{to: holding 200, value: 0}]\n"));
    }
    SUBCASE("half of it") {
        CHECK(
            clash("    write: [{to: holding 199, type: s32, unit: W, sign: charge_positive, value: setpoint}]\n"
                  "    release: [{to: holding 199, type: s32, value: 0}]\n"));
    }
    SUBCASE("a mode by the sign of the power") {
        CHECK(
            clash("    write: [{to: holding 210, type: s16, unit: W, sign: charge_positive, value: setpoint},\n"
                  "            {to: holding 200, by_sign: [2, 0, 1]}]\n"
                  "    release: [{to: holding 210, value: 0}]\n"));
    }
    SUBCASE("when it lets go") {
        CHECK(
            clash("    write: [{to: holding 210, type: s16, unit: W, sign: charge_positive, value: setpoint}]\n"
                  "    release: [{to: holding 210, value: 0}, {to: holding 200, value: 0}]\n"));
    }
}

TEST_CASE("a switch that two controls set to the same value is shared, as long as neither turns it off") {
    const std::string both_on = cap("    before: [{to: holding 300, value: 1}]\n" + std::string(plain_cap)) +
                                storage("    before: [{to: holding 300, value: 1}]\n" + std::string(plain_storage));
    CHECK(said(both_on) == "accepted");
    const std::string one_turns_it_off =
        cap("    before: [{to: holding 300, value: 1}]\n" + std::string(plain_cap)) +
        storage(
            "    before: [{to: holding 300, value: 1}]\n"
            "    write: [{to: holding 210, type: s16, unit: W, sign: charge_positive, value: setpoint}]\n"
            "    release: [{to: holding 300, value: 0}]\n");
    CHECK(said(one_turns_it_off).find("holding 300 is also written by") != std::string::npos);
}

TEST_CASE("a release lets go of what was written") {
    const auto release = [](std::string_view steps) {
        return said(
            cap("    before: [{to: holding 300, value: 1}]\n"
                "    write: [{to: holding 200, type: u16, unit: W, value: setpoint}]\n"
                "    release: " +
                std::string(steps) + "\n"));
    };
    CHECK(release("[{to: holding 200, value: 9000}]") == "accepted");
    CHECK(release("[{to: holding 300, value: 0}]") == "accepted");
    for (const char* steps : {"[{to: holding 201, value: 9000}]", "[{to: holding 300, value: 1}]"}) {
        CAPTURE(steps);
        CHECK(release(steps).find("would keep the last command") != std::string::npos);
    }
}
