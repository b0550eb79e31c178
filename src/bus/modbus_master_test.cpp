#include "bus/modbus_master.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/virtual_loop.hpp"
#include "bus/scripted_slave.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;
using Seen = ScriptedSlave::Seen;
using Pieces = std::vector<ScriptedSlave::Piece>;

namespace {

// A master and a scripted slave on virtual time. `script` may be changed at any time.
struct Rig {
    explicit Rig(Framing framing, std::uint32_t baud = 9600, std::size_t queue = 64)
        : character(framing == Framing::rtu ? wire::rtu_character_time(baud, 10) : 0ns) {
        auto ends = LoopbackLink::make(loop, character);
        MasterConfig config;
        config.name = "test";
        config.framing = framing;
        config.rtu = {.baud = baud, .character_bits = 10};
        config.queue_capacity = queue;
        auto run_script = [this](const Seen& seen) { return script(seen); };
        slave = framing == Framing::rtu ? ScriptedSlave::rtu(loop, std::move(ends.b), character, run_script)
                                        : ScriptedSlave::tcp(loop, std::move(ends.b), run_script);
        if (framing == Framing::tcp)
            script = [](const Seen& s) { return Pieces{{0ns, tcp_answer(s)}}; };
        else
            script = [baud](const Seen& s) { return Pieces{{wire::rtu_gap(baud, 10), rtu_answer(s)}}; };
        master = std::make_unique<ModbusMaster>(loop, std::move(ends.a), config);
    }

    struct Got {
        std::string what;  // "ok" or the error
        Errc kind = Errc::internal;
        Registers registers;
        Instant at{};
    };
    static Task<void> read_into(Rig& rig, std::uint8_t unit, RegisterBlock block, Urgency urgency, DeviceTiming timing,
                                std::string tag, Got& got) {
        auto result = co_await rig.master->read(unit, block, urgency, timing);
        got.what = result ? "ok" : result.error().text;
        if (result) got.registers = *result;
        if (!result) got.kind = result.error().kind;
        got.at = rig.loop.now();
        rig.order += tag;
    }
    static Task<void> write_into(Rig& rig, std::uint8_t unit, std::uint16_t address, std::vector<std::uint16_t> values,
                                 WriteForm form, std::string tag, Got& got) {
        const DeviceTiming timing;
        auto result = co_await rig.master->write(unit, address, values, form, timing);
        got.what = result ? "ok" : result.error().text;
        if (!result) got.kind = result.error().kind;
        got.at = rig.loop.now();
        rig.order += tag;
    }
    void start_read(Got& got, std::uint8_t unit, std::uint16_t address, std::uint16_t count,
                    Urgency urgency = Urgency::telemetry, DeviceTiming timing = {}, std::string tag = "") {
        const RegisterBlock block{Table::holding, address, count};
        loop.spawn("reader", read_into(*this, unit, block, urgency, timing, std::move(tag), got));
    }
    void start_write(Got& got, std::uint8_t unit, std::uint16_t address, std::vector<std::uint16_t> values,
                     WriteForm form = WriteForm::multiple, std::string tag = "") {
        loop.spawn("writer", write_into(*this, unit, address, std::move(values), form, std::move(tag), got));
    }
    Got read(std::uint8_t unit, std::uint16_t address, std::uint16_t count, DeviceTiming timing = {}) {
        Got got{.what = "never ended"};
        start_read(got, unit, address, count, Urgency::telemetry, timing);
        loop.run_for(20s);
        return got;
    }
    UnitStatistics unit(std::uint8_t address) const {
        for (const auto& u : master->statistics().units)
            if (u.unit == address) return u;
        return {};
    }

    VirtualLoop loop;
    Duration character;
    ScriptedSlave::Script script;
    std::shared_ptr<ScriptedSlave> slave;
    std::unique_ptr<ModbusMaster> master;
    std::string order;
};

void check_addresses(const Rig::Got& got, std::uint16_t address, std::uint16_t count) {
    REQUIRE(got.what == "ok");
    REQUIRE(got.registers.count == count);
    for (std::uint16_t i = 0; i < count; ++i) CHECK(got.registers.words[i] == address + i);
}

}  // namespace

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
    Rig::Got g[6];
    rig.start_read(g[0], 1, 0, 50, Urgency::telemetry, {}, "a");  // in flight when the rest arrives
    rig.loop.run_for(20ms);
    rig.start_read(g[1], 1, 1, 50, Urgency::scan, {}, "s");
    rig.start_read(g[2], 1, 2, 50, Urgency::telemetry, {}, "t");
    rig.start_read(g[3], 1, 3, 50, Urgency::telemetry, {}, "u");
    rig.start_read(g[4], 1, 4, 50, Urgency::critical, {}, "c");
    rig.start_write(g[5], 2, 5, {1}, WriteForm::multiple, "w");
    rig.loop.run_for(3s);
    CHECK(rig.order == "awctus");
    const auto& seen = rig.slave->seen();
    REQUIRE(seen.size() == 6);
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

TEST_CASE("the link is opened anew after a loss, with growing pauses, and callers are told at once") {
    Rig rig(Framing::tcp);
    check_addresses(rig.read(1, 10, 8), 10, 8);
    rig.slave->link().close();
    const Instant lost = rig.loop.now();
    Rig::Got got;
    rig.start_read(got, 1, 20, 8);
    rig.loop.run_for(100ms);
    CHECK(got.kind == Errc::unavailable);
    CHECK_FALSE(rig.master->statistics().last_error.empty());
    rig.start_read(got = {}, 1, 20, 8);
    rig.loop.run_for(1ms);
    CHECK(got.kind == Errc::unavailable);
    CHECK(rig.loop.now() - lost < 200ms);
    rig.slave->link().listen();
    rig.loop.run_for(9s);
    check_addresses(rig.read(1, 30, 8), 30, 8);
    CHECK(rig.master->statistics().reconnects == 1);
    CHECK(rig.master->statistics().last_error.empty());
}

TEST_CASE("a read that finds its connection closed is asked again on a new one, a write is not") {
    Rig rig(Framing::tcp);
    check_addresses(rig.read(1, 10, 8), 10, 8);
    int asked = 0;
    rig.script = [&](const Seen& s) {
        if (asked++ == 0) {
            rig.slave->link().close();
            rig.slave->link().listen();
            return Pieces{};
        }
        return Pieces{{0ns, tcp_answer(s)}};
    };
    check_addresses(rig.read(1, 20, 8), 20, 8);
    CHECK(asked == 2);
    asked = 0;
    Rig::Got write;
    rig.start_write(write, 1, 5, {1});
    rig.loop.run_for(1s);
    CHECK(write.kind == Errc::unavailable);
    CHECK(asked == 1);
}

TEST_CASE("one dead device of twenty costs the others at most 3 %, and is found within ten seconds") {
    for (std::uint32_t baud : {9600u, 115200u}) {
        CAPTURE(baud);
        Rig rig(Framing::rtu, baud);
        bool is_dead = true;
        rig.script = [&](const Seen& s) {
            if (s.unit == 7 && is_dead) return Pieces{};
            return Pieces{{wire::rtu_gap(baud, 10), rtu_answer(s)}};
        };
        std::uint64_t answers = 0, from_dead = 0;
        Instant found{};
        auto poll = [](Rig& r, std::uint64_t& good, std::uint64_t& dead, Instant& at) -> Task<void> {
            const DeviceTiming timing{.timeout = 500ms};
            const RegisterBlock block{Table::holding, 0, 50};
            for (std::uint8_t unit = 1;; unit = unit % 20 + 1) {
                const auto got = co_await r.master->read(unit, block, Urgency::telemetry, timing);
                if (got) ++(unit == 7 ? dead : good);
                if (got && unit == 7 && at == Instant{}) at = r.loop.now();
            }
        };
        // Two pollers, so that the bus is always wanted, as it is by devices that poll on their own.
        rig.loop.spawn("poll", poll(rig, answers, from_dead, found));
        rig.loop.spawn("poll", poll(rig, answers, from_dead, found));
        rig.loop.run_for(30s);
        const double slot = to_seconds(rig.character * (8 + 105) + 2 * wire::rtu_gap(baud, 10));
        CHECK(static_cast<double>(answers) >= 0.97 * 30 / slot);
        CHECK(from_dead == 0);
        CHECK(rig.unit(7).silent);
        CHECK(rig.master->statistics().utilisation > 0.8);
        is_dead = false;
        const Instant back = rig.loop.now();
        rig.loop.run_for(12s);
        CHECK(found != Instant{});
        CHECK(found - back <= 10s);
        CHECK_FALSE(rig.unit(7).silent);
    }
}

TEST_CASE("a slow unit that has been silent is still found while the line has time") {
    Rig rig(Framing::rtu, 115200);
    rig.script = [](const Seen& s) { return Pieces{{s.unit == 7 ? 400ms : 2ms, rtu_answer(s)}}; };
    check_addresses(rig.read(1, 0, 10), 0, 10);
    bool is_up = false;
    const auto slow = rig.script;
    rig.script = [&](const Seen& s) { return s.unit == 7 && !is_up ? Pieces{} : slow(s); };
    for (int i = 0; i < 3; ++i) CHECK(rig.read(7, 0, 10).what != "ok");
    is_up = true;
    check_addresses(rig.read(7, 0, 10), 0, 10);
}

TEST_CASE("a babbling line costs its own requests only, and heals") {
    Rig rig(Framing::rtu);
    bool babbles = true;
    auto babble = [](Rig& r, bool& on) -> Task<void> {
        const Bytes noise(1, 0x55);
        while (on) {
            (void)co_await r.slave->link().write(noise, Instant::max());
            co_await r.loop.sleep_for(2ms);
        }
    };
    rig.loop.spawn("babble", babble(rig, babbles));
    rig.loop.run_for(100ms);
    CHECK(rig.read(1, 0, 10).kind == Errc::malformed);
    babbles = false;
    check_addresses(rig.read(1, 0, 10), 0, 10);
}

TEST_CASE("latencies are those of the wire") {
    Rig rig(Framing::tcp);
    rig.script = [](const Seen& s) { return Pieces{{s.request.address == 0 ? 200ms : 20ms, tcp_answer(s)}}; };
    for (std::uint16_t i = 0; i < 50; ++i) (void)rig.read(1, i, 1);
    const UnitStatistics u = rig.unit(1);
    CHECK(u.answers == 50);
    CHECK(u.latency_us_p50 >= 20000);
    CHECK(u.latency_us_p50 < 23000);
    CHECK(u.latency_us_max == 200000);
    CHECK(u.latency_us_p99 == 200000);
}
