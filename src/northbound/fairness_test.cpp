// Clients that ask as fast as they can, on a full serial line with the real bus: what they cost control, the gateway's
// own telemetry and each other. Virtual time.
#include <doctest/doctest.h>

#include "bus/master/master_rig.hpp"
#include "northbound/multiplexer.hpp"

using namespace busbar;
using namespace busbar::northbound;
using namespace std::chrono_literals;

namespace {

struct Line {
    Line() {
        config::ModbusServerConfig config;
        config.cache = 100ms;
        config.devices = {{"meter", 1}};
        config.clients.push_back({*config::AddressRange::parse("0.0.0.0/0"), {"meter"}, {}});
        mux = std::make_shared<Multiplexer>(rig.loop, config, Identity{}, Multiplexer::Hooks{});
        mux->attach("meter", std::shared_ptr<bus::ModbusBus>(std::shared_ptr<void>(), rig.master.get()), 1, {});
    }
    bus::Rig rig{bus::Framing::rtu, 9600};
    std::shared_ptr<Multiplexer> mux;
};

// Asks again as soon as it is answered, each time something nobody has read yet.
struct Hammer {
    void ask() {
        const wire::Pdu pdu = wire::encode_read(wire::Function::read_holding, next, count);
        next = static_cast<std::uint16_t>((next + 131) % 60000);
        const Caller caller{id, id, 0, ""};
        line.mux->ask(caller, 1, pdu.view(), [this](const wire::Pdu& answer) {
            ++(answer.size == 2 ? refused : answered);
            if (line.rig.loop.now() < until) line.rig.loop.post([this] { ask(); });
        });
    }
    Line& line;
    std::uint64_t id;
    std::uint16_t count;
    Instant until;
    std::uint16_t next = static_cast<std::uint16_t>(1000 * id);
    int answered = 0, refused = 0;
};

struct Poller {
    static Task<void> run(Line& line, bus::Urgency urgency, Duration period, Instant until, Poller& out) {
        while (line.rig.loop.now() < until) {
            const Instant begin = line.rig.loop.now();
            const bus::RegisterBlock block{bus::Table::holding, 60001, 20};
            const bus::DeviceTiming timing;
            const auto answer = co_await line.rig.master->read(2, block, urgency, timing);
            out.failed += !answer;
            ++out.polls;
            out.longest = std::max(out.longest, line.rig.loop.now() - begin);
            co_await line.rig.loop.sleep_until(begin + period);
        }
    }
    Duration longest{0};
    int polls = 0, failed = 0;
};

Duration longest_critical_poll(int hammers) {
    Line line;
    const Instant until = line.rig.loop.now() + 60s;
    std::vector<std::unique_ptr<Hammer>> clients;
    for (int i = 0; i < hammers; ++i) {
        clients.push_back(std::make_unique<Hammer>(Hammer{line, static_cast<std::uint64_t>(i + 1), 125, until}));
        clients.back()->ask();
    }
    Poller critical;
    line.rig.loop.spawn("poll", Poller::run(line, bus::Urgency::critical, 1s, until, critical));
    line.rig.loop.run_until(until + 10s);
    CHECK(critical.failed == 0);
    CHECK(critical.polls >= 58);
    return critical.longest;
}

}  // namespace

TEST_CASE("clients that ask without pause delay a critical poll by one transaction at most") {
    const Duration alone = longest_critical_poll(0);
    const Duration beside_four = longest_critical_poll(4);
    // 8 bytes of request, 255 of answer and the silences around them, at 9600 baud.
    const Duration transaction = (8 + 255) * wire::rtu_character_time(9600, 10) + 3 * wire::rtu_gap(9600, 10);
    MESSAGE("a critical poll took ", alone / 1ms, " ms alone, ", beside_four / 1ms,
            " ms beside four clients; one "
            "transaction of theirs is ",
            transaction / 1ms, " ms");
    CHECK(beside_four <= alone + transaction);
    CHECK(beside_four > alone);
}

TEST_CASE("the gateway's own telemetry and scans get the other half of the line") {
    Line line;
    const Instant until = line.rig.loop.now() + 60s;
    Hammer clients[] = {{line, 1, 60, until}, {line, 2, 60, until}, {line, 3, 60, until}, {line, 4, 60, until}};
    for (Hammer& client : clients) client.ask();
    Poller telemetry, scan;
    line.rig.loop.spawn("poll", Poller::run(line, bus::Urgency::telemetry, 1s, until, telemetry));
    line.rig.loop.spawn("scan", Poller::run(line, bus::Urgency::scan, 2s, until, scan));
    line.rig.loop.run_until(until + 10s);
    CHECK(telemetry.failed + scan.failed == 0);
    CHECK(telemetry.longest < 1s);
    CHECK(scan.longest < 1s);
    CHECK(scan.polls >= 29);
}

TEST_CASE("clients that ask without pause get equal shares, and one that asks now and then waits its turn only once") {
    Line line;
    const Instant until = line.rig.loop.now() + 60s;
    Hammer clients[] = {{line, 1, 10, until}, {line, 2, 10, until}, {line, 3, 10, until}, {line, 4, 10, until}};
    for (Hammer& client : clients) client.ask();
    line.rig.loop.run_until(until + 10s);
    for (const Hammer& client : clients) {
        CHECK(client.refused == 0);
        CHECK(client.answered > 50);
        CHECK(std::abs(client.answered - clients[0].answered) <= 1);
    }
    // One source with four connections has no more than one with a single one.
    Line again;
    const Instant end = again.rig.loop.now() + 60s;
    Hammer many[] = {{again, 1, 10, end}, {again, 1, 10, end}, {again, 1, 10, end}, {again, 9, 10, end}};
    for (std::uint16_t i = 0; i < 4; ++i) many[i].next = static_cast<std::uint16_t>(1000 + 7000 * i);
    for (Hammer& client : many) client.ask();
    again.rig.loop.run_until(end + 10s);
    const int of_many = many[0].answered + many[1].answered + many[2].answered;
    CHECK(std::abs(of_many - many[3].answered) <= 3);
}

TEST_CASE("an answer that comes late is taken for no other register, and the device is left alone meanwhile") {
    Line line;
    bool is_late = false;
    line.rig.script = [&](const bus::Seen& seen) {
        const Duration after = is_late ? 1200ms : Duration{5ms};
        return bus::Pieces{{after, bus::rtu_answer(seen)}};
    };
    int wrong = 0, answered = 0, exceptions = 0;
    for (int i = 0; i < 400; ++i) {
        is_late = i >= 170 && i % 7 == 3;  // by then every register was read once, and may be asked at any time
        const auto first = static_cast<std::uint16_t>(i * 3 % 501);
        const wire::Pdu pdu = wire::encode_read(wire::Function::read_holding, first, 3);
        const Caller caller{1, 1, 0, ""};
        line.mux->ask(caller, 1, pdu.view(), [&, first](const wire::Pdu& answer) {
            if (answer.size == 2) return void(++exceptions);
            std::uint16_t words[3];
            wire::copy_registers(answer.view(), words);
            ++answered;
            for (std::uint16_t k = 0; k < 3; ++k) wrong += words[k] != first + k;
        });
        line.rig.loop.run_for(i % 2 == 0 ? 700ms : 3s);
    }
    line.rig.loop.run_for(60s);
    CHECK(wrong == 0);
    CHECK(answered > 250);
    CHECK(exceptions > 20);
    CHECK(answered + exceptions == 400);
}
