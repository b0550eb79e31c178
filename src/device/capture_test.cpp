// Replays profiles/**.capture through the real ModbusDevice; the file format is docs/formats/capture.md.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/crc.hpp"
#include "base/virtual_loop.hpp"
#include "device/fake_bus.hpp"
#include "device/modbus_device.hpp"
#include "profile/load.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

struct Exchange {
    Bytes request, answer;
};
// An apply or release and the frames it must send.
struct Order {
    bool is_release = false;
    model::RoleKey role;
    double value = 0;
    std::optional<double> in_force;
    Duration lease{};
    std::vector<Exchange> frames;
};
struct Capture {
    std::string name, origin;
    std::uint8_t unit = 0;
    std::map<std::string, std::string> identity;
    std::vector<Exchange> reads;
    std::map<std::string, double> readings;
    std::set<std::string> unknown;
    std::vector<Order> orders;
};

Bytes bytes_of(std::istringstream& hex) {
    Bytes bytes;
    for (std::string byte; hex >> byte;) {
        REQUIRE(byte.size() == 2);
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(byte, nullptr, 16)));
    }
    return bytes;
}
model::RoleKey role_of(const std::string& text) {
    const auto role = model::parse_role(text);
    REQUIRE_MESSAGE(role.has_value(), text);
    return *role;
}

Order order_of(const std::string& word, std::istringstream& line) {
    Order order;
    std::string role, skip, lease;
    line >> role;
    order.role = role_of(role);
    order.is_release = word == "release";
    if (order.is_release) return order;
    line >> order.value >> skip >> lease;
    REQUIRE(skip == "for");
    REQUIRE(lease.ends_with('s'));
    order.lease = std::chrono::seconds(std::stoi(lease));
    return order;
}

Capture read_capture(const std::filesystem::path& file) {
    std::ifstream in(file);
    Capture capture;
    Bytes* frame = nullptr;
    for (std::string text; std::getline(in, text);) {
        if (text.empty() || text[0] == '#') continue;
        std::istringstream line(text);
        if (text.starts_with("  ")) {
            REQUIRE(frame != nullptr);
            const Bytes more = bytes_of(line);
            frame->insert(frame->end(), more.begin(), more.end());
            continue;
        }
        std::string word, key;
        line >> word;
        const auto rest = [&] {
            std::string value;
            std::getline(line >> std::ws, value);
            return value;
        };
        std::vector<Exchange>& exchanges = capture.orders.empty() ? capture.reads : capture.orders.back().frames;
        if (word == ">") {
            exchanges.push_back({bytes_of(line), {}});
            frame = &exchanges.back().request;
        } else if (word == "<") {
            REQUIRE_FALSE(exchanges.empty());
            exchanges.back().answer = bytes_of(line);
            frame = &exchanges.back().answer;
        } else if (word == "capture")
            capture.name = rest();
        else if (word == "origin")
            capture.origin = rest();
        else if (word == "unit")
            capture.unit = static_cast<std::uint8_t>(std::stoi(rest()));
        else if (word == "identity")
            line >> key, capture.identity[key] = rest();
        else if (word == "reading")
            line >> key, capture.readings[key] = std::stod(rest());
        else if (word == "unknown")
            capture.unknown.insert(rest());
        else if (word == "in_force")
            capture.orders.back().in_force = std::stod(rest());
        else if (word == "apply" || word == "release")
            capture.orders.push_back(order_of(word, line));
        else
            FAIL("unknown statement: " << text);
    }
    return capture;
}

std::uint16_t word_at(const Bytes& bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes.at(at) << 8 | bytes.at(at + 1));
}

bool has_good_crc(const Bytes& frame) {
    if (frame.size() < 4) return false;
    const std::uint16_t crc = crc16_modbus(ByteView(frame).first(frame.size() - 2));
    return frame[frame.size() - 2] == (crc & 0xFF) && frame[frame.size() - 1] == crc >> 8;
}

void check_frames(const Exchange& e, std::uint8_t unit) {
    CHECK(has_good_crc(e.request));
    CHECK(has_good_crc(e.answer));
    CHECK(e.request[0] == unit);
    CHECK(e.answer[0] == unit);
    CHECK(e.request[1] == e.answer[1]);
    if (e.request[1] == 3 || e.request[1] == 4) {
        CHECK(e.request.size() == 8);
        CHECK(e.answer[2] == 2 * word_at(e.request, 4));
        CHECK(e.answer.size() == 5u + e.answer[2]);
    } else {
        CHECK(ByteView(e.request).subspan(2, 2)[0] == e.answer[2]);
        CHECK(e.request[3] == e.answer[3]);
    }
}

void add_to_image(const Exchange& read, FakeBus::Unit& image) {
    auto& table = read.request[1] == 3 ? image.holding : image.input;
    const std::uint16_t first = word_at(read.request, 2), count = word_at(read.request, 4);
    for (std::uint16_t i = 0; i < count; ++i)
        table[static_cast<std::uint16_t>(first + i)] = word_at(read.answer, 3 + 2u * i);
}

// The frame a master sends for this write, from the Modbus documents.
Bytes frame_of(const FakeBus::Written& w) {
    Bytes frame;
    ByteWriter out(frame);
    out.u8(w.unit);
    out.u8(w.form == bus::WriteForm::single ? 6 : 16);
    out.u16_be(w.address);
    if (w.form == bus::WriteForm::multiple) {
        out.u16_be(static_cast<std::uint16_t>(w.words.size()));
        out.u8(static_cast<std::uint8_t>(2 * w.words.size()));
    }
    for (const std::uint16_t word : w.words) out.u16_be(word);
    out.u16_le(crc16_modbus(frame));
    return frame;
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
    for (const Order& order : capture.orders) {
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
        for (const auto& w : bus.written) sent.push_back(hex(frame_of(w)));
        for (const Exchange& e : order.frames) expected.push_back(hex(e.request));
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
    for (const Exchange& e : capture.reads) {
        check_frames(e, capture.unit);
        add_to_image(e, bus.units[capture.unit]);
    }
    for (const Order& order : capture.orders)
        for (const Exchange& e : order.frames) check_frames(e, capture.unit);
    ModbusDevice device(loop, bus, std::make_shared<const profile::Profile>(*loaded),
                        {"d", "Device", capture.unit, std::nullopt});
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
