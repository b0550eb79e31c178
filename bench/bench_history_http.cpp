// A day and a month of a 1 Hz series as 1000 buckets of min, mean and max: from the running gateway, over HTTPS on a
// connection that stays open, with the session checked, until the last byte of the JSON is here. Beside it SQLite with
// a row per sample, asked in this process without any network, in turns.
#include <sqlite3.h>

#include <cmath>
#include <filesystem>
#include <random>

#include "gateway.hpp"
#include "history/store.hpp"
#include "measure.hpp"

using namespace busbar;
using namespace busbar::bench;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::int64_t day_ms = 86'400'000, days = 30;
constexpr int buckets = 1000;
constexpr const char* series = "grid/meter.power";

[[noreturn]] void give_up(const std::string& text) {
    fmt::print(stderr, "bench: {}\n", text);
    std::exit(1);
}

// The same month for both: a house with sun by day and appliances, in whole watts, a value a second.
class House {
public:
    std::int64_t next_w(std::int64_t time_ms) {
        const double hour = static_cast<double>(time_ms % day_ms) / 3.6e6;
        const double sun = std::max(0.0, std::sin((hour - 6) / 12 * 3.14159)) * 6000;
        if (chance_(random_) < 0.002) appliance_ = chance_(random_) * 2500;
        cloud_ = std::clamp(cloud_ + (chance_(random_) - 0.5) * 0.02, 0.3, 1.0);
        return std::llround(250 + appliance_ - sun * cloud_ + 8 * (chance_(random_) - 0.5));
    }

private:
    std::mt19937_64 random_{1};
    std::uniform_real_distribution<double> chance_{0, 1};
    double appliance_ = 0, cloud_ = 1;
};

void fill_history(const std::string& folder, std::int64_t begin_ms, std::int64_t end_ms) {
    auto store = history::Store::open({.folder = folder});
    if (!store) give_up(store.error().text);
    const auto id = (*store)->series(series, "W", 1);
    if (!id) give_up(id.error().text);
    House house;
    std::vector<history::Sample> hour;
    for (std::int64_t t = begin_ms; t < end_ms; t += 1000) {
        hour.push_back(history::value_of(*id, t, house.next_w(t)));
        hour.back().starts_row = true;
        if (hour.size() < 3600 && t + 1000 < end_ms) continue;
        if (const auto kept = (*store)->commit(hour, t); !kept) give_up(kept.error().text);
        while ((*store)->housekeep(t)) {
        }
        hour.clear();
    }
}

class Rows {
public:
    Rows(const std::string& path, std::int64_t begin_ms, std::int64_t end_ms) {
        sqlite3_open(path.c_str(), &db_);
        run("pragma journal_mode = wal; pragma synchronous = normal;"
            "create table sample (series integer, time integer, value real, primary key (series, time)) without rowid; "
            "begin");
        sqlite3_stmt* insert = prepare("insert into sample values (1, ?, ?)");
        House house;
        for (std::int64_t t = begin_ms; t < end_ms; t += 1000) {
            sqlite3_bind_int64(insert, 1, t);
            sqlite3_bind_double(insert, 2, static_cast<double>(house.next_w(t)));
            if (sqlite3_step(insert) != SQLITE_DONE) give_up(sqlite3_errmsg(db_));
            sqlite3_reset(insert);
        }
        sqlite3_finalize(insert);
        run("commit; pragma wal_checkpoint(truncate)");
        query_ = prepare(
            "select (time - ?1) / ?3 as step, min(value), avg(value), max(value), count(*) from sample "
            "where series = 1 and time >= ?1 and time < ?2 group by step");
    }
    ~Rows() {
        sqlite3_finalize(query_);
        sqlite3_close(db_);
    }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    std::size_t query(std::int64_t from_ms, std::int64_t to_ms) {
        sqlite3_reset(query_);
        sqlite3_bind_int64(query_, 1, from_ms);
        sqlite3_bind_int64(query_, 2, to_ms);
        sqlite3_bind_int64(query_, 3, (to_ms - from_ms) / buckets);
        std::size_t n = 0;
        while (sqlite3_step(query_) == SQLITE_ROW) n += sqlite3_column_double(query_, 3) > -1e9 ? 1 : 0;
        return n;
    }

private:
    sqlite3_stmt* prepare(const char* text) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(db_, text, -1, &statement, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db_));
        return statement;
    }
    void run(const char* text) {
        if (sqlite3_exec(db_, text, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db_));
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt* query_ = nullptr;
};

template <class Work>
double took_ms(const Work& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

struct Pair {
    std::vector<double> ours, theirs, ratios;
};

void compare(Gateway& gateway, test::HttpClient& client, Rows& rows, std::int64_t end_ms, std::int64_t span_ms,
             const char* name, double goal) {
    Pair pair;
    for (int i = 0; i < 9; ++i) {
        // A window that moves: nobody gets by with remembering the answer.
        const std::int64_t to = end_ms - i * 61'000, from = to - span_ms;
        const std::string target =
            fmt::format("/api/v1/history?series={}&from={}&to={}&buckets={}", series, from, to, buckets);
        std::vector<double> asked;
        for (int k = 0; k < 3; ++k) {
            std::string body;
            asked.push_back(took_ms([&] { body = gateway.get(client, target); }));
            if (std::count(body.begin(), body.end(), ',') < 4 * 600) give_up("too few buckets: " + body.substr(0, 300));
        }
        pair.ours.push_back(median(asked));
        pair.theirs.push_back(took_ms([&] {
            if (rows.query(from, to) < 600) give_up("SQLite has too few buckets");
        }));
        pair.ratios.push_back(pair.ours.back() / pair.theirs.back());
    }
    print({.measure = fmt::format("{} of a 1 Hz series to {} buckets over HTTPS", name, buckets),
           .ours = median(pair.ours),
           .peer = median(pair.theirs),
           .ratio = median(pair.ratios),
           .goal = goal,
           .unit = "ms",
           .peer_name = "SQLite rows, in process"});
}

}  // namespace

int main() {
    TemporaryFolder folder;
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    const std::int64_t end = now / 1000 * 1000, begin = end - days * day_ms - 3'600'000;
    std::filesystem::create_directories(folder.path() + "/data/history");
    write_file(folder.path() + "/site.yaml", "name: bench\n");
    fmt::print("filling {} days of 1 Hz\n", days);
    fill_history(folder.path() + "/data/history", begin, end);
    Rows rows(folder.path() + "/rows.db", begin, end);
    Gateway gateway(folder.path());
    const auto client = gateway.connect();
    const std::string first = gateway.get(
        *client, fmt::format("/api/v1/history?series={}&from={}&to={}&buckets=1000", series, end - day_ms, end));
    fmt::print("a day's answer has {} bytes\n", first.size());
    compare(gateway, *client, rows, end, day_ms, "1 day", 1);
    compare(gateway, *client, rows, end, days * day_ms, "30 days", 12);
}
