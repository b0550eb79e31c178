// Raw requests and scans: what the debug channel and the search for devices ask of a bus.
#include <algorithm>

#include "bus/master/master_rig.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {

struct RawGot {
    std::string what = "never ended";
    Errc kind = Errc::internal;
    RawAnswer answer;
    Instant at{};
};

Task<void> raw_into(Rig& rig, std::uint8_t unit, Bytes pdu, Urgency urgency, DeviceTiming timing, RawGot& got) {
    auto result = co_await rig.master->raw(unit, pdu, urgency, timing);
    got.what = result ? "ok" : result.error().text;
    if (result) got.answer = *result;
    if (!result) got.kind = result.error().kind;
    got.at = rig.loop.now();
}

RawGot raw(Rig& rig, std::uint8_t unit, Bytes pdu, Urgency urgency = Urgency::background, DeviceTiming timing = {}) {
    RawGot got;
    rig.loop.spawn("raw", raw_into(rig, unit, std::move(pdu), urgency, timing, got));
    rig.loop.run_for(20s);
    return got;
}

// `pdu` as the slave's answer to `seen`, in the rig's framing.
Bytes frame_of(const Rig& rig, const Seen& seen, const Bytes& pdu) {
    if (rig.character == Duration{0}) {
        const auto tcp = wire::encode_tcp(seen.transaction, seen.unit, pdu);
        return {tcp.view().begin(), tcp.view().end()};
    }
    const auto rtu = wire::encode_rtu(seen.unit, pdu);
    return {rtu.view().begin(), rtu.view().end()};
}

// Asks unit after unit, as a scan does; counts.
Task<void> scan_for_ever(Rig& rig, DeviceTiming timing, int& probes) {
    for (std::uint8_t unit = 100;; unit = static_cast<std::uint8_t>(unit == 199 ? 100 : unit + 1)) {
        const RegisterBlock block{Table::holding, 0, 1};
        (void)co_await rig.master->read(unit, block, Urgency::scan, timing);
        ++probes;
    }
}

// One poll of five requests each second; how long the longest took.
Task<void> poll_each_second(Rig& rig, std::uint8_t unit, DeviceTiming timing, Duration& longest) {
    for (;;) {
        const Instant begin = rig.loop.now();
        for (std::uint16_t address = 0; address < 100; address = static_cast<std::uint16_t>(address + 20)) {
            const RegisterBlock block{Table::holding, address, 10};
            (void)co_await rig.master->read(unit, block, Urgency::critical, timing);
        }
        longest = std::max(longest, rig.loop.now() - begin);
        co_await rig.loop.sleep_until(begin + 1s);
    }
}

}  // namespace

TEST_CASE("a raw request of any function gives the unit's bytes in both framings") {
    for (Framing framing : {Framing::rtu, Framing::tcp}) {
        Rig rig(framing);
        const Bytes identity{0x2B, 0x0E, 0x01, 0x01, 0x00, 0x00, 0x01, 0x00, 0x03, 'A', 'B', 'C'};
        rig.script = [&](const Seen& s) { return Pieces{{10ms, frame_of(rig, s, identity)}}; };
        const RawGot got = raw(rig, 3, {0x2B, 0x0E, 0x01, 0x00});
        CHECK(got.what == "ok");
        CHECK(got.answer.pdu == identity);
        CHECK(got.answer.took >= 10ms);
        CHECK(got.answer.took < 40ms);
        REQUIRE(rig.slave->seen().size() == 1);
        CHECK(rig.slave->seen()[0].pdu == Bytes{0x2B, 0x0E, 0x01, 0x00});
        CHECK(rig.unit(3).answers == 1);
        // The line goes on as before.
        rig.script = [&](const Seen& s) { return Pieces{{5ms, frame_of(rig, s, Bytes{3, 2, 0, 7})}}; };
        CHECK(rig.read(3, 7, 1).registers.words[0] == 7);
    }
}

TEST_CASE("a raw answer without known length ends with the silence, however it is cut") {
    Rig rig(Framing::rtu, 115200);
    Bytes longest(wire::max_pdu_size, 0x55);
    longest[0] = 0x41;
    rig.script = [&](const Seen& s) {
        const Bytes frame = frame_of(rig, s, longest);
        return Pieces{{2ms, {frame.begin(), frame.begin() + 100}}, {25ms, {frame.begin() + 100, frame.end()}}};
    };
    CHECK(raw(rig, 9, {0x41, 1}).answer.pdu == longest);
    SUBCASE("a wrong checksum is no answer") {
        rig.script = [&](const Seen& s) {
            Bytes frame = frame_of(rig, s, longest);
            frame[40] ^= 1;
            return Pieces{{2ms, frame}};
        };
        CHECK(raw(rig, 9, {0x41, 1}).kind == Errc::malformed);
    }
    SUBCASE("nor is that of another unit or function") {
        rig.script = [&](const Seen& s) { return Pieces{{2ms, frame_of(rig, s, Bytes{0x42, 0})}}; };
        CHECK(raw(rig, 9, {0x41, 1}).kind == Errc::malformed);
        rig.script = [&](Seen s) {
            s.unit = 8;
            return Pieces{{2ms, frame_of(rig, s, longest)}};
        };
        CHECK(raw(rig, 9, {0x41, 1}).kind == Errc::malformed);
    }
    SUBCASE("a line that babbles for ever ends it too") {
        rig.script = [&](const Seen&) { return Pieces{{2ms, Bytes(100000, 0x41)}}; };
        CHECK(raw(rig, 9, {0x41, 1}).kind == Errc::malformed);
    }
}

TEST_CASE("an exception is a raw answer") {
    for (Framing framing : {Framing::rtu, Framing::tcp}) {
        Rig rig(framing);
        rig.script = [&](const Seen& s) {
            return Pieces{{10ms, frame_of(rig, s, Bytes{static_cast<std::uint8_t>(s.pdu[0] | 0x80), 1})}};
        };
        CHECK(raw(rig, 3, {0x2B, 0x0E, 1, 0}).answer.pdu == Bytes{0xAB, 1});
        CHECK(raw(rig, 3, {3, 0, 0, 0, 1}).answer.pdu == Bytes{0x83, 1});
        CHECK(rig.unit(3).exceptions == 2);
        CHECK_FALSE(rig.unit(3).silent);
    }
}

TEST_CASE("a raw read shows what the unit says, also when it is not what was asked") {
    Rig rig(Framing::rtu);
    rig.script = [&](const Seen& s) { return Pieces{{10ms, frame_of(rig, s, Bytes{3, 2, 1, 2})}}; };
    CHECK(raw(rig, 3, {3, 0, 0, 0, 10}).answer.pdu == Bytes{3, 2, 1, 2});
    CHECK(raw(rig, 3, {3, 0, 0, 0, 200}).answer.pdu == Bytes{3, 2, 1, 2});  // no request the protocol allows
}

TEST_CASE("a raw request that cannot be one is refused before the wire") {
    Rig rig(Framing::rtu);
    CHECK(raw(rig, 3, {}).kind == Errc::out_of_range);
    CHECK(raw(rig, 3, Bytes(254, 3)).kind == Errc::out_of_range);
    CHECK(raw(rig, 3, {0, 1}).kind == Errc::out_of_range);
    CHECK(raw(rig, 3, {0x83, 1}).kind == Errc::out_of_range);
    CHECK(raw(rig, 0, {3, 0, 0, 0, 1}).kind == Errc::out_of_range);  // broadcast
    CHECK(rig.slave->seen().empty());
    CHECK(raw(rig, 3, Bytes(253, 0x41), Urgency::background, {.timeout = 100ms}).kind == Errc::timeout);
}

TEST_CASE("a scan of a unit that is not there waits its time-out and leaves nothing behind") {
    for (Framing framing : {Framing::rtu, Framing::tcp}) {
        Rig rig(framing);
        rig.script = [&](const Seen&) { return Pieces{}; };
        for (int i = 0; i < 5; ++i) {
            const Instant begin = rig.loop.now();
            const RawGot got = raw(rig, 77, {3, 0, 0, 0, 1}, Urgency::scan, {.timeout = 150ms});
            CHECK(got.kind == Errc::timeout);
            CHECK(got.at - begin >= 150ms);
            CHECK(got.at - begin < 180ms);
        }
        CHECK(rig.slave->seen().size() == 5);
        CHECK(rig.master->statistics().units.empty());
        CHECK(rig.master->statistics().connected);
        // One that answers is known from then on.
        rig.script = [&](const Seen& s) { return Pieces{{10ms, frame_of(rig, s, Bytes{3, 2, 0, 7})}}; };
        CHECK(raw(rig, 77, {3, 0, 0, 0, 1}, Urgency::scan, {.timeout = 150ms}).what == "ok");
        CHECK(rig.master->statistics().units.size() == 1);
    }
}

TEST_CASE("a scan finds a configured unit that never answered, and does not back it off") {
    Rig rig(Framing::rtu);
    rig.script = [&](const Seen&) { return Pieces{}; };
    CHECK(rig.read(5, 0, 1, {.timeout = 100ms}).kind == Errc::timeout);
    const auto before = rig.unit(5);
    CHECK(before.silent);
    for (int i = 0; i < 3; ++i)
        CHECK(raw(rig, 5, {3, 0, 0, 0, 1}, Urgency::scan, {.timeout = 100ms}).kind == Errc::timeout);
    CHECK(rig.unit(5).requests == before.requests);
    rig.script = [&](const Seen& s) { return Pieces{{60ms, frame_of(rig, s, Bytes{3, 2, 0, 7})}}; };
    CHECK(raw(rig, 5, {3, 0, 0, 0, 1}, Urgency::scan, {.timeout = 100ms}).what == "ok");
    CHECK_FALSE(rig.unit(5).silent);
}

TEST_CASE("the late answer to a scan is not taken for that to the next request") {
    Rig rig(Framing::rtu);
    rig.script = [&](const Seen& s) { return Pieces{{140ms, rtu_answer(s)}}; };
    RawGot first;
    Rig::Got second;
    rig.loop.spawn("raw", raw_into(rig, 5, {3, 0, 10, 0, 1}, Urgency::scan, {.timeout = 100ms}, first));
    rig.loop.run_for(125ms);
    CHECK(first.kind == Errc::timeout);
    rig.start_read(second, 5, 99, 1, Urgency::critical);
    rig.loop.run_for(2s);
    check_addresses(second, 99, 1);
}

TEST_CASE("a scan delays a poll by one probe at most") {
    // A device that wants a pause after each answer leaves room for probes within its poll; they may not be used.
    for (const Duration pause : {Duration{0}, Duration{50ms}}) {
        CAPTURE(pause.count());
        const DeviceTiming timing{.timeout = 500ms, .pause = pause};
        const auto script = [](const Seen& s) { return s.unit < 100 ? Pieces{{10ms, rtu_answer(s)}} : Pieces{}; };
        Duration alone{}, with_scan{};
        int probes = 0;
        {
            Rig rig(Framing::rtu);
            rig.script = script;
            rig.loop.spawn("poll", poll_each_second(rig, 1, timing, alone));
            rig.loop.run_for(60s);
        }
        Rig rig(Framing::rtu);
        rig.script = script;
        rig.loop.spawn("poll", poll_each_second(rig, 1, timing, with_scan));
        rig.loop.spawn("scan", scan_for_ever(rig, {.timeout = 150ms}, probes));
        rig.loop.run_for(60s);
        const Duration probe = 8 * rig.character + 150ms + wire::rtu_gap(9600, 10);
        CHECK(alone < 700ms);
        CHECK(with_scan <= alone + probe + 1ms);
        CHECK(probes > 60);  // it gets on all the same
    }
}

TEST_CASE("a unit that was only asked by hand is forgotten after a minute, whether it answered or not") {
    for (const bool answers : {false, true}) {
        Rig rig(Framing::rtu);
        rig.script = [&](const Seen& s) {
            if (s.unit != 5 && !answers) return Pieces{};
            return Pieces{{10ms, frame_of(rig, s, Bytes{3, 2, 0, 7})}};
        };
        const auto units = [&] {
            std::vector<int> all;
            for (const UnitStatistics& unit : rig.master->statistics().units) all.push_back(unit.unit);
            return all;
        };
        const Bytes question{3, 0, 0, 0, 1};
        const DeviceTiming timing{.timeout = 150ms};
        CHECK((raw(rig, 99, question, Urgency::background, timing).what == "ok") == answers);
        CHECK(units() == std::vector<int>{99});
        CHECK(rig.read(5, 0, 1).what == "ok");
        CHECK(units() == std::vector<int>{5, 99});
        rig.loop.run_for(60s);
        CHECK(units() == std::vector<int>{5});
        // One that is polled stays, also when it is asked by hand.
        CHECK(raw(rig, 5, question, Urgency::background, timing).what == "ok");
        rig.loop.run_for(120s);
        CHECK(units() == std::vector<int>{5});
    }
}
