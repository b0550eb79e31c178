// Appends samples from the given number on and writes each number to stdout once it is durable; until killed.
// Usage: history_crash_writer FOLDER FIRST
#include <unistd.h>

#include <cstdlib>

#include "crash_pattern.hpp"
#include "history/engine.hpp"

using namespace busbar;
using namespace std::chrono_literals;

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    std::int64_t n = std::atoll(argv[2]);
    std::atomic<std::int64_t> now{crash::time_of(n)};
    history::EngineConfig config;
    config.store.folder = argv[1];
    config.store.series_per_slice = 1;  // many small steps, each a place to be killed at
    config.store.ballast_bytes = 1u << 20;
    config.commit_every = 3600s;  // only when told
    config.now_ms = [&now] { return now.load(); };
    auto engine = history::Engine::open(std::move(config));
    if (!engine) {
        std::fprintf(stderr, "%s\n", engine.error().text.c_str());
        return 3;
    }
    std::array<history::SeriesId, crash::keys.size()> ids{};
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = *(*engine)->series(crash::keys[i], "W", 1);
    for (;; ++n) {
        now = crash::time_of(n);
        std::vector<history::Sample> row;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto raw = crash::raw_of(i, n);
            row.push_back(raw ? history::value_of(ids[i], now, *raw) : history::gap_of(ids[i], now));
        }
        (*engine)->append(row);
        if (!(*engine)->flush(120s)) return 4;
        if (::write(STDOUT_FILENO, &n, sizeof n) != sizeof n) return 0;
    }
}
