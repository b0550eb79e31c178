#include "bus/health/frame_tap.hpp"

#include "bus/master/master_rig.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {

Bytes bytes_of(const TappedFrame& f) { return {f.view().begin(), f.view().end()}; }

// "request answer:late ..." in the order of the tap.
std::string told(const FrameTap& tap, std::uint64_t since = 0) {
    static constexpr const char* words[] = {"ok", "timeout", "bad_checksum", "mismatch", "foreign", "late"};
    std::string text;
    for (const TappedFrame& f : tap.frames_since(since, 1000).frames) {
        if (!text.empty()) text += ' ';
        text += f.direction == FrameDirection::request ? "request"
                                                       : std::string("answer:") + words[static_cast<int>(f.verdict)];
    }
    return text;
}

}  // namespace

TEST_CASE("nothing is kept until somebody watches, and nothing after the time is up") {
    FrameTap tap(4);
    tap.add(FrameDirection::request, FrameVerdict::ok, Instant(1s), Bytes{1});
    CHECK(tap.frames_since(0, 10).frames.empty());
    tap.watch(Instant(10s));
    tap.watch(Instant(5s));  // the longer wish counts
    tap.add(FrameDirection::request, FrameVerdict::ok, Instant(9s), Bytes{2});
    CHECK(tap.is_watching());
    tap.add(FrameDirection::request, FrameVerdict::ok, Instant(11s), Bytes{3});
    CHECK_FALSE(tap.is_watching());
    const auto window = tap.frames_since(0, 10);
    REQUIRE(window.frames.size() == 1);
    CHECK(bytes_of(window.frames[0]) == Bytes{2});
    CHECK(window.next == 2);
    tap.watch(Instant(20s));
    tap.add(FrameDirection::answer, FrameVerdict::late, Instant(12s), Bytes{4});
    CHECK(tap.frames_since(window.next, 10).frames.at(0).sequence == 2);
}

TEST_CASE("frames come out in order, in pieces, and what was overwritten is counted") {
    FrameTap tap(8);
    tap.watch(Instant::max());
    for (std::uint8_t i = 1; i <= 20; ++i) tap.add(FrameDirection::request, FrameVerdict::ok, Instant(1s), Bytes{i});
    CHECK(tap.overwritten() == 12);
    auto window = tap.frames_since(0, 3);
    CHECK(window.lost == 12);
    REQUIRE(window.frames.size() == 3);
    CHECK(bytes_of(window.frames[0]) == Bytes{13});
    window = tap.frames_since(window.next, 100);
    CHECK(window.lost == 0);
    REQUIRE(window.frames.size() == 5);
    CHECK(window.frames[0].sequence == 16);
    CHECK(window.next == 21);
    CHECK(tap.frames_since(21, 100).frames.empty());
    CHECK(tap.frames_since(1000, 100).next == 21);  // what cannot be yet
}

TEST_CASE("a frame that is too long is cut, and says so") {
    FrameTap tap(2);
    tap.watch(Instant::max());
    tap.add(FrameDirection::answer, FrameVerdict::foreign, Instant(1s), Bytes(5000, 7), 70000);
    const auto frame = tap.frames_since(0, 1).frames.at(0);
    CHECK(frame.size == 70000);
    CHECK(frame.view().size() == TappedFrame::most_kept);
}

TEST_CASE("a watched bus shows requests and answers as they were on the wire") {
    for (Framing framing : {Framing::rtu, Framing::tcp}) {
        Rig rig(framing);
        CHECK(rig.read(3, 7, 2).what == "ok");
        FrameTap& tap = *rig.master->tap();
        CHECK(told(tap).empty());
        tap.watch(Instant::max());
        CHECK(rig.read(3, 7, 2).what == "ok");
        REQUIRE(told(tap) == "request answer:ok");
        const auto frames = tap.frames_since(0, 10).frames;
        const Seen& seen = rig.slave->seen().back();
        if (framing == Framing::rtu) {
            const wire::RtuFrame request = wire::encode_rtu(3, seen.pdu);
            CHECK(bytes_of(frames[0]) == Bytes(request.view().begin(), request.view().end()));
            CHECK(bytes_of(frames[1]) == rtu_answer(seen));
        } else {
            CHECK(frames[0].size == 12);
            CHECK(bytes_of(frames[1]) == tcp_answer(seen));
        }
        CHECK(frames[0].at == seen.end);
        CHECK(frames[1].at >= frames[0].at);
    }
}

TEST_CASE("a watched serial line shows what the bus throws away") {
    Rig rig(Framing::rtu);
    FrameTap& tap = *rig.master->tap();
    tap.watch(Instant::max());
    SUBCASE("an answer too late") {
        rig.script = [](const Seen& s) { return Pieces{{250ms, rtu_answer(s)}}; };
        CHECK(rig.read(3, 7, 2, {.timeout = 200ms}).kind == Errc::timeout);
        rig.script = [](const Seen& s) { return Pieces{{5ms, rtu_answer(s)}}; };
        CHECK(rig.read(4, 8, 2).what == "ok");
        CHECK(told(tap) == "request answer:timeout answer:late request answer:ok");
        CHECK(tap.frames_since(3, 1).frames.at(0).size == 9);
    }
    SUBCASE("a wrong checksum, and the noise behind it") {
        rig.script = [](const Seen& s) {
            Bytes frame = rtu_answer(s);
            frame[4] ^= 1;
            return Pieces{{5ms, frame}, {40ms, Bytes(10, 0xFF)}};
        };
        CHECK(rig.read(3, 7, 2).kind == Errc::malformed);
        CHECK(told(tap).starts_with("request answer:bad_checksum answer:foreign"));
    }
    SUBCASE("the answer of another unit") {
        rig.script = [](Seen s) {
            s.unit = 9;
            return Pieces{{5ms, rtu_answer(s)}};
        };
        CHECK(rig.read(3, 7, 2).kind == Errc::malformed);
        CHECK(told(tap) == "request answer:mismatch");
    }
}

TEST_CASE("a watched connection shows what the bus throws away") {
    Rig rig(Framing::tcp);
    FrameTap& tap = *rig.master->tap();
    tap.watch(Instant::max());
    SUBCASE("an answer too late") {
        rig.script = [](const Seen& s) { return Pieces{{s.request.address == 7 ? 250ms : 100ms, tcp_answer(s)}}; };
        Rig::Got got;
        rig.start_read(got, 3, 7, 2, Urgency::telemetry, {.timeout = 200ms});
        rig.loop.run_for(210ms);
        CHECK(got.kind == Errc::timeout);
        CHECK(rig.read(4, 8, 2).what == "ok");
        CHECK(told(tap) == "request answer:timeout request answer:late answer:ok");
    }
    SUBCASE("an answer to another question") {
        rig.script = [](Seen s) {
            s.transaction = static_cast<std::uint16_t>(s.transaction + 100);
            return Pieces{{5ms, tcp_answer(s)}};
        };
        CHECK(rig.read(3, 7, 2).kind == Errc::malformed);
        CHECK(told(tap) == "request answer:mismatch");
    }
    SUBCASE("bytes that are no Modbus") {
        rig.script = [](const Seen&) { return Pieces{{5ms, {'S', 'S', 'H', '-', '2', '.', '0', '\r', '\n'}}}; };
        CHECK(rig.read(3, 7, 2).kind == Errc::malformed);
        CHECK(told(tap) == "request answer:foreign");
        CHECK(tap.frames_since(2, 1).frames.at(0).size == 9);
    }
    SUBCASE("a tail behind an answer") {
        rig.script = [](const Seen& s) {
            Bytes both = tcp_answer(s);
            both.insert(both.end(), {1, 2, 3});
            return Pieces{{5ms, both}};
        };
        CHECK(rig.read(3, 7, 2).kind == Errc::malformed);
        CHECK(told(tap) == "request answer:ok answer:foreign");
    }
}
