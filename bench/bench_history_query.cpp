// A plot of a day and of 30 days out of 1 Hz data: min, mean and max of 1000 steps, inside the process. Ours answers
// from roll-ups where they fit and from the samples where it is asked for odd steps; the peer (SQLite rows, clustered
// by series and time) has only its rows. Same trace, in turns. Usage: bench_history_query [FOLDER]   default /var/tmp
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "history/store.hpp"
#include "measure.hpp"
#include "sqlite_rows.hpp"
#include "trace.hpp"

using namespace busbar;
using namespace busbar::bench;
using history::hour_ms;

namespace {

constexpr std::int64_t start_ms = 1'700'006'400'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t days = 30;
constexpr std::size_t buckets = 1000;
constexpr std::size_t power = 24;    // the noisiest kind of point
constexpr std::int64_t others = 99;  // series with a sample a minute
constexpr int rounds = 7;

[[noreturn]] void stop(std::string_view text) {
    fmt::print(stderr, "bench_history_query: {}\n", text);
    std::exit(1);
}

std::unique_ptr<history::Store> open(const std::string& folder) {
    std::filesystem::create_directories(folder);
    history::StoreConfig config;
    config.folder = folder;
    config.ballast_bytes = 0;
    auto store = history::Store::open(config);
    if (!store) stop(store.error().text);
    return std::move(*store);
}

// The same 30 days of one point into both; hours that are over lie in the database.
void fill(history::Store& store, SqliteRows& rows) {
    std::vector<history::SeriesId> ids;
    for (std::int64_t i = 0; i <= others; ++i) {
        const auto id = store.series(i == others ? "meter/power" : fmt::format("other/{}", i), "W", 1);
        if (!id) stop(id.error().text);
        ids.push_back(*id);
    }
    Trace trace(2);
    std::int64_t t = start_ms;
    for (std::int64_t hour = 0; hour < days * 24; ++hour) {
        std::vector<history::Sample> batch;
        rows.run("BEGIN");
        for (int s = 0; s < 3600; ++s, t += 1000) {
            const std::int64_t raw = trace.next(0)[power];
            for (std::int64_t i = s % 60 == 0 ? 0 : others; i <= others; ++i) {
                batch.push_back(history::value_of(ids[static_cast<std::size_t>(i)], t, raw + i));
                batch.back().starts_row = i == others;
                rows.add(i, t, static_cast<double>(raw + i));
            }
        }
        rows.run("COMMIT");
        if (const auto done = store.commit(batch, t); !done) stop(done.error().text);
        while (store.housekeep(t)) {
        }
    }
    rows.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

template <class Work>
double ms_of(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

struct Plot {
    const char* name;
    std::int64_t length_ms;
    bool odd_steps;  // that no roll-up fits
    double goal_ms;
};

void measure(history::Store& store, SqliteRows& rows, const Plot& plot) {
    const std::int64_t to = start_ms + days * day_ms, from = to - plot.length_ms;
    const std::int64_t step = plot.length_ms / static_cast<std::int64_t>(buckets);
    std::vector<double> ours, theirs, ratios;
    for (int round = 0; round < rounds; ++round) {
        ours.push_back(ms_of([&] {
            const auto got = plot.odd_steps ? store.query_steps("meter/power", from, to, step - 1)
                                            : store.query("meter/power", from, to, buckets);
            if (!got || got->count.size() < buckets / 2) stop("the answer is too short");
        }));
        theirs.push_back(ms_of([&] {
            if (rows.plot(others, from, to, step) < buckets) stop("the peer's answer is too short");
        }));
        ratios.push_back(ours.back() / theirs.back());
    }
    print({.measure = fmt::format("history query in process: {}", plot.name),
           .ours = median(ours),
           .peer = median(theirs),
           .ratio = median(ratios),
           .goal = plot.goal_ms,
           .unit = "ms",
           .peer_name = "SQLite rows"});
}

}  // namespace

int main(int argc, char** argv) {
    const std::string root =
        (argc > 1 ? std::string(argv[1]) : "/var/tmp") + fmt::format("/busbar-bench-query-{}", ::getpid());
    {
        const auto store = open(root + "/ours");
        SqliteRows rows(root + "/rows.db");
        fill(*store, rows);
        const Plot plots[] = {{"1 day of 1 Hz to 1000 steps", day_ms, false, 0.5},
                              {"30 days of 1 Hz to 1000 steps", days * day_ms, false, 6},
                              {"1 day of 1 Hz to 1000 odd steps, from samples", day_ms, true, 0.5},
                              {"30 days of 1 Hz to 1000 odd steps, from samples", days * day_ms, true, 12}};
        for (const Plot& plot : plots) measure(*store, rows, plot);
    }
    std::filesystem::remove_all(root);
    return 0;
}
