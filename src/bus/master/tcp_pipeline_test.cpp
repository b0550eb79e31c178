// Several requests on their way at once on one Modbus/TCP connection.
#include <optional>

#include "bus/master/master_rig.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {

constexpr DeviceTiming eight{.timeout = 1s, .pipeline = 8};

// Reads of unit 1, registers 100 x i.
template <std::size_t N>
void start_reads(Rig& rig, std::array<Rig::Got, N>& got, const DeviceTiming& timing, std::uint8_t unit = 1) {
    for (std::size_t i = 0; i < N; ++i)
        rig.start_read(got[i], unit, static_cast<std::uint16_t>(100 * i), 10, Urgency::telemetry, timing,
                       std::string(1, static_cast<char>('a' + i)));
}

}  // namespace

TEST_CASE("as many requests are on their way as the profile allows, and each gets its own answer") {
    Rig rig(Framing::tcp);
    int n = 0;
    rig.script = [&](const Seen& s) {
        return Pieces{{std::chrono::milliseconds(n++ < 8 ? 100 - 7 * n : 200), tcp_answer(s)}};
    };
    std::array<Rig::Got, 20> got;
    start_reads(rig, got, eight);
    rig.loop.run_for(20ms);
    CHECK(rig.slave->seen().size() == 8);
    rig.loop.run_for(2s);
    CHECK(rig.slave->seen().size() == 20);
    CHECK(rig.order.substr(0, 8) == "hgfedcba");  // the last one asked was the first to be answered
    for (std::size_t i = 0; i < got.size(); ++i) check_addresses(got[i], static_cast<std::uint16_t>(100 * i), 10);
    const UnitStatistics u = rig.unit(1);
    CHECK(u.answers == 20);
    CHECK(u.timeouts == 0);
    CHECK(rig.master->statistics().utilisation < 0.5);  // time counts once
}

TEST_CASE("without the profile's word, and on a serial line, one is on its way at a time") {
    for (const bool is_serial : {false, true}) {
        Rig rig(is_serial ? Framing::rtu : Framing::tcp, 115200);
        const auto answer = rig.script;
        rig.script = [&](const Seen& s) {
            Pieces pieces = answer(s);
            pieces[0].after += 50ms;
            return pieces;
        };
        std::array<Rig::Got, 5> got;
        start_reads(rig, got, is_serial ? eight : DeviceTiming{});
        rig.loop.run_for(30ms);
        CHECK(rig.slave->seen().size() == 1);
        rig.loop.run_for(2s);
        for (std::size_t i = 0; i < got.size(); ++i) check_addresses(got[i], static_cast<std::uint16_t>(100 * i), 10);
    }
}

TEST_CASE("a setpoint goes right behind what is on its way") {
    Rig rig(Framing::tcp);
    rig.script = [](const Seen& s) { return Pieces{{50ms, tcp_answer(s)}}; };
    std::array<Rig::Got, 12> reads;
    const DeviceTiming two{.timeout = 1s, .pipeline = 2};
    start_reads(rig, reads, two);
    rig.loop.run_for(10ms);
    Rig::Got write;
    rig.start_write(write, 2, 5, {1}, WriteForm::multiple, "W");
    rig.loop.run_for(3s);
    CHECK(write.what == "ok");
    // Its own profile allows one at a time: it waits for the two, and is then alone.
    CHECK(rig.order.substr(0, 3) == "abW");
    CHECK(rig.slave->seen()[2].request.function == wire::Function::write_registers);
    for (std::size_t i = 0; i < reads.size(); ++i) check_addresses(reads[i], static_cast<std::uint16_t>(100 * i), 10);
}

TEST_CASE("units behind the same connection keep their own rules") {
    Rig rig(Framing::tcp);
    int on_way = 0, most = 0, most_with_3 = 0;
    std::optional<Instant> last_2;
    Duration least_pause = 1h;
    auto count_down = [](Rig& r, int& n) -> Task<void> {
        co_await r.loop.sleep_for(20ms);
        --n;
    };
    rig.script = [&](const Seen& s) {
        most = std::max(most, ++on_way);
        if (s.unit == 3) most_with_3 = std::max(most_with_3, on_way);
        if (s.unit == 2) {
            if (last_2) least_pause = std::min(least_pause, s.begin - *last_2);
            last_2 = s.begin + 20ms;
        }
        rig.loop.spawn("count", count_down(rig, on_way));
        return Pieces{{20ms, tcp_answer(s)}};
    };
    std::array<Rig::Got, 12> quick;
    std::array<Rig::Got, 4> with_pause, alone;
    const DeviceTiming pause{.timeout = 1s, .pause = 35ms, .pipeline = 8};
    start_reads(rig, quick, eight, 1);
    start_reads(rig, with_pause, pause, 2);
    start_reads(rig, alone, DeviceTiming{}, 3);
    rig.loop.run_for(5s);
    for (const auto& g : quick) CHECK(g.what == "ok");
    for (const auto& g : with_pause) CHECK(g.what == "ok");
    for (const auto& g : alone) CHECK(g.what == "ok");
    CHECK(most == 8);
    CHECK(most_with_3 == 1);
    CHECK(least_pause >= 35ms);
}

TEST_CASE("a foreign answer ends the connection and everything on it, and credits nothing") {
    using Make = std::function<Bytes(Seen)>;
    const std::pair<const char*, Make> cases[] = {
        {"a number nobody used",
         [](Seen s) {
             s.transaction ^= 0x4000;
             return tcp_answer(s);
         }},
        {"another's number",
         [](Seen s) {
             ++s.transaction;
             s.request.count = 7;
             return tcp_answer(s);
         }},
        {"another unit",
         [](Seen s) {
             ++s.unit;
             return tcp_answer(s);
         }},
        {"another function",
         [](Seen s) {
             s.request.function = wire::Function::read_input;
             return tcp_answer(s);
         }},
        {"cut, and filled up with the next",
         [](Seen s) {
             Bytes b = tcp_answer(s);
             b.resize(b.size() - 4);
             return b;
         }},
    };
    for (const auto& [name, make] : cases) {
        CAPTURE(name);
        Rig rig(Framing::tcp);
        std::array<Rig::Got, 3> before;
        start_reads(rig, before, eight);
        rig.loop.run_for(1s);
        int n = 0;
        rig.script = [&, make = &make](const Seen& s) {
            return Pieces{{10ms, n++ == 0 ? (*make)(s) : tcp_answer(s, n == 2 ? 0 : 1)}};
        };
        std::array<Rig::Got, 3> got;
        start_reads(rig, got, eight);
        rig.loop.run_for(15ms);
        CHECK_FALSE(rig.master->statistics().connected);
        for (const auto& g : got) CHECK(g.what != "ok");
        rig.script = [](const Seen& s) { return Pieces{{0ms, tcp_answer(s)}}; };
        check_addresses(rig.read(1, 500, 10, eight), 500, 10);
        CHECK(rig.master->statistics().reconnects == 1);
    }
}

TEST_CASE("late answers are dropped, and the others go on") {
    Rig rig(Framing::tcp);
    rig.script = [](const Seen& s) { return Pieces{{s.request.address == 200 ? 1500ms : 20ms, tcp_answer(s)}}; };
    std::array<Rig::Got, 5> got;
    start_reads(rig, got, eight);
    rig.loop.run_for(1200ms);
    CHECK(got[2].kind == Errc::timeout);
    start_reads(rig, got, eight);
    rig.loop.run_for(3s);
    for (std::size_t i : {0u, 1u, 3u, 4u}) check_addresses(got[i], static_cast<std::uint16_t>(100 * i), 10);
    CHECK(rig.master->statistics().reconnects == 0);
}

TEST_CASE("a silence of all that is on its way is one time-out of the unit") {
    Rig rig(Framing::tcp);
    check_addresses(rig.read(1, 0, 10, eight), 0, 10);
    const auto answer = rig.script;
    rig.script = [](const Seen&) { return Pieces{}; };
    std::array<Rig::Got, 8> got;
    start_reads(rig, got, eight);
    rig.loop.run_for(1100ms);
    for (const auto& g : got) CHECK(g.kind == Errc::timeout);
    CHECK(rig.unit(1).timeouts == 8);
    CHECK_FALSE(rig.unit(1).silent);
    CHECK(rig.master->statistics().connected);
    start_reads(rig, got, eight);
    rig.loop.run_for(1100ms);
    CHECK(rig.unit(1).silent);
    rig.script = answer;
    rig.slave->forget();
    rig.loop.run_for(1s);
    start_reads(rig, got, eight);  // one of them is the probe
    rig.loop.run_for(1s);
    for (const auto& g : got) CHECK(g.what == "ok");
}

TEST_CASE("reads that find their connection closed are asked again on a new one") {
    Rig rig(Framing::tcp);
    std::array<Rig::Got, 8> got;
    start_reads(rig, got, eight);
    rig.loop.run_for(1s);
    rig.slave->link().close();
    rig.slave->link().listen();
    start_reads(rig, got, eight);
    rig.loop.run_for(1s);
    for (std::size_t i = 0; i < got.size(); ++i) check_addresses(got[i], static_cast<std::uint16_t>(100 * i), 10);
    CHECK(rig.master->statistics().reconnects == 1);
    // Once only.
    rig.script = [&](const Seen&) {
        rig.slave->link().close();
        rig.slave->link().listen();
        return Pieces{};
    };
    start_reads(rig, got, eight);
    rig.loop.run_for(1s);
    for (const auto& g : got) CHECK(g.kind == Errc::unavailable);
}
