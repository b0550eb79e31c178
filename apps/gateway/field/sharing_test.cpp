#include "field/sharing.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "profile/load/load.hpp"

using namespace busbar;
using namespace busbar::gateway;
using northbound::Span;

namespace {

bool holds(const std::vector<Span>& spans, Span wanted) {
    return std::find(spans.begin(), spans.end(), wanted) != spans.end();
}

}  // namespace

TEST_CASE("a profile tells clients what the device bears, which registers belong together, and which are control's") {
    std::ifstream file("profiles/huawei/sun2000-luna2000.yaml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto profile = profile::load(text, "sun2000-luna2000.yaml");
    REQUIRE(profile.has_value());
    const northbound::DeviceRules rules = rules_of(*profile);
    constexpr auto holding = bus::Table::holding;
    CHECK(rules.max_registers == profile->bus.max_registers);
    CHECK(rules.timing.pause == profile->bus.pause);
    CHECK(holds(rules.controlled, {holding, 40125, 40125}));
    CHECK(holds(rules.controlled, {holding, 47247, 47248}));
    CHECK(holds(rules.controlled, {holding, 47100, 47100}));
    CHECK(holds(rules.values, {holding, 47247, 47248}));
    CHECK(holds(rules.values, {holding, 47075, 47076}));  // a setting of two registers
    CHECK_FALSE(northbound::touches(rules.controlled, {holding, 47081, 47082}));
    CHECK(northbound::cuts_value(rules, {holding, 47248, 47248}));
}

TEST_CASE("what clients wrote is told in one line") {
    northbound::WriteReport report;
    report.device = "hybrid";
    report.address = "10.0.0.7";
    report.first = 47081;
    report.words = {950};
    report.exception = 1;
    northbound::WriteLine line{report};
    CHECK(describe(line) == "10.0.0.7 was refused hybrid 47081: 950: exception 1, illegal function");
    line.times = 312;
    line.over = std::chrono::minutes(1);
    CHECK(describe(line) ==
          "10.0.0.7 was refused hybrid 47081: 950: exception 1, illegal function; 312 times in 60 s, this the last");
    line.is_mixed = true;
    CHECK(describe(line) ==
          "312 other writes in 60 s, the last: 10.0.0.7 was refused hybrid 47081: 950: exception 1, illegal function");
    line = {report};
    line.last.outcome = northbound::WriteReport::Outcome::written;
    line.last.read_back = {{950}};
    CHECK(describe(line) == "10.0.0.7 wrote hybrid 47081: 950");
    line.last.read_back = {{900}};
    CHECK(describe(line) == "10.0.0.7 wrote hybrid 47081: 950; the device holds 900");
    line.last.read_back.reset();
    CHECK(describe(line) == "10.0.0.7 wrote hybrid 47081: 950; it cannot be read back");
    line.last.outcome = northbound::WriteReport::Outcome::unknown;
    CHECK(describe(line) == "10.0.0.7 wrote hybrid 47081: 950; no answer, the device may hold it");
}
