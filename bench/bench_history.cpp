// History against SQLite rows (narrow, WITHOUT ROWID, WAL, one transaction a second) on the same trace in one run.
// Prints JSON lines {"measure","ours","peer","ratio","goal","unit"}; lines that only explain have "note". Usage:
// bench_history [FOLDER] [SECONDS]   FOLDER on a real disk, else nothing is written that counts.
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "history/store.hpp"
#include "trace.hpp"

using namespace busbar;
using namespace busbar::history;
using busbar::bench::devices;
using busbar::bench::points;

namespace {

constexpr std::int64_t start_ms = 1'700'006'400'000;

double cpu_s() {
    rusage u{};
    ::getrusage(RUSAGE_SELF, &u);
    const auto s = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
    return s(u.ru_utime) + s(u.ru_stime);
}
double wall_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
double written_bytes() {
    std::ifstream io("/proc/self/io");
    std::string word;
    double value = 0;
    while (io >> word >> value)
        if (word == "write_bytes:") return value;
    return 0;
}
void line(std::string_view measure, double ours, double peer, double goal, std::string_view unit) {
    fmt::print(
        "{{\"measure\":\"{}\",\"ours\":{:.5g},\"peer\":{:.5g},\"ratio\":{:.5g},\"goal\":{:.5g},\"unit\":\"{}\"}}\n",
        measure, ours, peer, peer > 0 ? ours / peer : 0.0, goal, unit);
    std::fflush(stdout);
}
void note(std::string_view text) {
    fmt::print("{{\"note\":\"{}\"}}\n", text);
    std::fflush(stdout);
}
[[noreturn]] void stop(std::string_view text) {
    fmt::print(stderr, "bench_history: {}\n", text);
    std::exit(1);
}
void demand(const Status& s) {
    if (!s) stop(s.error().text);
}

// The peer: what one writes first.
class Rows {
public:
    explicit Rows(const std::string& path) {
        if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) stop("sqlite");
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("CREATE TABLE samples(series INTEGER, time INTEGER, value REAL, PRIMARY KEY(series, time)) WITHOUT ROWID");
        sqlite3_prepare_v2(db_, "INSERT INTO samples VALUES(?, ?, ?)", -1, &insert_, nullptr);
    }
    ~Rows() {
        sqlite3_finalize(insert_);
        sqlite3_close(db_);
    }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    void run(const char* sql) {
        if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(db_));
    }
    void add(std::int64_t series, std::int64_t time_ms, double value) {
        sqlite3_bind_int64(insert_, 1, series);
        sqlite3_bind_int64(insert_, 2, time_ms);
        sqlite3_bind_double(insert_, 3, value);
        sqlite3_step(insert_);
        sqlite3_reset(insert_);
    }
    std::size_t buckets(std::int64_t series, std::int64_t from, std::int64_t to, std::int64_t step) {
        sqlite3_stmt* s = nullptr;
        sqlite3_prepare_v2(db_,
                           "SELECT (time - ?2) / ?4 AS b, min(value), avg(value), max(value), count(*) FROM samples "
                           "WHERE series = ?1 AND time >= ?2 AND time < ?3 GROUP BY b",
                           -1, &s, nullptr);
        sqlite3_bind_int64(s, 1, series);
        sqlite3_bind_int64(s, 2, from);
        sqlite3_bind_int64(s, 3, to);
        sqlite3_bind_int64(s, 4, step);
        std::size_t n = 0;
        while (sqlite3_step(s) == SQLITE_ROW) ++n;
        sqlite3_finalize(s);
        return n;
    }

private:
    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

std::unique_ptr<Store> open_store(const std::string& folder) {
    std::filesystem::create_directories(folder);
    StoreConfig config;
    config.folder = folder;
    config.ballast_bytes = 0;
    auto store = Store::open(config);
    if (!store) stop(store.error().text);
    return std::move(*store);
}

// One second of all devices, kept so that making it is not counted.
using Second = std::vector<Sample>;
std::vector<Second> make_trace(std::size_t seconds, const std::vector<SeriesId>& ids) {
    bench::Trace trace(1);
    std::vector<Second> out(seconds);
    for (std::size_t s = 0; s < seconds; ++s) {
        for (std::size_t d = 0; d < devices; ++d) {
            const std::int64_t at =
                start_ms + static_cast<std::int64_t>(s) * 1000 + static_cast<std::int64_t>(d) * 9 + trace.lateness_ms();
            const auto& raw = trace.next(d);
            for (std::size_t p = 0; p < points; ++p) out[s].push_back(value_of(ids[d * points + p], at, raw[p]));
            out[s][d * points].starts_row = true;
        }
    }
    return out;
}

double entropy_bits(const std::vector<Second>& trace) {
    double sum = 0;
    for (std::size_t i = 0; i < devices * points; ++i) {
        std::map<std::int64_t, double> seen;
        for (std::size_t s = 1; s < trace.size(); ++s) ++seen[trace[s][i].raw - trace[s - 1][i].raw];
        const double n = static_cast<double>(trace.size() - 1);
        for (const auto& [step, count] : seen) sum -= count / n * std::log2(count / n);
    }
    return sum / static_cast<double>(devices * points);
}

void codec(const std::vector<Second>& trace) {
    const std::size_t n = trace.size();
    std::vector<std::vector<std::int64_t>> columns(devices * points, std::vector<std::int64_t>(n));
    for (std::size_t s = 0; s < n; ++s)
        for (std::size_t i = 0; i < columns.size(); ++i) columns[i][s] = trace[s][i].raw;
    std::vector<Bytes> packed(columns.size());
    const double total = static_cast<double>(n * columns.size());
    double encode = 1e9, decode = 1e9;
    for (int round = 0; round < 3; ++round) {
        double begin = cpu_s();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            packed[i].clear();
            encode_column(columns[i], packed[i]);
        }
        encode = std::min(encode, cpu_s() - begin);
        std::vector<std::int64_t> out(n);
        begin = cpu_s();
        for (const Bytes& bytes : packed) {
            ByteReader in(bytes);
            if (!decode_column(in, out)) stop("decode");
        }
        decode = std::min(decode, cpu_s() - begin);
    }
    double bytes = 0;
    std::map<std::string, std::pair<double, double>> by_kind;
    for (std::size_t i = 0; i < packed.size(); ++i) {
        bytes += static_cast<double>(packed[i].size());
        auto& [sum, count] = by_kind[bench::kind_of(i % points).name];
        sum += static_cast<double>(packed[i].size()) * 8;
        count += static_cast<double>(n);
    }
    std::string shares;
    for (const auto& [name, of] : by_kind) shares += fmt::format("{} {:.2f}, ", name, of.first / of.second);
    note(fmt::format("bits per point by kind: {}entropy of the differences {:.2f} bits in the mean", shares,
                     entropy_bits(trace)));
    line("column codec, size", bytes / total, 0, 0.45, "B/point");
    line("column codec, encode", encode / total * 1e9, 0, 2.2, "ns/point");
    line("column codec, decode", decode / total * 1e9, 0, 1.3, "ns/point");
}

struct Cost {
    double cpu_us = 0, written = 0, size = 0;  // per point
};

// Which part of the file is what.
void explain_file(const std::string& path, double n) {
    sqlite3* db = nullptr;
    sqlite3_open(path.c_str(), &db);
    std::string text;
    for (const char* table : {"timelines", "chunks", "minutes", "quarters"}) {
        sqlite3_stmt* s = nullptr;
        sqlite3_prepare_v2(db, fmt::format("SELECT sum(length(data)) FROM {}", table).c_str(), -1, &s, nullptr);
        sqlite3_step(s);
        text += fmt::format("{} {:.3f}, ", table, sqlite3_column_double(s, 0) / n);
        sqlite3_finalize(s);
    }
    sqlite3_close(db);
    note("bytes per point: " + text + "the rest is SQLite's");
}

// Two hours; the second is measured, because the first also makes the files that all later ones use again.
Cost ingest_ours(const std::string& folder, std::vector<Second> trace) {
    auto store = open_store(folder);
    for (std::size_t d = 0; d < devices; ++d)
        for (std::size_t p = 0; p < points; ++p) {
            const auto kind = bench::kind_of(p);
            if (!store->series(bench::key_of(d, p), kind.unit, kind.resolution)) stop("series");
        }
    const double n = static_cast<double>(trace.size() * devices * points);
    Cost cost;
    for (int hour = 0; hour < 2; ++hour) {
        const double cpu = cpu_s(), written = written_bytes();
        for (const Second& second : trace) {
            demand(store->commit(second, second.back().time_ms));
            (void)store->housekeep(second.back().time_ms);
        }
        if (hour == 1)
            note(fmt::format("journal: {:.3f} bytes a point",
                             (static_cast<double>(store->status().bytes) - cost.size * n) / n));
        // The hour is over: it moves to the database, which belongs to its cost.
        while (store->housekeep(start_ms + (2 + hour) * hour_ms)) {
        }
        cost = {(cpu_s() - cpu) / n * 1e6, (written_bytes() - written) / n,
                static_cast<double>(store->status().bytes) / n};
        for (Second& second : trace)
            for (Sample& sample : second) sample.time_ms += hour_ms;
    }
    store.reset();
    cost.size = static_cast<double>(std::filesystem::file_size(folder + "/history.db")) / n / 2;
    explain_file(folder + "/history.db", n * 2);
    return cost;
}

Cost ingest_rows(const std::string& folder, const std::vector<Second>& trace, std::size_t seconds) {
    std::filesystem::create_directories(folder);
    Cost cost;
    const double n = static_cast<double>(seconds * devices * points);
    {
        Rows rows(folder + "/rows.db");
        const double cpu = cpu_s(), written = written_bytes();
        for (std::size_t s = 0; s < seconds; ++s) {
            rows.run("BEGIN");
            for (const Sample& sample : trace[s])
                rows.add(sample.series, sample.time_ms, static_cast<double>(sample.raw));
            rows.run("COMMIT");
        }
        rows.run("PRAGMA wal_checkpoint(TRUNCATE)");
        cost = {(cpu_s() - cpu) / n * 1e6, (written_bytes() - written) / n, 0};
    }
    cost.size = static_cast<double>(std::filesystem::file_size(folder + "/rows.db")) / n;
    return cost;
}

// One series at 1 Hz for 30 days in both, then plots of a day and of all.
void queries(const std::string& folder) {
    constexpr std::int64_t days = 30;
    auto store = open_store(folder);
    const SeriesId id = *store->series("meter/power", "W", 1);
    std::filesystem::create_directories(folder);
    Rows rows(folder + "/rows.db");
    bench::Trace trace(2);
    std::int64_t t = start_ms;
    for (std::int64_t hour = 0; hour < days * 24; ++hour) {
        Second batch;
        rows.run("BEGIN");
        for (int s = 0; s < 3600; ++s, t += 1000) {
            batch.push_back(value_of(id, t, trace.next(0)[24]));
            rows.add(1, t, static_cast<double>(batch.back().raw));
        }
        rows.run("COMMIT");
        demand(store->commit(batch, t));
        while (store->housekeep(t)) {
        }
    }
    rows.run("PRAGMA wal_checkpoint(TRUNCATE)");
    const auto measure = [&](std::string_view name, std::int64_t from, std::int64_t to, std::size_t buckets,
                             double goal, bool exact) {
        std::vector<double> ours, peer;
        for (int round = 0; round < 7; ++round) {
            double begin = wall_s();
            const auto got =
                exact ? store->query_steps("meter/power", from, to, (to - from) / static_cast<std::int64_t>(buckets))
                      : store->query("meter/power", from, to, buckets);
            ours.push_back((wall_s() - begin) * 1e3);
            if (!got || got->count.size() < buckets / 3) stop("query");
            if (round > 2) continue;  // the peer takes seconds
            begin = wall_s();
            (void)rows.buckets(1, from, to, (to - from) / static_cast<std::int64_t>(buckets));
            peer.push_back((wall_s() - begin) * 1e3);
        }
        std::sort(ours.begin(), ours.end());
        std::sort(peer.begin(), peer.end());
        line(name, ours[ours.size() / 2], peer[peer.size() / 2], goal, "ms");
    };
    constexpr std::int64_t day = 24 * hour_ms;
    measure("query 1 day to 1000 buckets", t - day, t, 1000, 1, false);
    measure("query 30 days to 1000 buckets", t - days * day, t, 1000, 12, false);
    measure("query 1 day to 1000 buckets, from raw data", t - day, t, 1000, 1, true);
    measure("query 30 days to 1000 buckets, from raw data", t - days * day + 1, t, 1000, 12, true);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string root =
        (argc > 1 ? std::string(argv[1]) : "/var/tmp") + fmt::format("/busbar-bench-{}", ::getpid());
    const std::size_t seconds = argc > 2 ? static_cast<std::size_t>(std::atoll(argv[2])) : 3600;
    std::vector<SeriesId> ids(devices * points);
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<SeriesId>(i);
    const auto trace = make_trace(seconds, ids);
    codec(trace);
    const std::size_t peer_seconds = std::min<std::size_t>(seconds, 60);  // 18 MB a second: a minute says enough
    const Cost ours = ingest_ours(root + "/ours", trace);
    const Cost rows = ingest_rows(root + "/rows", trace, peer_seconds);
    note(fmt::format("{} devices x {} points at 1 Hz, ours {} s, peer {} s; size is the whole database file", devices,
                     points, seconds, peer_seconds));
    line("history size (hot)", ours.size, rows.size, 0.45, "B/point");
    line("history ingest CPU", ours.cpu_us, rows.cpu_us, 0.05, "us/point");
    line("history bytes written at 1 s loss", ours.written, rows.written, 3.0, "B/point");
    if (argc <= 3) queries(root + "/queries");
    std::filesystem::remove_all(root);
    return 0;
}
