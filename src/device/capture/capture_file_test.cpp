// The capture file itself: what is taken, what is refused and where, and what is written.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "bus/health/frame_tap.hpp"
#include "device/capture/capture.hpp"
#include "device/capture/capture_replay.hpp"
#include "wire/modbus_rtu.hpp"
#include "wire/modbus_tcp.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

const std::string head = "capture acme/meter\norigin \"by hand\"\nunit 1\n";
const std::string exchange = "> 01 03 00 00 00 01 84 0A\n< 01 03 02 00 07 F9 86\n";

std::string error_of(const std::string& text) {
    const auto parsed = parse_capture(text);
    return parsed ? "ok" : parsed.error().text;
}

Bytes rtu(std::uint8_t unit, const Bytes& pdu) {
    const auto frame = wire::encode_rtu(unit, pdu);
    return {frame.view().begin(), frame.view().end()};
}
Bytes tcp(std::uint16_t number, std::uint8_t unit, const Bytes& pdu) {
    const auto frame = wire::encode_tcp(number, unit, pdu);
    return {frame.view().begin(), frame.view().end()};
}

using enum bus::FrameDirection;
using bus::FrameVerdict;

const Bytes ask_one{3, 0, 0, 0, 1}, one_is_7{3, 2, 0, 7}, one_is_8{3, 2, 0, 8};

}  // namespace

TEST_CASE("a capture is read with all it says") {
    const auto c = parse_capture("# hello\n" + head + "identity model M 1\n\n" + exchange +
                                 "reading meter.power -12.5\nunknown meter.frequency\n"
                                 "apply meter.power 100 for 60s\nin_force 99\n"
                                 "> 01 06 00 01 00\n  03 98 0B\n< 01 06 00 01 00 03 98 0B\nrelease meter.power\n");
    INFO((c ? "" : c.error().text));
    REQUIRE(c.has_value());
    CHECK(c->name == "acme/meter");
    CHECK(c->origin == "by hand");
    CHECK(c->unit == 1);
    CHECK(c->identity.at("model") == "M 1");
    REQUIRE(c->exchanges.size() == 1);
    CHECK(c->exchanges[0].request == ask_one);
    CHECK(c->exchanges[0].answer == one_is_7);
    CHECK(c->readings.at("meter.power") == -12.5);
    CHECK(c->unknown.count("meter.frequency") == 1);
    REQUIRE(c->orders.size() == 2);
    CHECK(c->orders[0].lease == 60s);
    CHECK(c->orders[0].in_force == 99);
    CHECK(c->orders[0].frames.size() == 1);
    CHECK(c->orders[1].is_release);
}

TEST_CASE("a capture that was cut off anywhere says so, with the line") {
    const std::string whole = head + exchange + "> 01 03 00 00 00 01\n  84 0A\n< 01 03 02 00\n  07 F9 86\n";
    REQUIRE(error_of(whole) == "ok");
    std::vector<std::size_t> taken;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string error = error_of(whole.substr(0, size));
        if (error == "ok") taken.push_back(size);
        CHECK_MESSAGE((error == "ok" || error.starts_with("line ") || size == 0), error);
    }
    // Between two exchanges nothing shows; a recording has "end" for that.
    CHECK(taken == std::vector<std::size_t>{(head + exchange).size()});
    CHECK(error_of(whole.substr(0, whole.size() - 3)) == "line 9: the file ends within this line; it was cut off");
    CHECK(error_of(whole.substr(0, whole.size() - 11)) ==
          "line 8: the checksum of this frame is wrong, or it is cut off");
    CHECK(error_of(head + "> 01 03 00 00 00 01 84 0A\n") ==
          "line 4: this request has no answer; was the file cut off?");
    CHECK(error_of("capture bus\nrecorded now\n" + exchange) ==
          "line 4: the file ends here without \"end\", as every recording does; it was cut off");
}

TEST_CASE("what is no capture is refused with its line") {
    CHECK(error_of("").find("no capture") != std::string::npos);
    CHECK(error_of("unit 1\n") == "line 1: the first statement is capture NAME");
    CHECK(error_of(head + "capture twice\n").starts_with("line 4:"));
    CHECK(error_of(head + std::string(10000, 'x') + "\n") == "line 4: 10000 characters; a line has at most 2000");
    CHECK(error_of(head + "what is this\n") == "line 4: no statement begins with \"what\"");
    CHECK(error_of(head + "> 01 0G\n") == "line 4: \"0G\" is no byte");
    CHECK(error_of(head + "> 1 03\n") == "line 4: \"1\" is no byte");
    CHECK(error_of(head + "> @x 01 03\n").starts_with("line 4: a time"));
    CHECK(error_of(head + "> 01 03 00 00 00 01 84 0B\n" + exchange).starts_with("line 4: the checksum"));
    CHECK(error_of(head + "< 01 03 02 00 07 F9 86\n") == "line 4: an answer without a request");
    CHECK(error_of("capture a\nunit 9\n" + exchange) == "line 3: a frame of unit 1 in a capture of unit 9");
    CHECK(error_of(head + "> 01 03 00 00 00 02 C4 0B\n< 01 03 02 00 07 F9 86\n") ==
          "line 5: this does not answer the request of line 4");
    CHECK(error_of(head + "reading no.such.role 1\n") == "line 4: \"no.such.role\" is no role");
    CHECK(error_of(head + "reading meter.power nan\n") == "line 4: reading wants a role and a number");
    CHECK(error_of(head + "unit 256\n") == "line 4: unit wants a number 0..255");
    CHECK(error_of(head + "apply meter.power 5\n").starts_with("line 4: apply wants"));
    CHECK(error_of(head + "in_force 5\n").starts_with("line 4: in_force"));
    CHECK(error_of(head + "! sideways\n").starts_with("line 4: !"));
    CHECK(error_of(head + exchange + "framing tcp\n") == "line 6: framing stands before the first frame");
    CHECK(error_of(std::string("capture a\n\0b\n", 13)) == "line 2: a control character; this is no capture");
    std::string long_frame = head + "> 01\n";
    for (int i = 0; i < 300; ++i) long_frame += "  00 00\n";
    CHECK(error_of(long_frame) == "line 140: no frame has more than 272 bytes");
}

TEST_CASE("the frames of a tap become a recording that reads back the same, in both framings") {
    bus::FrameTap tap;
    tap.watch(Instant::max());
    bool is_tcp = false;
    SUBCASE("rtu") {}
    SUBCASE("tcp") { is_tcp = true; }
    const auto frame = [&](std::uint16_t number, std::uint8_t unit, const Bytes& pdu) {
        return is_tcp ? tcp(number, unit, pdu) : rtu(unit, pdu);
    };
    const Instant begin(1000s);
    tap.add(answer, FrameVerdict::ok, begin - 10ms, frame(8, 1, one_is_7));  // its request was before the recording
    tap.add(request, FrameVerdict::ok, begin, frame(9, 1, ask_one));
    tap.add(answer, FrameVerdict::ok, begin + 30ms, frame(9, 1, one_is_7));
    tap.add(answer, FrameVerdict::foreign, begin + 40ms, Bytes(5000, 0xEE));
    tap.add(request, FrameVerdict::ok, begin + 1s, frame(10, 2, ask_one));
    tap.add(answer, FrameVerdict::timeout, begin + 2s, {});
    tap.add(request, FrameVerdict::ok, begin + 3s, frame(11, 1, ask_one));
    tap.add(answer, FrameVerdict::late, begin + 3100ms, frame(10, 2, one_is_7));
    tap.add(answer, FrameVerdict::ok, begin + 3200ms, frame(11, 1, one_is_8));
    tap.add(request, FrameVerdict::ok, begin + 4s, frame(12, 1, ask_one));  // still on its way
    RecordingNotes notes{.name = "bus rs485-1",
                         .origin = "a test\nof two lines",
                         .recorded = "2026-11-21T19:30:00Z",
                         .framing = is_tcp ? CaptureFraming::tcp : CaptureFraming::rtu,
                         .lost = 3};
    const std::string text = write_capture(tap.frames_since(0, 1000).frames, notes);
    const auto c = parse_capture(text);
    INFO(text, (c ? "" : c.error().text));
    REQUIRE(c.has_value());
    CHECK(c->name == "bus rs485-1");
    CHECK(c->origin == "a test of two lines");
    REQUIRE(c->exchanges.size() == 4);
    CHECK(c->exchanges[0].unit == 1);
    CHECK(c->exchanges[0].answer == one_is_7);
    CHECK(c->exchanges[0].asked == Duration{10ms});
    CHECK(*c->exchanges[0].answered - *c->exchanges[0].asked == Duration{30ms});
    CHECK(c->exchanges[1].unit == 2);
    CHECK(c->exchanges[1].answer.empty());
    CHECK(c->exchanges[2].answer == one_is_8);
    CHECK(c->exchanges[3].answer.empty());
    // One unit of it.
    notes.unit = 2;
    const auto of_two = parse_capture(write_capture(tap.frames_since(0, 1000).frames, notes));
    REQUIRE(of_two.has_value());
    CHECK(of_two->exchanges.size() == 1);
    // Cut off anywhere, it is known to be.
    for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(parse_capture(text.substr(0, size)).has_value());
}

TEST_CASE("a replay says what was said then, in its order, and nothing else of its own") {
    const std::string text = "capture bus\nrecorded now\n" + exchange +
                             "> 01 03 00 00 00 01 84 0A\n< 01 03 02 00 08 B9 82\n"
                             "> 01 03 00 01 00 01 D5 CA\n< 01 03 02 00 09 78 42\nend\n";
    const auto c = parse_capture(text);
    REQUIRE(c.has_value());
    CaptureReplay replay(*c);
    CHECK(replay.answer(1, ask_one)->pdu == one_is_7);
    CHECK(replay.answer(1, ask_one)->pdu == one_is_8);
    CHECK(replay.answer(1, ask_one)->pdu == one_is_8);
    CHECK(replay.answer(1, Bytes{3, 0, 0, 0, 2})->pdu == Bytes{3, 4, 0, 8, 0, 9});  // asked differently
    CHECK(replay.answer(1, Bytes{3, 0, 0, 0, 3})->pdu == Bytes{0x83, 2});
    CHECK(replay.answer(1, Bytes{4, 0, 0, 0, 1})->pdu == Bytes{0x84, 2});
    CHECK(replay.answer(1, Bytes{6, 0, 0, 0, 1})->pdu == Bytes{0x86, 1});
    CHECK_FALSE(replay.answer(2, ask_one).has_value());
}
