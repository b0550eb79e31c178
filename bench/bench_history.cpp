// What keeping a point costs: bytes on disk, CPU, and bytes written with at most a second lost at a power cut. The
// history engine and SQLite rows take the same trace in turns, each at steady state: ours for whole hours, each with
// the move of the hour before; the peer for some seconds into tables that already hold so much that each series has
// pages of its own. Usage: bench_history [FOLDER [ROUNDS]]   FOLDER (default /var/tmp) on a real disk: elsewhere no
// bytes are written.
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>

#include "history/engine.hpp"
#include "measure.hpp"
#include "sqlite_rows.hpp"
#include "trace.hpp"

using namespace busbar;
using namespace busbar::bench;
using namespace std::chrono_literals;
using history::hour_ms;

namespace {

constexpr std::int64_t start_ms = 1'700'006'400'000;  // a whole hour
constexpr std::size_t series_count = devices * points;
constexpr std::size_t peer_seconds = 10;  // at 20 MB a second that is enough

[[noreturn]] void stop(std::string_view text) {
    fmt::print(stderr, "bench_history: {}\n", text);
    std::exit(1);
}

struct Cpu {
    double user_us = 0, system_us = 0;
    double sum() const { return user_us + system_us; }
};
Cpu process_cpu() {
    rusage u{};
    ::getrusage(RUSAGE_SELF, &u);
    const auto us = [](timeval t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
    return {us(u.ru_utime), us(u.ru_stime)};
}

// What this process had written to block devices so far, as the kernel counts it.
double written_bytes() {
    std::ifstream io("/proc/self/io");
    std::string word;
    double value = 0;
    while (io >> word >> value)
        if (word == "write_bytes:") return value;
    return 0;
}

// One second of all devices; an hour of them is made beforehand so that making it is not counted.
using Second = std::vector<history::Sample>;

std::vector<Second> make_hour() {
    Trace trace(1);
    std::vector<Second> out(3600);
    for (std::size_t s = 0; s < out.size(); ++s) {
        out[s].reserve(series_count);
        for (std::size_t d = 0; d < devices; ++d) {
            const std::int64_t at =
                start_ms + static_cast<std::int64_t>(s) * 1000 + static_cast<std::int64_t>(d) * 9 + trace.lateness_ms();
            const auto& raw = trace.next(d);
            for (std::size_t p = 0; p < points; ++p)
                out[s].push_back(history::value_of(static_cast<history::SeriesId>(d * points + p), at, raw[p]));
        }
    }
    return out;
}

struct Cost {
    Cpu cpu;  // per point
    double written = 0;
};

// Runs `work` for `n` points.
template <class Work>
Cost cost_of(double n, Work work) {
    const Cpu cpu = process_cpu();
    const double written = written_bytes();
    work();
    const Cpu now = process_cpu();
    return {{(now.user_us - cpu.user_us) / n, (now.system_us - cpu.system_us) / n}, (written_bytes() - written) / n};
}

// What no journal that loses a second at most can do without: a page written and synced each second.
class BareSync {
public:
    explicit BareSync(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT, 0600)) {
        if (fd_ < 0) stop("cannot write to the folder");
    }
    ~BareSync() { ::close(fd_); }
    BareSync(const BareSync&) = delete;
    BareSync& operator=(const BareSync&) = delete;
    void second() {
        if (::pwrite(fd_, page_.data(), page_.size(), 0) < 0 || ::fdatasync(fd_) != 0) stop("cannot write");
    }

private:
    int fd_;
    std::array<char, 4096> page_{};
};

class Ours {
public:
    explicit Ours(std::string folder) : folder_(std::move(folder)) {
        std::filesystem::create_directories(folder_);
        history::EngineConfig config;
        config.store.folder = folder_;
        config.store.ballast_bytes = 0;
        config.commit_every = 3600s;  // flush() stands for the second that went by
        config.now_ms = [this] { return now_ms_.load(); };
        auto opened = history::Engine::open(std::move(config));
        if (!opened) stop(opened.error().text);
        engine_ = std::move(*opened);
        for (std::size_t i = 0; i < series_count; ++i) {
            const PointKind kind = kind_of(i % points);
            const auto id = engine_->series(key_of(i / points, i % points), kind.unit, kind.resolution);
            if (!id || *id != i) stop("series");
        }
    }
    void take(const Second& second) {
        now_ms_ = second.back().time_ms;
        for (std::size_t d = 0; d < devices; ++d) engine_->append(std::span(second).subspan(d * points, points));
        if (const auto done = engine_->flush(60s); !done) stop(done.error().text);
    }
    // Of the database, per point in it; ends the engine.
    double bytes_per_point() {
        engine_.reset();
        const std::string path = folder_ + "/history.db";
        sqlite3* db = nullptr;
        sqlite3_open(path.c_str(), &db);
        const auto sum = [db](const char* what) {
            sqlite3_stmt* s = nullptr;
            sqlite3_prepare_v2(db, fmt::format("SELECT sum({}", what).c_str(), -1, &s, nullptr);
            const double value = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_double(s, 0) : 0;
            sqlite3_finalize(s);
            return value;
        };
        const double n = sum("samples) FROM generations");
        fmt::print("kept per point:");
        for (const char* table : {"timelines", "chunks", "minutes", "quarters"})
            fmt::print(" {} {:.3f},", table, sum(fmt::format("length(data)) FROM {}", table).c_str()) / n);
        fmt::print(" the rest of the file is SQLite's\n");
        sqlite3_close(db);
        return static_cast<double>(std::filesystem::file_size(path)) / n;
    }

private:
    std::string folder_;
    std::atomic<std::int64_t> now_ms_{start_ms};
    std::unique_ptr<history::Engine> engine_;
};

class Peer {
public:
    // Begins with ten minutes of each series.
    Peer(const std::string& folder, const std::vector<Second>& hour) : path_(folder + "/rows.db") {
        std::filesystem::create_directories(folder);
        rows_ = std::make_unique<SqliteRows>(path_);
        rows_->run("BEGIN");
        for (std::size_t i = 0; i < series_count; ++i)
            for (std::size_t s = 0; s < 600; ++s) add(hour[s][i], -hour_ms);
        rows_->run("COMMIT");
        rows_->run("PRAGMA wal_checkpoint(TRUNCATE)");
        count_ = 600 * series_count;
    }
    void take(const Second& second) {
        rows_->run("BEGIN");
        for (const history::Sample& sample : second) add(sample, 0);
        rows_->run("COMMIT");
        count_ += second.size();
    }
    double bytes_per_point() {
        rows_.reset();
        return static_cast<double>(std::filesystem::file_size(path_)) / static_cast<double>(count_);
    }

private:
    void add(const history::Sample& sample, std::int64_t shift_ms) {
        rows_->add(sample.series, sample.time_ms + shift_ms, static_cast<double>(sample.raw));
    }
    std::string path_;
    std::unique_ptr<SqliteRows> rows_;
    std::size_t count_ = 0;
};

struct Rounds {
    std::vector<double> ours, peer, ratio;
    void add(double mine, double theirs) {
        ours.push_back(mine);
        peer.push_back(theirs);
        if (theirs > 0) ratio.push_back(mine / theirs);
    }
    void print(std::string_view what, std::string_view unit, double goal) const {
        bench::print({.measure = fmt::format("history, {} points at 1 Hz: {}", series_count, what),
                      .ours = median(ours),
                      .peer = median(peer),
                      .ratio = median(ratio),
                      .goal = goal,
                      .unit = std::string(unit),
                      .peer_name = "SQLite rows"});
    }
};

void measure(const std::string& root, int rounds) {
    auto hour = make_hour();
    const auto shift = [&hour](std::int64_t by_ms) {
        for (Second& second : hour)
            for (history::Sample& sample : second) sample.time_ms += by_ms;
    };
    Ours ours(root + "/ours");
    Peer peer(root + "/rows", hour);
    BareSync bare(root + "/page");
    Rounds cpu, written, size;
    std::vector<double> user, floor;
    for (int round = 0; round <= rounds; ++round) {
        const Cost mine = cost_of(static_cast<double>(hour.size() * series_count), [&] {
            for (const Second& second : hour) ours.take(second);
        });
        const Cost theirs = cost_of(static_cast<double>(peer_seconds * series_count), [&] {
            for (std::size_t s = 0; s < peer_seconds; ++s) peer.take(hour[s]);
        });
        const Cost least = cost_of(600.0 * series_count, [&] {
            for (int s = 0; s < 600; ++s) bare.second();
        });
        shift(hour_ms);
        if (round == 0) continue;  // the first hour has none before it to move, and makes the files that are used again
        cpu.add(mine.cpu.sum(), theirs.cpu.sum());
        user.push_back(mine.cpu.user_us);
        floor.push_back(least.cpu.sum());
        written.add(mine.written, theirs.written);
    }
    for (std::size_t s = 0; s < 60; ++s) ours.take(hour[s]);  // the last hour moves
    size.add(ours.bytes_per_point(), peer.bytes_per_point());
    size.print("bytes kept per point", "B", 0.45);
    cpu.print("CPU per point", "us", 0.05);
    fmt::print(
        "of our CPU {:.4f} us is the program's, the rest the kernel's; a page written and synced a second, {:.4f}\n",
        median(user), median(floor));
    if (median(written.ours) > 0)
        written.print("bytes written per point, at most 1 s lost", "B", 3.0);
    else
        fmt::print("nothing reached a disk from {}: give a folder on one\n", root);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string root =
        (argc > 1 ? std::string(argv[1]) : "/var/tmp") + fmt::format("/busbar-bench-history-{}", ::getpid());
    measure(root, argc > 2 ? std::atoi(argv[2]) : 3);
    std::filesystem::remove_all(root);
    return 0;
}
