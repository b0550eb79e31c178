#include "profile/firmware.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "profile/load/load.hpp"

using namespace busbar;
using namespace busbar::profile;

namespace {

std::vector<FirmwareRule> rules_of(std::string_view list) {
    auto rules = load_firmware_table("source: test\nfirmware:\n" + std::string(list), "table.firmware");
    REQUIRE_MESSAGE(rules.has_value(), (rules ? "" : rules.error().text));
    return *rules;
}
std::string error_of(std::string_view text) {
    const auto rules = load_firmware_table(text, "table.firmware");
    return rules ? "" : rules.error().text;
}

}  // namespace

TEST_CASE("versions are compared as people count them") {
    const std::string_view ascending[] = {"0.9",    "0.10.2-beta1", "0.10.2-beta4", "0.12.99-plugsprod1",
                                          "0.14.4", "1.0.3",        "1.0.8",        "1.1.0-beta3",
                                          "1.1.0",  "1.1.0.1",      "1.1.10",       "2"};
    for (std::size_t i = 0; i < std::size(ascending); ++i)
        for (std::size_t j = 0; j < std::size(ascending); ++j) {
            CAPTURE(ascending[i]);
            CAPTURE(ascending[j]);
            CHECK(compare_versions(ascending[i], ascending[j]) == (i <=> j));
        }
    CHECK(compare_versions("V100R001C00SPC130", "V100R001C00SPC141") < 0);
    CHECK(compare_versions("1.08", "1.8") == std::weak_ordering::equivalent);
    CHECK(compare_versions("", "1") < 0);
    CHECK(compare_versions("99999999999999999999999", "100000000000000000000000") < 0);
}

TEST_CASE("a rule says which firmware works, which does not, and what nobody knows") {
    const auto rules = rules_of(
        R"(  - {models: [Plug, Socket], known_good: [1.0.8, 1.1.0], known_bad: [1.0.9], note: See the maker's page.}
  - {models: [Plug Pro], too_old_below: 2.0}
  - {models: [Relay], known_good: ["3.1"], too_old_below: "3.0", others: unsupported}
)");
    struct Case {
        std::string_view model, version;
        FirmwareVerdict verdict;
        std::string_view text;
    };
    const Case cases[] = {
        {"Plug S", "1.0.8", FirmwareVerdict::supported, "Firmware 1.0.8 is known to work."},
        {"Socket", "1.0.9", FirmwareVerdict::unsupported, "Firmware 1.0.9 is known to fail. See the maker's page."},
        {"Plug S", "1.2", FirmwareVerdict::unknown, "Firmware 1.2 was not tried. See the maker's page."},
        {"Plug S", "", FirmwareVerdict::unknown, "The device does not say which firmware it has."},
        {"Plug Pro X", "1.9", FirmwareVerdict::unsupported, "Firmware 1.9 is too old; update it to 2.0 or newer."},
        {"Plug Pro X", "2.1", FirmwareVerdict::supported, "Firmware 2.1 is new enough."},
        {"Relay", "2.9", FirmwareVerdict::unsupported, "Firmware 2.9 is too old; update it to 3.0 or newer."},
        {"Relay", "3.2", FirmwareVerdict::unsupported,
         "Firmware 3.2 is not among those known to work with Relay: 3.1."},
        {"Relay", "3.1", FirmwareVerdict::supported, "Firmware 3.1 is known to work."},
        {"Meter", "3.1", FirmwareVerdict::unknown, ""},
        {"", "", FirmwareVerdict::unknown, ""},
        {"Relay", "x\x1b[2J", FirmwareVerdict::unsupported,
         "Firmware x?[2J is not among those known to work with Relay: 3.1."},
    };
    for (const Case& c : cases) {
        const FirmwareSupport support = firmware_support(rules, c.model, c.version);
        CAPTURE(c.version);
        CHECK(support.verdict == c.verdict);
        if (c.version != "2.9") CHECK(support.text == c.text);
    }
    CHECK(firmware_support(rules, "Relay", std::string(100'000, 'x')).text.size() < 200);
}

TEST_CASE("the shipped table of smart switches knows the versions that work, and warns of others") {
    std::ifstream file("profiles/shelly/switches.firmware");
    std::stringstream text;
    text << file.rdbuf();
    const auto rules = load_firmware_table(text.str(), "profiles/shelly/switches.firmware");
    REQUIRE_MESSAGE(rules.has_value(), (rules ? "" : rules.error().text));
    const std::pair<const char*, std::vector<const char*>> known[] = {
        {"Plus Plug S", {"0.12.99-plugsprod1", "0.14.4", "1.0.8", "1.1.0-beta3"}},
        {"Plus 2PM", {"0.10.2-beta4", "1.0.8", "1.1.0-beta3"}},
        {"Pro 2PM", {"0.10.2-beta1", "1.0.3", "1.0.8", "1.1.0-beta3"}},
        {"Pro2PM", {"0.10.2-beta1", "1.0.3", "1.0.8", "1.1.0-beta3"}}};  // as it announces itself
    for (const auto& [model, versions] : known) {
        for (const char* version : versions)
            CHECK(firmware_support(*rules, model, version).verdict == FirmwareVerdict::supported);
        CHECK(firmware_support(*rules, model, "0.9.0").verdict == FirmwareVerdict::unsupported);
    }
    // What works in one model is not known to work in another.
    CHECK(firmware_support(*rules, "Plus 2PM", "0.14.4").verdict == FirmwareVerdict::unsupported);
    CHECK(firmware_support(*rules, "Pro 4PM", "1.0.8").verdict == FirmwareVerdict::unknown);
}

TEST_CASE("a wrong table has its line, its reason and its remedy") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"firmware: [{models: [A], known_good: [1]}]", "'source' is missing"},
        {"source: x", "'firmware' is missing"},
        {"source: x\nfirmware: []", "table.firmware:2: firmware: expected a list of 1 to 200 rules"},
        {"source: x\nfirmware: [{known_good: [1]}]", "'models' is missing"},
        {"source: x\nfirmware: [{models: A, known_good: [1]}]", "models: expected a list"},
        {"source: x\nfirmware: [{models: [A]}]", "says nothing; add known_good"},
        {"source: x\nfirmware: [{models: [A], known_bad: [1], others: unsupported}]",
         "every version would be unsupported"},
        {"source: x\nfirmware: [{models: [A], known_good: [1], others: bad}]", "expected unknown or unsupported"},
        {"source: x\nfirmware: [{models: [A], known_good: [1], known_bad: [1]}]", "1 is also known to be good"},
        {"source: x\nfirmware: [{model: [A], known_good: [1]}]", "did you mean 'models'?"},
    };
    for (const auto& [text, error] : cases)
        CHECK_MESSAGE(error_of(text).find(error) != std::string::npos, text, " gave: ", error_of(text));
}
