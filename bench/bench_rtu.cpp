// Modbus RTU on a line in real time, 20 devices, 50 registers each: how much of the line's legal limit a master uses,
// how often it breaks the silence between frames, what CPU it needs, and what one dead device costs the other nineteen.
// Ours against libmodbus, as it comes and with the pause an application must add to be legal.
#include <modbus.h>
#include <time.h>

#include <algorithm>
#include <functional>

#include "base/real_loop.hpp"
#include "bus/make_bus.hpp"
#include "measure.hpp"
#include "rtu_wire.hpp"

using namespace busbar;
using namespace busbar::bench;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int units = 20;
constexpr int registers = 50;

struct Run {
    double share = 0;     // good answers against the legal limit
    double early = 0;     // share of requests
    double cpu_us = 0;    // per request
    double found_s = -1;  // a dead device after it came back
};

struct Tally {
    std::uint64_t good = 0;
    std::uint64_t from_dead = 0;
};

Task<void> poll(bus::ModbusBus& bus, Tally& tally, int dead_unit) {
    const bus::RegisterBlock block{bus::Table::holding, 0, registers};
    const bus::DeviceTiming timing{.timeout = 500ms};
    for (int unit = 1;; unit = unit % units + 1) {
        const auto got = co_await bus.read(static_cast<std::uint8_t>(unit), block, bus::Urgency::telemetry, timing);
        if (got) ++(unit == dead_unit ? tally.from_dead : tally.good);
    }
}

Task<void> stop_after(RealLoop& loop, Duration d) {
    co_await loop.sleep_for(d);
    loop.stop();
}

// Good answers against the limit, from the first request to the end of the last answer.
double share_of_limit(const RtuWire& wire, std::uint64_t good, Clock::time_point begin, std::chrono::nanoseconds end) {
    const auto took = end - begin.time_since_epoch() + wire.gap();
    return static_cast<double>(good) * to_seconds(wire.least_exchange(registers)) / to_seconds(took);
}

// Lets the line finish what the last run left on it.
void rest() { std::this_thread::sleep_for(700ms); }

Run ours(RtuWire& wire, std::uint32_t baud, Duration length, int dead_unit) {
    rest();
    RealLoop loop;
    const bus::SerialSettings settings{.path = wire.path(), .baud = baud};
    const auto bus = bus::make_rtu_bus(loop, "bench", settings);
    Tally tally;
    // Two pollers: like real devices they ask while another's answer is still coming.
    loop.spawn("poll", poll(*bus, tally, dead_unit));
    loop.spawn("poll", poll(*bus, tally, dead_unit));
    loop.spawn("stop", stop_after(loop, length));
    const double cpu = thread_cpu_us();
    const auto before = wire.counts();
    const Clock::time_point begin = Clock::now();
    loop.run();
    const auto after = wire.counts();
    Run run;
    const auto requests = static_cast<double>(after.requests - before.requests);
    run.share = share_of_limit(wire, tally.good, begin, after.last_end);
    run.early = static_cast<double>(after.early - before.early) / requests;
    run.cpu_us = (thread_cpu_us() - cpu) / requests;
    if (dead_unit < 0) return run;
    wire.revive();
    const Clock::time_point back = Clock::now();
    while (tally.from_dead == 0 && Clock::now() - back < 12s) {
        loop.spawn("stop", stop_after(loop, 20ms));
        loop.run();
    }
    run.found_s = to_seconds(Clock::now() - back);
    return run;
}

Run libmodbus(RtuWire& wire, std::uint32_t baud, Duration length, int dead_unit, Duration pause) {
    rest();
    modbus_t* m = modbus_new_rtu(wire.path().c_str(), static_cast<int>(baud), 'N', 8, 1);
    if (modbus_connect(m) != 0) std::abort();
    modbus_flush(m);
    std::uint16_t words[registers];
    const double cpu = thread_cpu_us();
    const auto before = wire.counts();
    const Clock::time_point begin = Clock::now(), end = begin + length;
    std::uint64_t good = 0;
    for (int unit = 1; Clock::now() < end; unit = unit % units + 1) {
        modbus_set_slave(m, unit);
        if (modbus_read_registers(m, 0, registers, words) == registers && unit != dead_unit) ++good;
        const timespec t{.tv_sec = 0, .tv_nsec = pause.count()};
        if (pause > 0ns) ::clock_nanosleep(CLOCK_MONOTONIC, 0, &t, nullptr);
    }
    const auto after = wire.counts();
    modbus_close(m);
    modbus_free(m);
    const auto requests = static_cast<double>(after.requests - before.requests);
    Run run;
    run.share = share_of_limit(wire, good, begin, after.last_end);
    run.early = static_cast<double>(after.early - before.early) / requests;
    run.cpu_us = (thread_cpu_us() - cpu) / requests;
    return run;
}

void all_answer(std::uint32_t baud, double goal_share) {
    RtuWire wire({.baud = baud});
    std::vector<double> share, early, cpu, their_share, their_cpu, ratio, bare_early;
    const Duration length = baud < 20000 ? 2500ms : 1500ms;
    for (int i = 0; i < 3; ++i) {
        const Run mine = ours(wire, baud, length, -1);
        const Run legal = libmodbus(wire, baud, length, -1, wire.gap());
        const Run bare = libmodbus(wire, baud, length, -1, 0ns);
        share.push_back(100 * mine.share);
        early.push_back(100 * mine.early);
        cpu.push_back(mine.cpu_us);
        their_share.push_back(100 * legal.share);
        their_cpu.push_back(legal.cpu_us);
        ratio.push_back(mine.cpu_us / legal.cpu_us);
        bare_early.push_back(100 * bare.early);
    }
    const std::string at = fmt::format("RTU {} baud, 20 devices x 50 registers", baud);
    print({.measure = at + ": share of the legal limit",
           .ours = median(share),
           .peer = median(their_share),
           .ratio = median(share) / median(their_share),
           .goal = goal_share,
           .unit = "%",
           .peer_name = "libmodbus + pause",
           .higher_is_better = true});
    print({.measure = at + ": frames begun too early",
           .ours = *std::max_element(early.begin(), early.end()),
           .peer = median(bare_early),
           .goal = 0,
           .unit = "%",
           .peer_name = "libmodbus"});
    print({.measure = at + ": CPU per request",
           .ours = median(cpu),
           .peer = median(their_cpu),
           .ratio = median(ratio),
           .goal = 0.25,
           .unit = "us",
           .peer_name = "libmodbus + pause",
           .goal_is_ratio = true});
}

void one_dead(std::uint32_t baud) {
    constexpr int dead_unit = 7;
    Run mine, theirs;
    // Both at once, each on its own line: only the wire's time counts here.
    std::thread peer([&] {
        RtuWire wire({.baud = baud, .dead_unit = dead_unit, .cpu = 0});
        theirs = libmodbus(wire, baud, 30s, dead_unit, wire.gap());
    });
    {
        RtuWire wire({.baud = baud, .dead_unit = dead_unit, .cpu = 1});
        mine = ours(wire, baud, 30s, dead_unit);
    }
    peer.join();
    const std::string at = fmt::format("RTU {} baud, one dead device of 20", baud);
    print({.measure = at + ": good answers of the others against the limit",
           .ours = 100 * mine.share,
           .peer = 100 * theirs.share,
           .ratio = mine.share / theirs.share,
           .goal = 97,
           .unit = "%",
           .peer_name = "libmodbus",
           .higher_is_better = true});
    print({.measure = at + ": found again after", .ours = mine.found_s, .goal = 10, .unit = "s"});
}

}  // namespace

int main(int argc, char** argv) {
    const bool is_quick = argc > 1 && std::string(argv[1]) == "--quick";  // without the minute of dead devices
    run_first();
    pin_to(0);
    all_answer(9600, 99);
    all_answer(19200, 99);
    all_answer(115200, 97);
    if (is_quick) return 0;
    one_dead(9600);
    one_dead(115200);
}
