// Replays profiles/**.capture through the real ModbusDevice; the file format is docs/formats/capture.md.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "device/capture/capture.hpp"
#include "device/capture/conformance.hpp"
#include "profile/load/load.hpp"

using namespace busbar;
using namespace busbar::device;

namespace {

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

Capture capture_of(const std::string& text) {
    Result<Capture> capture = parse_capture(text);
    INFO((capture ? "" : capture.error().text));
    REQUIRE(capture.has_value());
    return *capture;
}

profile::Profile profile_of(const std::string& text, const std::string& name) {
    auto loaded = profile::load(text, name);
    INFO((loaded ? "" : loaded.error().text));
    REQUIRE(loaded.has_value());
    return *loaded;
}

std::vector<std::string> differences(const profile::Profile& profile, const Capture& capture) {
    const auto found = conform(profile, capture);
    REQUIRE(found.has_value());
    return found->differences;
}

}  // namespace

TEST_CASE("every profile has a capture, and gives its readings and its writes") {
    int seen = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("profiles")) {
        if (entry.path().extension() != ".yaml") continue;
        const auto file = std::filesystem::path(entry.path()).replace_extension(".capture");
        REQUIRE_MESSAGE(std::filesystem::exists(file), file.string() << " is missing; every profile has a capture");
        INFO(file.string());
        const Capture capture = capture_of(content_of(file));
        const profile::Profile profile = profile_of(content_of(entry.path()), capture.name);
        CHECK_FALSE(capture.origin.empty());
        CHECK(profile.name == capture.name);
        CHECK_FALSE(capture.readings.empty());
        CHECK(capture.orders.empty() == profile.controls.empty());
        CHECK(differences(profile, capture) == std::vector<std::string>{});
        ++seen;
    }
    CHECK(seen >= 5);
}

TEST_CASE("what a profile and a capture disagree on is named with both sides") {
    const std::string yaml = content_of("profiles/growatt/spa.yaml"), text = content_of("profiles/growatt/spa.capture");
    const auto profile = profile_of(yaml, "growatt/spa");
    REQUIRE(differences(profile, capture_of(text)).empty());

    Capture other = capture_of(text);
    REQUIRE_FALSE(other.readings.empty());
    REQUIRE_FALSE(other.orders.empty());
    const auto [role, value] = *other.readings.begin();
    other.readings[role] = value + 1;
    other.identity["maker"] = "Somebody";
    other.orders[0].frames.at(0).request.back() ^= 1;
    const auto found = differences(profile, other);
    REQUIRE(found.size() == 3);
    CHECK(found[0].find("maker: reads 'Growatt', the capture says 'Somebody'") == 0);
    CHECK(found[1].find(role + ": reads ") == 0);
    CHECK(found[2].find("write 1 sends ") != std::string::npos);

    Capture without = capture_of(text);
    without.exchanges.resize(1);
    CHECK_FALSE(differences(profile, without).empty());
}

TEST_CASE("of a recording of several units one must be named") {
    const auto profile = profile_of(content_of("profiles/eastron/sdm630.yaml"), "eastron/sdm630");
    Capture capture = capture_of(content_of("profiles/eastron/sdm630.capture"));
    const std::uint8_t unit = *capture.unit;
    capture.unit.reset();
    capture.recorded = "2026-11-21T19:30:00Z";
    capture.exchanges.push_back(capture.exchanges.front());
    capture.exchanges.back().unit = 77;
    const auto unnamed = conform(profile, capture);
    REQUIRE_FALSE(unnamed.has_value());
    CHECK(unnamed.error().text.find("several units") != std::string::npos);
    const auto named = conform(profile, capture, unit);
    REQUIRE(named.has_value());
    CHECK(named->differences.empty());
    CHECK(named->readings.size() == capture.readings.size());
    CHECK_FALSE(conform(profile, capture, 78).has_value());
}

TEST_CASE("a recording may have begun after the device was opened, but whom it holds must fit") {
    auto profile = profile_of(content_of("profiles/growatt/spa.yaml"), "growatt/spa");
    Capture capture = capture_of(content_of("profiles/growatt/spa.capture"));
    profile.identify.model = profile::TextRead{{profile::Table::holding, 60000}, 4, {"SPA"}};  // in no capture of it
    const std::size_t values = capture.readings.size();
    const auto beside = differences(profile, capture);
    REQUIRE(beside.size() == 1);
    CHECK(beside[0].find("model reads ''") != std::string::npos);

    capture.recorded = "2026-11-21T19:30:00Z";
    capture.orders.clear();
    const auto recorded = conform(profile, capture);
    REQUIRE(recorded.has_value());
    CHECK(recorded->differences == std::vector<std::string>{});
    CHECK(recorded->readings.size() == values);

    REQUIRE_FALSE(profile.identify.checks.empty());
    profile.identify.checks.front().min = profile.identify.checks.front().max = 4711;
    const auto stranger = conform(profile, capture);
    REQUIRE(stranger.has_value());
    REQUIRE(stranger->differences.size() == 1);
    CHECK(stranger->differences[0].find("another device") != std::string::npos);
}
