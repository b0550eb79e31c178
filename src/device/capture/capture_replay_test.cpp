// A trace recorded from a running bus becomes a test: through the monitor, the file, and back through the real bus and
// driver, on virtual time.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "base/virtual_loop.hpp"
#include "bus/link/loopback_link.hpp"
#include "bus/master/modbus_master.hpp"
#include "device/capture/capture_replay.hpp"
#include "device/modbus_device.hpp"
#include "profile/load/load.hpp"
#include "wire/modbus_rtu.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

using Values = std::map<std::string, double>;  // by role; only good ones

std::string content_of(const std::string& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

Capture capture_of(const std::string& text) {
    auto capture = parse_capture(text);
    INFO((capture ? "" : capture.error().text));
    REQUIRE(capture.has_value());
    return *capture;
}

// What the devices of a bus say from now on: other values.
Capture with_other_values(Capture capture) {
    for (CapturedExchange& e : capture.exchanges) e.answer.back() ^= 1;
    return capture;
}

// A device of a profile on a bus whose other end replays.
struct Stack {
    Stack(CaptureFraming f, const std::string& name, std::uint8_t unit, const Capture& says)
        : framing(f), replay(std::make_shared<CaptureReplay>(says)) {
        const Duration character = framing == CaptureFraming::tcp ? Duration{0} : wire::rtu_character_time(9600, 10);
        auto ends = bus::LoopbackLink::make(loop, character);
        bus::MasterConfig config;
        config.name = "line";
        config.framing = framing == CaptureFraming::tcp ? bus::Framing::tcp : bus::Framing::rtu;
        master = std::make_unique<bus::ModbusMaster>(loop, std::move(ends.a), config);
        CaptureReplay::serve(loop, std::move(ends.b), replay, framing, character);
        auto profile = profile::load(content_of("profiles/" + name + ".yaml"), name);
        REQUIRE(profile.has_value());
        device = std::make_unique<ModbusDevice>(loop, *master, std::make_shared<const profile::Profile>(*profile),
                                                ModbusDeviceOptions{"d", "Device", unit, std::nullopt});
        loop.run_for(1s);
    }

    static Task<void> open_device(Stack& s, bool& done) {
        const Status opened = co_await s.device->open();
        INFO((opened ? "" : opened.error().text));
        CHECK(opened.has_value());
        done = true;
    }
    static Task<void> poll_device(Stack& s, Values& values, bool& done) {
        for (const auto due : {PollClass::critical, PollClass::telemetry, PollClass::slow}) {
            const PollResult result = co_await s.device->poll(due);
            for (const PointReading& r : result.readings)
                if (r.reading.quality == model::Quality::good)
                    values[to_string(s.device->info().points[r.point].role)] = r.reading.value;
        }
        done = true;
    }
    void open() {
        bool done = false;
        loop.spawn("open", open_device(*this, done));
        while (!done) loop.run_for(1s);
    }
    Values poll() {
        bool done = false;
        Values values;
        loop.spawn("poll", poll_device(*this, values, done));
        while (!done) loop.run_for(1s);
        return values;
    }
    std::string recording() {
        const auto window = master->tap()->frames_since(0, 100000);
        return write_capture(window.frames, {.name = "eastron/sdm630",
                                             .origin = "test",
                                             .recorded = "2026-11-21T19:30:00Z",
                                             .framing = framing,
                                             .lost = window.lost});
    }

    VirtualLoop loop;
    CaptureFraming framing;
    std::shared_ptr<CaptureReplay> replay;
    std::unique_ptr<bus::ModbusMaster> master;
    std::unique_ptr<ModbusDevice> device;
};

}  // namespace

TEST_CASE("a recorded trace becomes a replay test: the driver reads what it read then") {
    const Capture first = capture_of(content_of("profiles/eastron/sdm630.capture"));
    for (const CaptureFraming framing : {CaptureFraming::rtu, CaptureFraming::tcp}) {
        CAPTURE(static_cast<int>(framing));
        Stack real(framing, "eastron/sdm630", *first.unit, first);
        real.master->tap()->watch(Instant::max());
        real.open();
        std::vector<Values> then;
        for (int round = 0; round < 4; ++round) {
            then.push_back(real.poll());
            if (round == 1) *real.replay = CaptureReplay(with_other_values(first));
        }
        CHECK(then[0].size() > 10);
        CHECK(then[3] != then[0]);
        const std::string file = real.recording();

        Stack again(framing, "eastron/sdm630", *first.unit, capture_of(file));
        again.open();
        for (const Values& values : then) CHECK(again.poll() == values);
        // And at the same pace: what a recorded answer took it takes again.
        const auto latency = [](const Stack& s) { return s.master->statistics().units.at(0).latency_us_p50; };
        CHECK(latency(again) == doctest::Approx(latency(real)).epsilon(0.25));
    }
}

TEST_CASE("a recording that began while the device was polled replays too") {
    const Capture first = capture_of(content_of("profiles/eastron/sdm630.capture"));
    Stack real(CaptureFraming::rtu, "eastron/sdm630", *first.unit, first);
    real.open();
    (void)real.poll();
    real.master->tap()->watch(Instant::max());
    Values last;
    for (int round = 0; round < 3; ++round) last = real.poll();

    Stack again(CaptureFraming::rtu, "eastron/sdm630", *first.unit, capture_of(real.recording()));
    again.open();
    Values values;
    for (int round = 0; round < 4; ++round) values = again.poll();
    CHECK(values == last);
}

TEST_CASE("a device that was silent in the recording is silent in the replay") {
    const Capture first = capture_of(content_of("profiles/eastron/sdm630.capture"));
    const Capture nobody = capture_of("capture bus\nrecorded now\n> 01 03 00 00 00 01 84 0A\nend\n");
    Stack stack(CaptureFraming::rtu, "eastron/sdm630", 1, nobody);
    bool done = false;
    auto open = [](Stack& s, bool& ended) -> Task<void> {
        const Status opened = co_await s.device->open();
        CHECK_FALSE(opened.has_value());
        ended = true;
    };
    stack.loop.spawn("open", open(stack, done));
    stack.loop.run_for(60s);
    CHECK(done);
    CHECK(stack.master->statistics().units.at(0).timeouts > 0);
}
