#include "bus/master/master_rig.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

TEST_CASE("reads and writes work in both framings") {
    for (Framing framing : {Framing::rtu, Framing::tcp}) {
        Rig rig(framing);
        check_addresses(rig.read(3, 40000, 125), 40000, 125);
        check_addresses(rig.read(3, 65535, 1), 65535, 1);
        Rig::Got multiple, single;
        rig.start_write(multiple, 4, 100, {1, 2, 3});
        rig.start_write(single, 4, 200, {9}, WriteForm::single);
        rig.loop.run_for(2s);
        CHECK(multiple.what == "ok");
        CHECK(single.what == "ok");
        const auto& seen = rig.slave->seen();
        REQUIRE(seen.size() == 4);
        CHECK(seen[2].request.function == wire::Function::write_registers);
        CHECK(seen[2].request.data_word(2) == 3);
        CHECK(seen[3].request.function == wire::Function::write_register);
        CHECK(seen[3].request.value == 9);
        const auto s = rig.master->statistics();
        CHECK(s.connected);
        CHECK(s.reconnects == 0);
        CHECK(s.last_error.empty());
        REQUIRE(s.units.size() == 2);
        CHECK(s.units[0].answers == 2);
        CHECK(s.units[1].answers == 2);
        CHECK(s.bytes_out > 0);
        CHECK(s.bytes_in > 250);
    }
}

TEST_CASE("what cannot be asked is refused before the wire") {
    Rig rig(Framing::rtu);
    CHECK(rig.read(1, 0, 126).kind == Errc::out_of_range);
    CHECK(rig.read(1, 0, 0).kind == Errc::out_of_range);
    CHECK(rig.read(1, 65535, 2).kind == Errc::out_of_range);
    CHECK(rig.read(0, 0, 1).kind == Errc::out_of_range);  // nobody answers a broadcast
    Rig::Got none, many, past;
    rig.start_write(none, 1, 0, {});
    rig.start_write(many, 1, 0, std::vector<std::uint16_t>(124));
    rig.start_write(past, 1, 65535, {1, 2});
    rig.loop.run_for(1s);
    CHECK(none.kind == Errc::out_of_range);
    CHECK(many.kind == Errc::out_of_range);
    CHECK(past.kind == Errc::out_of_range);
    CHECK(rig.slave->seen().empty());
}

TEST_CASE("an exception is a refusal with its number and name") {
    Rig rig(Framing::rtu);
    rig.script = [](const Seen& s) {
        const auto pdu = wire::encode_exception(3, wire::ExceptionCode::illegal_data_address);
        const auto frame = wire::encode_rtu(s.unit, pdu.view());
        return Pieces{{10ms, {frame.view().begin(), frame.view().end()}}};
    };
    const auto got = rig.read(5, 7, 2);
    CHECK(got.kind == Errc::refused);
    CHECK(got.what == "test: unit 5: read holding 7+2: exception 2: illegal data address");
    CHECK(rig.unit(5).exceptions == 1);
    CHECK_FALSE(rig.unit(5).silent);
}

TEST_CASE("the most urgent goes first, and a setpoint right after the frame in flight") {
    Rig rig(Framing::rtu);
    Rig::Got g[7];
    rig.start_read(g[0], 1, 0, 50, Urgency::telemetry, {}, "a");  // in flight when the rest arrives
    rig.loop.run_for(20ms);
    rig.start_read(g[1], 1, 1, 50, Urgency::scan, {}, "s");
    rig.start_read(g[2], 1, 2, 50, Urgency::telemetry, {}, "t");
    rig.start_read(g[3], 1, 3, 50, Urgency::telemetry, {}, "u");
    rig.start_read(g[4], 1, 4, 50, Urgency::critical, {}, "c");
    rig.start_write(g[6], 2, 6, {1}, WriteForm::multiple, "x", Urgency::telemetry);  // a setting waits its turn
    rig.start_write(g[5], 2, 5, {1}, WriteForm::multiple, "w");
    rig.loop.run_for(3s);
    CHECK(rig.order == "awctuxs");
    const auto& seen = rig.slave->seen();
    REQUIRE(seen.size() == 7);
    CHECK(seen[1].request.function == wire::Function::write_registers);
    CHECK(seen[1].silence == wire::rtu_gap(9600, 10));  // nothing but the legal silence in between
}

TEST_CASE("the silence between frames is exactly the legal one when there is work") {
    for (std::uint32_t baud : {1200u, 9600u, 19200u, 38400u, 115200u}) {
        CAPTURE(baud);
        Rig rig(Framing::rtu, baud);
        std::array<Rig::Got, 30> got;
        for (std::size_t i = 0; i < got.size(); ++i)
            rig.start_read(got[i], static_cast<std::uint8_t>(1 + i % 20), static_cast<std::uint16_t>(i), 50,
                           Urgency::telemetry, {.timeout = 5s});
        rig.loop.run_for(60s);
        const auto& seen = rig.slave->seen();
        REQUIRE(seen.size() == got.size());
        for (std::size_t i = 1; i < seen.size(); ++i) CHECK(seen[i].silence == wire::rtu_gap(baud, 10));
        for (std::size_t i = 0; i < got.size(); ++i) check_addresses(got[i], static_cast<std::uint16_t>(i), 50);
    }
}

TEST_CASE("a unit's own pause is kept, while others use the line") {
    Rig rig(Framing::rtu, 115200);
    Rig::Got g[3];
    const DeviceTiming slow{.timeout = 1s, .pause = 100ms};
    rig.start_read(g[0], 1, 0, 10, Urgency::telemetry, slow, "a");
    rig.start_read(g[1], 1, 1, 10, Urgency::telemetry, slow, "b");
    rig.start_read(g[2], 2, 2, 10, Urgency::telemetry, {}, "c");
    rig.loop.run_for(1s);
    CHECK(rig.order == "acb");
    CHECK(g[1].at - g[0].at >= 100ms);
    CHECK(g[1].at - g[0].at < 115ms);
}

TEST_CASE("a unit that needs time after the connection opened gets it, others do not wait") {
    Rig rig(Framing::tcp);
    const DeviceTiming slow{.settle = 1500ms};
    check_addresses(rig.read(1, 0, 2), 0, 2);
    const auto lose_connection = [&] {
        rig.slave->link().close();
        rig.slave->link().listen();
    };
    lose_connection();
    const Instant lost = rig.loop.now();
    Rig::Got quick, first;
    rig.start_read(quick, 1, 0, 2, Urgency::telemetry, {}, "q");
    rig.start_read(first, 2, 0, 2, Urgency::telemetry, slow, "s");
    rig.loop.run_for(3s);
    CHECK(quick.what == "ok");
    CHECK(first.what == "ok");
    CHECK(rig.order == "qs");
    CHECK(quick.at - lost < 100ms);
    CHECK(first.at - lost >= 1500ms);
    CHECK(first.at - lost < 1600ms);
    const Instant asked = rig.loop.now();
    CHECK(rig.read(2, 0, 2, slow).at - asked < 100ms);
    // It is the one that opens the connection: it waits for itself.
    lose_connection();
    const Instant lost_again = rig.loop.now();
    const Rig::Got again = rig.read(2, 0, 2, slow);
    CHECK(again.what == "ok");
    CHECK(again.at - lost_again >= 1500ms);
}

TEST_CASE("a late answer is never taken for the next one") {
    Rig rig(Framing::rtu);
    check_addresses(rig.read(1, 0, 10), 0, 10);
    const Instant begin = rig.loop.now();
    int asked = 0;
    rig.script = [&](const Seen& s) { return Pieces{{++asked == 1 ? 1500ms : 10ms, rtu_answer(s)}}; };
    Rig::Got first, second, other;
    rig.start_read(first, 1, 100, 10, Urgency::telemetry, {.timeout = 1s}, "1");
    rig.start_read(second, 1, 200, 10, Urgency::telemetry, {.timeout = 1s}, "2");
    rig.start_read(other, 2, 300, 10, Urgency::telemetry, {.timeout = 1s}, "o");
    rig.loop.run_for(10s);
    CHECK(first.kind == Errc::timeout);
    check_addresses(second, 200, 10);
    check_addresses(other, 300, 10);
    CHECK(second.at > begin + 2s);     // unit 1 rests until no late answer can come
    CHECK(other.at < begin + 1200ms);  // unit 2 does not wait for that
}

TEST_CASE("wrong, short, long, merged and foreign serial answers fail, and the next request works") {
    using Make = std::function<Bytes(const Seen&)>;
    struct Case {
        const char* name;
        Make make;
        Errc want;
    };
    const auto with_unit = [](const Seen& s, std::uint8_t unit) {
        Seen other = s;
        other.unit = unit;
        return rtu_answer(other);
    };
    const auto with_function = [](const Seen& s) {
        wire::Request r = s.request;
        r.function = wire::Function::read_input;
        const auto f = wire::encode_rtu(s.unit, address_answer(r).view());
        return Bytes(f.view().begin(), f.view().end());
    };
    const auto with_count = [](const Seen& s, int more) {
        wire::Request r = s.request;
        r.count = static_cast<std::uint16_t>(r.count + more);
        const auto f = wire::encode_rtu(s.unit, address_answer(r).view());
        return Bytes(f.view().begin(), f.view().end());
    };
    const Case cases[] = {
        {"one bit wrong",
         [](const Seen& s) {
             Bytes b = rtu_answer(s);
             b[6] ^= 4;
             return b;
         },
         Errc::malformed},
        {"cut",
         [](const Seen& s) {
             Bytes b = rtu_answer(s);
             b.resize(9);
             return b;
         },
         Errc::malformed},
        {"one byte more in front",
         [](const Seen& s) {
             Bytes b = rtu_answer(s);
             b.insert(b.begin(), 0);
             return b;
         },
         Errc::malformed},
        {"another unit", [&](const Seen& s) { return with_unit(s, 9); }, Errc::malformed},
        {"another function", with_function, Errc::malformed},
        {"fewer registers", [&](const Seen& s) { return with_count(s, -1); }, Errc::malformed},
        {"more registers", [&](const Seen& s) { return with_count(s, 1); }, Errc::malformed},
        {"another unit's answer and then the right one",
         [&](const Seen& s) {
             Bytes b = with_unit(s, 9);
             const Bytes a = rtu_answer(s);
             b.insert(b.end(), a.begin(), a.end());
             return b;
         },
         Errc::malformed},
        {"noise",
         [](const Seen&) {
             return Bytes{0xFF, 0x00, 0xFE};
         },
         Errc::malformed},
        {"nothing", [](const Seen&) { return Bytes{}; }, Errc::timeout},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        Rig rig(Framing::rtu);
        check_addresses(rig.read(1, 10, 8), 10, 8);  // known, so that one failure does not make it silent
        bool is_first = true;
        rig.script = [&](const Seen& s) {
            return Pieces{{5ms, std::exchange(is_first, false) ? c.make(s) : rtu_answer(s)}};
        };
        const auto bad = rig.read(1, 100, 8);
        CHECK(bad.kind == c.want);
        check_addresses(rig.read(1, 200, 8), 200, 8);
        CHECK(rig.unit(1).answers == 2);
    }
}

TEST_CASE("foreign answers on TCP reset the connection, late ones are dropped") {
    Rig rig(Framing::tcp);
    check_addresses(rig.read(1, 10, 8), 10, 8);
    struct Case {
        const char* name;
        std::function<Bytes(Seen)> make;
    };
    const Case cases[] = {
        {"another number",
         [](Seen s) {
             s.transaction ^= 0x100;
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
        {"fewer registers",
         [](Seen s) {
             --s.request.count;
             return tcp_answer(s);
         }},
        {"another protocol",
         [](Seen s) {
             Bytes b = tcp_answer(s);
             b[2] = 1;
             return b;
         }},
    };
    std::uint64_t reconnects = 0;
    const auto good = rig.script;
    for (const Case& c : cases) {
        CAPTURE(c.name);
        rig.script = [&](const Seen& s) { return Pieces{{5ms, c.make(s)}}; };
        CHECK(rig.read(1, 100, 8).kind == Errc::malformed);
        CHECK_FALSE(rig.master->statistics().connected);
        rig.script = good;
        check_addresses(rig.read(1, 200, 8), 200, 8);
        CHECK(rig.master->statistics().reconnects == ++reconnects);
    }
    rig.script = [&](const Seen& s) { return Pieces{{s.request.address == 300 ? 1500ms : 10ms, tcp_answer(s)}}; };
    Rig::Got late, next;
    rig.start_read(late, 1, 300, 8);
    rig.start_read(next, 1, 400, 8);
    rig.loop.run_for(5s);
    CHECK(late.kind == Errc::timeout);
    check_addresses(next, 400, 8);
    check_addresses(rig.read(1, 500, 8), 500, 8);
    CHECK(rig.master->statistics().reconnects == reconnects);  // the late answer was expected
}

TEST_CASE("a full queue refuses at once, but keeps places for setpoints") {
    Rig rig(Framing::rtu, 9600, 8);
    std::array<Rig::Got, 10> reads;
    Rig::Got write;
    for (auto& g : reads) rig.start_read(g, 1, 0, 100);
    rig.loop.run_for(1ms);
    rig.start_write(write, 1, 0, {1});
    rig.loop.run_for(1ms);
    // One is in flight, six wait, two places are the setpoints'.
    CHECK(std::count_if(reads.begin(), reads.end(), [](auto& g) { return g.kind == Errc::unavailable; }) >= 3);
    CHECK(rig.master->statistics().overflows >= 3);
    rig.loop.run_for(10s);
    CHECK(write.what == "ok");
    CHECK(std::count_if(reads.begin(), reads.end(), [](auto& g) { return g.what == "ok"; }) >= 6);
}

TEST_CASE("latencies are those of the wire") {
    Rig rig(Framing::tcp);
    rig.script = [](const Seen& s) { return Pieces{{s.request.address == 0 ? 200ms : 20ms, tcp_answer(s)}}; };
    for (std::uint16_t i = 0; i < 50; ++i) (void)rig.read(1, i, 1);
    const UnitStatistics u = rig.unit(1);
    CHECK(u.answers == 50);
    CHECK(u.latency_us_p50 >= 20000);
    CHECK(u.latency_us_p50 < 23000);
    CHECK(u.latency_us_p90 >= 20000);
    CHECK(u.latency_us_p90 < 23000);
    CHECK(u.latency_us_max == 200000);
    CHECK(u.latency_us_p99 == 200000);
}
