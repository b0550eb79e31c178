// Replays profiles/**.capture through the real ModbusDevice; the file format is docs/formats/capture.md.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/virtual_loop.hpp"
#include "device/capture/capture.hpp"
#include "device/modbus_device.hpp"
#include "device/rigs/fake_bus.hpp"
#include "profile/load/load.hpp"
#include "wire/modbus_pdu.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

Capture read_capture(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    Result<Capture> capture = parse_capture(text.str());
    INFO((capture ? "" : capture.error().text));
    REQUIRE(capture.has_value());
    return *capture;
}

void add_to_image(const CapturedExchange& e, FakeBus::Unit& image) {
    const auto request = wire::decode_request(e.request);
    REQUIRE(request.has_value());
    auto& table = request->function == wire::Function::read_holding ? image.holding : image.input;
    for (std::uint16_t i = 0; i < request->count; ++i)
        table[static_cast<std::uint16_t>(request->address + i)] =
            static_cast<std::uint16_t>(e.answer.at(2u + 2u * i) << 8 | e.answer.at(3u + 2u * i));
}

// What a master sends for this write, from the Modbus documents.
Bytes pdu_of(const FakeBus::Written& w) {
    Bytes pdu;
    ByteWriter out(pdu);
    out.u8(w.form == bus::WriteForm::single ? 6 : 16);
    out.u16_be(w.address);
    if (w.form == bus::WriteForm::multiple) {
        out.u16_be(static_cast<std::uint16_t>(w.words.size()));
        out.u8(static_cast<std::uint8_t>(2 * w.words.size()));
    }
    for (const std::uint16_t word : w.words) out.u16_be(word);
    return pdu;
}
std::string hex(const Bytes& bytes) { return fmt::format("{:02X}", fmt::join(bytes, " ")); }

template <class T>
T run(VirtualLoop& loop, Task<T> task) {
    std::optional<T> result;
    auto keep = [](Task<T> inner, std::optional<T>& into) -> Task<void> { into.emplace(co_await std::move(inner)); };
    loop.spawn("capture", keep(std::move(task), result));
    while (!result) loop.run_for(1s);
    return std::move(*result);
}

void replay_readings(const Capture& capture, VirtualLoop& loop, ModbusDevice& device) {
    std::map<std::string, double> readings;
    std::set<std::string> unknown;
    for (const auto due : {PollClass::critical, PollClass::telemetry, PollClass::slow})
        for (int round = 0; round < 2; ++round) {  // the first round was read by open()
            const PollResult result = run(loop, device.poll(due));
            CHECK(result.failures.empty());
            for (const PointReading& r : result.readings) {
                const std::string role = to_string(device.info().points[r.point].role);
                if (r.reading.quality == model::Quality::good)
                    readings[role] = r.reading.value;
                else
                    unknown.insert(role);
            }
        }
    CHECK(unknown == capture.unknown);
    for (const auto& [role, value] : capture.readings) {
        INFO(role);
        REQUIRE(readings.contains(role));
        CHECK(std::fabs(readings[role] - value) <= 1e-9 * std::max(1.0, std::fabs(value)));
    }
    for (const auto& [role, value] : readings)
        CHECK_MESSAGE(capture.readings.contains(role), role << " is read but not in the capture");
}

void replay_orders(const Capture& capture, VirtualLoop& loop, FakeBus& bus, ModbusDevice& device) {
    for (const CapturedOrder& order : capture.orders) {
        INFO(to_string(order.role), " ", order.value);
        bus.written.clear();
        if (order.is_release) {
            const Status done = run(loop, device.release(order.role));
            INFO((done ? "" : done.error().text));
            CHECK(done.has_value());
        } else {
            const Result<double> held = run(loop, device.apply({order.role, order.value, order.lease}));
            INFO((held ? "" : held.error().text));
            REQUIRE(held.has_value());
            CHECK(*held == doctest::Approx(order.in_force.value_or(order.value)));
        }
        std::vector<std::string> sent, expected;
        for (const auto& w : bus.written) sent.push_back(hex(pdu_of(w)));
        for (const CapturedExchange& e : order.frames) expected.push_back(hex(e.request));
        CHECK(sent == expected);
    }
}

void replay(const std::filesystem::path& file) {
    INFO(file.string());
    const Capture capture = read_capture(file);
    CHECK_FALSE(capture.origin.empty());
    std::ifstream in(std::filesystem::path(file).replace_extension(".yaml"));
    std::stringstream text;
    text << in.rdbuf();
    auto loaded = profile::load(text.str(), capture.name);
    REQUIRE(loaded.has_value());
    CHECK(loaded->name == capture.name);

    VirtualLoop loop;
    loop.run_for(1s);
    FakeBus bus(loop);
    REQUIRE(capture.unit.has_value());
    for (const CapturedExchange& e : capture.exchanges) add_to_image(e, bus.units[*capture.unit]);
    ModbusDevice device(loop, bus, std::make_shared<const profile::Profile>(*loaded),
                        {"d", "Device", *capture.unit, std::nullopt});
    const Status opened = run(loop, device.open());
    INFO((opened ? "" : opened.error().text));
    REQUIRE(opened.has_value());
    const DeviceInfo& info = device.info();
    const std::map<std::string, std::string> found{
        {"maker", info.maker}, {"model", info.model}, {"serial", info.serial}, {"firmware", info.firmware}};
    for (const auto& [key, value] : capture.identity) CHECK(found.at(key) == value);
    replay_readings(capture, loop, device);
    replay_orders(capture, loop, bus, device);
    CHECK(capture.orders.empty() == loaded->controls.empty());
}

}  // namespace

TEST_CASE("every profile has a capture, and gives its readings and its writes") {
    int seen = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("profiles")) {
        if (entry.path().extension() != ".yaml") continue;
        const auto file = std::filesystem::path(entry.path()).replace_extension(".capture");
        REQUIRE_MESSAGE(std::filesystem::exists(file), file.string() << " is missing; every profile has a capture");
        replay(file);
        ++seen;
    }
    CHECK(seen >= 5);
}
