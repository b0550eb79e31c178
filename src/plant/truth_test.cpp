#include "plant/truth.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "profile/codec/decode.hpp"
#include "profile/load/load.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::plant {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    REQUIRE_MESSAGE(file.good(), path);
    return {std::istreambuf_iterator<char>(file), {}};
}
std::unique_ptr<World> world_of(std::string_view text) {
    auto scenario = parse(text, "test.plant");
    REQUIRE_MESSAGE(scenario.has_value(), (scenario ? std::string() : scenario.error().text));
    const auto find = [](std::string_view name) {
        const std::string path = fmt::format("profiles/{}.yaml", name);
        return profile::load(text_of(path), path);
    };
    auto world = World::create(std::move(*scenario), 1, {.profile = find, .traces = {}});
    REQUIRE_MESSAGE(world.has_value(), (world ? std::string() : world.error().text));
    return std::move(*world);
}

// The registers of one point as a master reads them, with its exponent where that lies apart.
std::optional<double> shown(SimulatedDevice& device, const profile::Point& point) {
    const std::uint16_t least = device.profile().bus.align;
    const profile::Span span = profile::span_of(point);
    const auto first = static_cast<std::uint16_t>(span.first / least * least);
    const auto count = static_cast<std::uint16_t>((span.last - first) / least * least + least);
    const auto function =
        point.at.table == profile::Table::holding ? wire::Function::read_holding : wire::Function::read_input;
    const wire::Pdu answer = device.answer(wire::encode_read(function, first, count).view());
    std::vector<std::uint16_t> words;
    for (std::size_t i = 2; i + 1 < answer.view().size(); i += 2)
        words.push_back(static_cast<std::uint16_t>(answer.view()[i] << 8 | answer.view()[i + 1]));
    if (words.size() != count) return std::nullopt;
    return profile::decode(point, first, words);
}

}  // namespace

TEST_CASE("what came and went between two looks is told") {
    const auto world = world_of(
        "site line a serial 9600 8N1\nsite grid meter=eastron/sdm630 on=a unit=3 id=meter\n"
        "site load 1kW id=x\nat 2s load x 5kW\nat 2.2s load x 2kW\n");
    Truth truth(*world);
    const auto power = [&] {
        std::optional<Truth::Span> found;
        truth.tell([&](const SimulatedDevice&, const profile::Point& point, Truth::Span span) {
            if (to_string(point.role) == "meter.power") found = span;
        });
        REQUIRE(found);
        return *found;
    };
    world->step(1);
    CHECK(power().high == doctest::Approx(1000));
    world->step(4);
    const Truth::Span step = power();
    CHECK(step.low == doctest::Approx(1000));
    CHECK(step.high == doctest::Approx(5000));
    world->step(1);
    CHECK(power().high == doctest::Approx(2000));
}

TEST_CASE("every register of the demo's factory shows what its device measures") {
    const auto world = world_of(text_of("tools/demo/commercial.plant"));
    for (const double wait_s : {1.0, 31.0, 32.0, 120.0, 400.0}) {
        world->step(wait_s);
        for (Line& line : world->lines())
            for (SimulatedDevice& device : line.devices())
                for (const profile::Point& point : device.profile().points) {
                    const std::optional<double> measured = device.measures(point), read = shown(device, point);
                    if (!measured || !point.names.empty()) continue;
                    INFO(device.profile().name, " ", device.id(), " ", to_string(point.role), " measures ", *measured);
                    // A SunSpec accumulator of 0 says that nothing was counted yet.
                    if (!read) CHECK(std::fabs(*measured) < device.resolution(point));
                    if (!read) continue;
                    const double float_s = 1e-6 * std::fabs(*measured);
                    CHECK(std::fabs(*read - *measured) <= device.resolution(point) + float_s);
                }
    }
}

}  // namespace busbar::plant
