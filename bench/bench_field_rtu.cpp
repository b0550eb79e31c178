// Modbus RTU on a line in real time, 20 devices, 50 registers each: how much of the line's legal limit a master uses,
// how often it breaks the silence between frames, what CPU it needs, and what one dead device costs the other nineteen.
// Ours against libmodbus, as it comes and with the pause an application must add to be legal, pymodbus and mbpoll, and
// the floor: the least a program can do.
#include <fcntl.h>
#include <modbus.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "base/real_loop.hpp"
#include "bus/make_bus.hpp"
#include "measure.hpp"
#include "rtu_floor.hpp"
#include "rtu_wire.hpp"

using namespace busbar;
using namespace busbar::bench;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int units = 20;
constexpr int registers = 50;

struct Run {
    double share = 0;   // good answers against the legal limit
    double early = 0;   // share of requests
    double cpu_us = 0;  // per request
    double sleeps = 0;  // likewise: how often the thread went to sleep
};

// What the calling thread spends from here on.
class Meter {
public:
    double cpu_us() const { return thread_cpu_us() - cpu_us_; }
    double sleeps() const { return thread_sleeps() - sleeps_; }

private:
    double cpu_us_ = thread_cpu_us(), sleeps_ = thread_sleeps();
};

struct Tally {
    std::uint64_t good = 0;
    std::uint64_t from_dead = 0;
};

// Good answers against the limit, from the first request to the end of the last answer.
double share_of_limit(const RtuWire& wire, std::uint64_t good) {
    const RtuWire::Counts c = wire.counts();
    const auto took = c.last_end - c.first_begin + wire.gap();
    return static_cast<double>(good) * to_seconds(wire.least_exchange(registers)) / to_seconds(took);
}

// Lets the line finish what the last run left on it.
void rest(RtuWire& wire) {
    std::this_thread::sleep_for(700ms);
    wire.start_over();
}

// What the line saw of a run, and what the calling thread spent on it.
Run result(const RtuWire& wire, std::uint64_t good, const Meter& spent) {
    const RtuWire::Counts c = wire.counts();
    const auto requests = static_cast<double>(std::max<std::uint64_t>(1, c.requests));
    return {.share = share_of_limit(wire, good),
            .early = static_cast<double>(c.early) / requests,
            .cpu_us = spent.cpu_us() / requests,
            .sleeps = spent.sleeps() / requests};
}

// Our bus on one loop. It lives on from run to run, as in service; only its first round through the devices is not
// counted.
class Ours {
public:
    Ours(RtuWire& wire, std::uint32_t baud, int dead_unit = -1)
        : wire_(wire),
          bus_(bus::make_rtu_bus(loop_, "bench", bus::SerialSettings{.path = wire.path(), .baud = baud})),
          dead_unit_(dead_unit) {}

    void get_to_know() { (void)run(0s, 3 * units); }

    Run run(Duration length, std::uint64_t at_least = 0) {
        rest(wire_);
        tally_ = {};
        const Meter spent;
        const Instant end = loop_.now() + length;
        const auto is_over = [&] { return loop_.now() >= end && tally_.good >= at_least; };
        poll_until(is_over);
        return result(wire_, tally_.good, spent);
    }
    // The same bus without the dead device: nobody asks for it.
    void leave_out_dead(bool is_left_out) { left_out_ = is_left_out ? dead_unit_ : -1; }
    // How long it takes until the dead unit, which answers again from now on, is heard; 12 s when it is not.
    double seconds_until_found() {
        wire_.revive();
        const Instant back = loop_.now();
        poll_until([&] { return tally_.from_dead > 0 || loop_.now() - back > 12s; });
        return to_seconds(loop_.now() - back);
    }

private:
    // Two pollers: like real devices they ask while another's answer is still coming.
    void poll_until(const std::function<bool()>& is_over) {
        pollers_ = 2;
        loop_.spawn("poll", poll(*this, is_over));
        loop_.spawn("poll", poll(*this, is_over));
        loop_.run();
    }
    static Task<void> poll(Ours& self, std::function<bool()> is_over) {
        const bus::RegisterBlock block{bus::Table::holding, 0, registers};
        const bus::DeviceTiming timing{.timeout = 500ms};
        for (int unit = 1; !is_over(); unit = unit % units + 1) {
            if (unit == self.left_out_) continue;
            const auto address = static_cast<std::uint8_t>(unit);
            const auto got = co_await self.bus_->read(address, block, bus::Urgency::telemetry, timing);
            if (got) ++(unit == self.dead_unit_ ? self.tally_.from_dead : self.tally_.good);
        }
        if (--self.pollers_ == 0) self.loop_.stop();
    }

    RtuWire& wire_;
    RealLoop loop_;
    std::unique_ptr<bus::ModbusBus> bus_;
    int dead_unit_, left_out_ = -1;
    int pollers_ = 0;
    Tally tally_;
};

Run libmodbus(RtuWire& wire, std::uint32_t baud, Duration length, int dead_unit, Duration pause) {
    rest(wire);
    modbus_t* m = modbus_new_rtu(wire.path().c_str(), static_cast<int>(baud), 'N', 8, 1);
    if (modbus_connect(m) != 0) std::abort();
    modbus_flush(m);
    std::uint16_t words[registers];
    const Meter spent;
    const Clock::time_point end = Clock::now() + length;
    std::uint64_t good = 0;
    for (int unit = 1; Clock::now() < end; unit = unit % units + 1) {
        modbus_set_slave(m, unit);
        if (modbus_read_registers(m, 0, registers, words) == registers && unit != dead_unit) ++good;
        const timespec t{.tv_sec = 0, .tv_nsec = pause.count()};
        if (pause > 0ns) ::clock_nanosleep(CLOCK_MONOTONIC, 0, &t, nullptr);
    }
    const Run run = result(wire, good, spent);
    modbus_close(m);
    modbus_free(m);
    return run;
}

Run floor(RtuWire& wire, Duration length) {
    rest(wire);
    RtuFloor least(wire);
    const Meter spent;
    const Clock::time_point end = Clock::now() + length;
    std::uint64_t good = 0;
    for (int unit = 1; Clock::now() < end; unit = unit % units + 1)
        if (least.ask(static_cast<std::uint8_t>(unit), registers)) ++good;
    return result(wire, good, spent);
}

// A peer that is a program of its own: `length` long from its first request on.
Run program(RtuWire& wire, Duration length, std::vector<std::string> command) {
    rest(wire);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        const int nowhere = ::open("/dev/null", O_RDWR);
        ::dup2(nowhere, 1);
        ::dup2(nowhere, 2);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    const Clock::time_point latest = Clock::now() + 10s;
    while (wire.counts().requests == 0 && Clock::now() < latest) std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(length);
    const Run run = result(wire, wire.counts().answers, Meter{});
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return run;
}

Run pymodbus(RtuWire& wire, std::uint32_t baud, Duration length) {
    return program(wire, length,
                   {"/usr/bin/python3", "bench/pymodbus_poll.py", wire.path(), std::to_string(baud), "60"});
}

Run mbpoll(RtuWire& wire, std::uint32_t baud, Duration length) {
    // 11 ms is the shortest pause between requests it takes.
    return program(wire, length,
                   {"/usr/bin/mbpoll", "-m", "rtu", "-a", "1:20", "-b", std::to_string(baud), "-P", "none", "-t", "4",
                    "-r", "1", "-c", "50", "-l", "11", wire.path()});
}

// One figure of several runs.
double median_of(const std::vector<Run>& runs, double Run::*figure) {
    std::vector<double> values;
    for (const Run& r : runs) values.push_back(r.*figure);
    return median(values);
}

void all_answer(std::uint32_t baud, double goal_share) {
    RtuWire wire({.baud = baud});
    Ours us(wire, baud);
    us.get_to_know();
    std::vector<Run> mine, legal, bare, python, command, least;
    const Duration length = baud < 20000 ? 2500ms : 1500ms;
    double early = 0;
    std::vector<double> ratio, least_ratio;
    for (int i = 0; i < 5; ++i) {
        mine.push_back(us.run(length));
        legal.push_back(libmodbus(wire, baud, length, -1, wire.gap()));
        bare.push_back(libmodbus(wire, baud, length, -1, 0ns));
        python.push_back(pymodbus(wire, baud, length));
        command.push_back(mbpoll(wire, baud, length));
        least.push_back(floor(wire, length));
        early = std::max(early, mine.back().early);
        ratio.push_back(mine.back().cpu_us / legal.back().cpu_us);
        least_ratio.push_back(least.back().cpu_us / legal.back().cpu_us);
    }
    const std::string at = fmt::format("RTU {} baud, 20 devices x 50 registers", baud);
    const double share = 100 * median_of(mine, &Run::share);
    const auto beside = [&](const std::vector<Run>& peer, const char* name) {
        const double theirs = 100 * median_of(peer, &Run::share);
        print({.measure = at + ": share of the legal limit",
               .ours = share,
               .peer = theirs,
               .ratio = theirs > 0 ? std::optional(share / theirs) : std::nullopt,
               .goal = goal_share,
               .unit = "%",
               .peer_name = name,
               .higher_is_better = true});
    };
    beside(legal, "libmodbus + pause");
    beside(python, "pymodbus");
    beside(command, "mbpoll -l 11");
    const auto early_beside = [&](const std::vector<Run>& peer, const char* name) {
        print({.measure = at + ": frames begun too early",
               .ours = 100 * early,
               .peer = 100 * median_of(peer, &Run::early),
               .goal = 0,
               .unit = "%",
               .peer_name = name});
    };
    early_beside(bare, "libmodbus");
    early_beside(python, "pymodbus");
    early_beside(command, "mbpoll -l 11");
    const auto cpu = [&](const char* who, const std::vector<Run>& runs, const std::vector<double>& ratios) {
        print({.measure = at + who + ": CPU per request",
               .ours = median_of(runs, &Run::cpu_us),
               .peer = median_of(legal, &Run::cpu_us),
               .ratio = median(ratios),
               .goal = 0.2,
               .unit = "us",
               .peer_name = "libmodbus + pause",
               .goal_is_ratio = true});
    };
    cpu("", mine, ratio);
    cpu(", floor", least, least_ratio);
}

void one_dead(std::uint32_t baud) {
    constexpr int dead_unit = 7;
    RtuWire wire({.baud = baud, .dead_unit = dead_unit});
    const Run theirs = libmodbus(wire, baud, 15s, dead_unit, wire.gap());
    Ours us(wire, baud, dead_unit);
    us.leave_out_dead(true);
    us.get_to_know();
    const double before = us.run(5s).share;
    us.leave_out_dead(false);
    const Run mine = us.run(30s);
    us.leave_out_dead(true);
    const double nineteen = (before + us.run(5s).share) / 2;
    us.leave_out_dead(false);
    const std::string at = fmt::format("RTU {} baud, one dead device of 20", baud);
    print({.measure = at + ": good answers of the others, of a bus of 19",
           .ours = 100 * mine.share / nineteen,
           .peer = 100 * theirs.share / nineteen,
           .ratio = mine.share / theirs.share,
           .goal = 97,
           .unit = "%",
           .peer_name = "libmodbus",
           .higher_is_better = true});
    print({.measure = at + ": found again after", .ours = us.seconds_until_found(), .goal = 10, .unit = "s"});
}

// For profilers.
int only_ours() {
    for (const std::uint32_t baud : {9600u, 19200u, 115200u}) {
        RtuWire wire({.baud = baud});
        Ours us(wire, baud);
        us.get_to_know();
        const auto tell = [baud](const char* who, const Run& r) {
            fmt::print("{} {}: {:.2f} % of the limit, {:.1f} us and {:.2f} sleeps per request, {:.2f} % early\n", who,
                       baud, 100 * r.share, r.cpu_us, r.sleeps, 100 * r.early);
        };
        for (int i = 0; i < 3; ++i) {
            tell("ours", us.run(2500ms));
            tell("floor", floor(wire, 2500ms));
        }
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string part = argc > 1 ? argv[1] : "";  // --alive or --dead: that half only; --only-ours for profilers
    run_first();
    pin_to(0);
    if (part == "--only-ours") return only_ours();
    if (part != "--dead") {
        all_answer(9600, 99);
        all_answer(19200, 99);
        all_answer(115200, 97);
    }
    if (part == "--alive") return 0;
    one_dead(9600);
    one_dead(115200);
}
