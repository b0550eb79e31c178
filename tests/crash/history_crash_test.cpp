// Starts the writer, kills it at a random instant, opens what it left and checks every sample; many times over.
// Usage: history_crash_test WRITER. Kills lose no page cache, so this tests the process's order of doing things; power
// cuts are simulated in src/history/power_cut_test.cpp.
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

// Runs the writer for `for_us`, kills it, and returns the last number it acknowledged (or `first` - 1).
std::int64_t run_and_kill(const char* writer, const std::string& folder, std::int64_t first, std::int64_t for_us) {
    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0) give_up("no pipe");
    const std::string number = std::to_string(first);
    const pid_t child = ::fork();
    if (child < 0) give_up("no fork");
    if (child == 0) {
        ::dup2(pipe_ends[1], STDOUT_FILENO);
        ::close(pipe_ends[0]);
        ::close(pipe_ends[1]);
        ::execl(writer, writer, folder.c_str(), number.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(pipe_ends[1]);
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(for_us));
        ::kill(child, SIGKILL);
    });
    std::int64_t acknowledged = first - 1;
    std::int64_t n = 0;
    while (::read(pipe_ends[0], &n, sizeof n) == sizeof n) {
        if (n != acknowledged + 1) give_up("the writer's numbers jump");
        acknowledged = n;
    }
    killer.join();
    ::close(pipe_ends[0]);
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
    if (argc != 2) give_up("usage: history_crash_test WRITER");
    const char* const wanted = std::getenv("HISTORY_CRASH_CYCLES");
    const int cycles = wanted == nullptr ? 300 : std::atoi(wanted);
    const unsigned seed = std::random_device()();
    std::mt19937 random(seed);
    std::string folder = "/tmp/busbar-crash-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) give_up("no folder");
    fmt::print("history_crash: seed {}, folder {}\n", seed, folder);
    std::int64_t next = 0;
    std::int64_t highest = -1;
    for (int cycle = 0; cycle < cycles; ++cycle) {
        const std::int64_t acknowledged =
            run_and_kill(argv[1], folder, next, 20'000 + static_cast<std::int64_t>(random() % 100'000));
        highest = std::max(highest, acknowledged);
        // Mostly the new part and an hour before it, now and then all of it.
        const std::int64_t from = cycle % 50 == 49 || cycle + 1 == cycles ? 0 : std::max<std::int64_t>(0, next - 200);
        next = check(folder, from, highest);
        highest = next - 1;
    }
    fmt::print("history_crash: {} kills, {} polls acknowledged or stored, none lost, none twice\n", cycles, next);
    if (next < cycles / 4) give_up("the writer hardly wrote; the test says nothing");
    std::filesystem::remove_all(folder);
    return 0;
}
