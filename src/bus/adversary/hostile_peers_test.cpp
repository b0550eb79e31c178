// Peers that are dead, slow, noisy or gone: each costs its own requests and nobody else's, and is used again once it
// behaves.
#include "bus/master/master_rig.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {

// A link on which bytes never end: whatever is asked, nonsense comes at once. Counts how often it is looked at.
class BabblingLink final : public Link {
public:
    explicit BabblingLink(std::uint64_t& calls) : calls_(calls) {}
    Task<Status> open(Instant) override {
        ++calls_;
        is_open_ = true;
        co_return ok();
    }
    void close() override { is_open_ = false; }
    bool is_open() const override { return is_open_; }
    Task<Status> write(std::span<const std::uint8_t>, Instant) override {
        ++calls_;
        co_return ok();
    }
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer, Instant) override {
        ++calls_;
        std::fill(buffer.begin(), buffer.end(), std::uint8_t{0x55});
        co_return buffer.size();
    }
    std::size_t discard_input() override {
        ++calls_;
        return 4096;
    }
    std::string describe() const override { return "babble"; }

private:
    std::uint64_t& calls_;
    bool is_open_ = false;
};

// Asks as fast as a careless caller would. Notes the longest time one request took.
Task<void> ask_on(Loop& loop, ModbusBus& bus, std::uint8_t unit, std::uint64_t& answers, Duration& longest) {
    const RegisterBlock block{Table::holding, 0, 10};
    const DeviceTiming timing{.timeout = 1s};
    for (;;) {
        const Instant begin = loop.now();
        const auto got = co_await bus.read(unit, block, Urgency::telemetry, timing);
        if (got) ++answers;
        longest = std::max(longest, loop.now() - begin);
        co_await loop.sleep_for(got ? 20ms : 1ms);
    }
}

}  // namespace

TEST_CASE("a peer that babbles for ever is looked at now and then only, and its callers are not kept") {
    struct Case {
        Framing framing;
        std::uint32_t baud;
    };
    for (const Case& c :
         {Case{Framing::rtu, 9600}, Case{Framing::rtu, 115200}, Case{Framing::rtu, 0}, Case{Framing::tcp, 0}}) {
        CAPTURE(static_cast<int>(c.framing));
        CAPTURE(c.baud);
        VirtualLoop loop;
        std::uint64_t calls = 0, answers = 0;
        Duration longest{0};
        MasterConfig config;
        config.framing = c.framing;
        config.rtu.baud = c.baud;
        ModbusMaster master(loop, std::make_unique<BabblingLink>(calls), config);
        loop.spawn("ask", ask_on(loop, master, 1, answers, longest));
        loop.spawn("ask", ask_on(loop, master, 2, answers, longest));
        loop.run_for(60s);
        CHECK(calls < 60 * 700);  // at 115200 baud, each legal silence once: 570 a second
        CHECK(answers == 0);
        CHECK(longest <= 9s);  // its own and one of the other's, each 2 s of listening before and after
    }
}

TEST_CASE("a server that accepts and never answers delays nothing on other buses, and is found when it does") {
    Rig dead(Framing::tcp);
    dead.script = [](const Seen&) { return Pieces{}; };
    auto ends = LoopbackLink::make(dead.loop);
    const auto healthy = ScriptedSlave::tcp(dead.loop, std::move(ends.b), [](const Seen& s) {
        return Pieces{{5ms, tcp_answer(s)}};
    });
    MasterConfig config;
    config.framing = Framing::tcp;
    ModbusMaster other(dead.loop, std::move(ends.a), config);
    std::uint64_t dead_answers = 0, answers = 0;
    Duration dead_longest{0}, longest{0};
    dead.loop.spawn("ask", ask_on(dead.loop, *dead.master, 1, dead_answers, dead_longest));
    dead.loop.spawn("ask", ask_on(dead.loop, *dead.master, 2, dead_answers, dead_longest));
    dead.loop.spawn("ask", ask_on(dead.loop, other, 1, answers, longest));
    // The far end of the loopback stays open: the master closes and opens its own.
    dead.loop.run_for(60s);
    CHECK(dead_answers == 0);
    CHECK(dead_longest <= 2s);
    CHECK(longest == 5ms);
    CHECK(answers == 60000 / 25);
    CHECK(dead.unit(1).silent);
    CHECK(dead.unit(1).requests < 60);
    dead.script = [](const Seen& s) { return Pieces{{5ms, tcp_answer(s)}}; };
    dead.slave->link().listen();
    dead.loop.run_for(10s);
    CHECK(dead_answers > 20);
    CHECK_FALSE(dead.unit(1).silent);
}

TEST_CASE("an answer that a busy system hands over in pieces is still an answer") {
    Rig rig(Framing::rtu);
    rig.script = [](const Seen& s) {
        const Bytes all = rtu_answer(s);
        return Pieces{{5ms, {all.begin(), all.begin() + 5}}, {95ms, {all.begin() + 5, all.end()}}};
    };
    check_addresses(rig.read(1, 0, 10), 0, 10);
    CHECK(rig.unit(1).crc_errors == 0);
}

TEST_CASE("a peer that answers one byte a second costs its time-outs, and wakes nobody") {
    for (Framing framing : {Framing::rtu, Framing::tcp}) {
        CAPTURE(static_cast<int>(framing));
        Rig rig(framing);
        bool drips = true;
        const auto well = rig.script;
        rig.script = [&, framing](const Seen& s) {
            if (!drips) return well(s);
            Pieces pieces;
            for (std::uint8_t byte : framing == Framing::rtu ? rtu_answer(s) : tcp_answer(s))
                pieces.push_back({std::chrono::seconds(pieces.size() + 1) - 500ms, Bytes{byte}});
            return pieces;
        };
        std::uint64_t answers = 0;
        Duration longest{0};
        rig.loop.spawn("ask", ask_on(rig.loop, *rig.master, 1, answers, longest));
        rig.loop.spawn("ask", ask_on(rig.loop, *rig.master, 2, answers, longest));
        rig.loop.run_for(120s);
        CHECK(answers == 0);
        CHECK(longest <= 6s);
        drips = false;
        rig.loop.run_for(60s);  // what still drips out of the last answers
        const std::uint64_t before = answers;
        rig.loop.run_for(10s);
        CHECK(answers > before + 100);
    }
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
