// Starts the writer, kills it at a random instant, opens what it left and checks every sample; many times over.
// Usage: history_crash_test WRITER [CYCLES [SEED]]. Kills lose no page cache, so this tests the process's order of
// doing things; power cuts are simulated in src/history/journal_test.cpp.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "crash_pattern.hpp"
#include "history/store.hpp"

using namespace busbar;

namespace {

[[noreturn]] void give_up(const std::string& text) {
    fmt::print(stderr, "history_crash: {}\n", text);
    std::exit(1);
}

// When to kill: this long after so many acknowledgements. Counted, not timed, so that a slow machine tests the same;
// without any it falls into the start, where the journal is read again.
struct Moment {
    std::int64_t acknowledgements = 0;
    std::chrono::microseconds later{0};
};

Moment random_moment(std::mt19937& random) {
    if (random() % 5 == 0) return {0, std::chrono::microseconds(random() % 40'000)};
    return {1 + static_cast<std::int64_t>(random() % 60), std::chrono::microseconds(random() % 3'000)};
}

pid_t start(const char* writer, const std::string& folder, std::int64_t first, int out) {
    const std::string number = std::to_string(first);
    const pid_t child = ::fork();
    if (child < 0) give_up("no fork");
    if (child > 0) return child;
    ::dup2(out, STDOUT_FILENO);
    ::execl(writer, writer, folder.c_str(), number.c_str(), nullptr);
    ::_exit(127);
}

// Runs the writer up to the moment, kills it, and returns the last number it acknowledged (or `first` - 1).
std::int64_t run_and_kill(const char* writer, const std::string& folder, std::int64_t first, Moment moment) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) give_up("no pipe");
    const pid_t child = start(writer, folder, first, ends[1]);
    ::close(ends[1]);
    std::int64_t acknowledged = first - 1;
    bool running = true;
    const auto read_one = [&] {
        std::int64_t n = 0;
        running = ::read(ends[0], &n, sizeof n) == sizeof n;
        if (running && n != acknowledged + 1) give_up("the writer's numbers jump");
        if (running) acknowledged = n;
    };
    while (running && acknowledged < first - 1 + moment.acknowledgements) read_one();
    std::this_thread::sleep_for(moment.later);
    ::kill(child, SIGKILL);
    while (running) read_one();
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFSIGNALED(status)) give_up(fmt::format("the writer ended by itself with {}", WEXITSTATUS(status)));
    return acknowledged;
}

// Every number from `from` on is there once, in order, with its value; returns how many numbers there are in all.
std::int64_t check(const std::string& folder, std::int64_t from, std::int64_t acknowledged) {
    history::StoreConfig config;
    config.folder = folder;
    config.ballast_bytes = 1u << 20;
    auto store = history::Store::open(config);
    if (!store) give_up("open: " + store.error().text);
    const auto status = (*store)->status();
    if (!status.problems.empty()) give_up("reported: " + status.problems[0]);
    std::int64_t count = 0;
    for (std::size_t i = 0; i < crash::keys.size(); ++i) {
        std::int64_t n = from;
        const auto sink = [&](std::span<const history::Point> points) {
            for (const history::Point& p : points) {
                const auto raw = crash::raw_of(i, n);
                if (p.time_ms != crash::time_of(n) || p.value.has_value() != raw.has_value() ||
                    (raw && *p.value != static_cast<double>(*raw)))
                    give_up(fmt::format("{}: number {} expected, found time {}", crash::keys[i], n, p.time_ms));
                ++n;
            }
            return true;
        };
        const auto read = (*store)->raw(crash::keys[i], crash::time_of(from), crash::time_of(100'000'000), sink);
        if (!read && acknowledged >= 0) give_up(read.error().text);
        if (n <= acknowledged)
            give_up(fmt::format("{}: acknowledged up to {}, found up to {}", crash::keys[i], acknowledged, n - 1));
        if (n > acknowledged + 2) give_up(fmt::format("{}: {} was never written", crash::keys[i], n - 1));
        if (i > 0 && n != count) give_up("a poll was stored in part");
        count = n;
    }
    return count;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 4) give_up("usage: history_crash_test WRITER [CYCLES [SEED]]");
    const int cycles = argc > 2 ? std::atoi(argv[2]) : 40;
    const auto seed = argc > 3 ? static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10)) : std::random_device()();
    if (cycles < 1) give_up("CYCLES is a number above 0");
    std::mt19937 random(seed);
    std::string folder = "/tmp/busbar-crash-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) give_up("no folder");
    fmt::print("history_crash: {} cycles, seed {}, folder {} (kept when something is wrong)\n", cycles, seed, folder);
    std::fflush(stdout);
    std::int64_t next = 0;
    std::int64_t highest = -1;
    for (int cycle = 0; cycle < cycles; ++cycle) {
        highest = std::max(highest, run_and_kill(argv[1], folder, next, random_moment(random)));
        // Mostly the new part and an hour before it, now and then all of it.
        const bool all = cycle % 50 == 49 || cycle + 1 == cycles;
        next = check(folder, all ? 0 : std::max<std::int64_t>(0, next - 200), highest);
        highest = next - 1;
    }
    fmt::print("history_crash: {} kills, {} polls acknowledged or stored, none lost, none twice\n", cycles, next);
    if (next < cycles / 4) give_up("the writer hardly wrote; the test says nothing");
    std::filesystem::remove_all(folder);
    return 0;
}
