#pragma once
// The peer of the history benches: one row a point, clustered by series and time so that plots read neighbours, one
// transaction a second, WAL and FULL so that it loses as little as we do. What one writes first, done properly.
#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace busbar::bench {

class SqliteRows {
public:
    explicit SqliteRows(const std::string& path) {
        if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) stop();
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("CREATE TABLE samples(series INTEGER, time INTEGER, value REAL, PRIMARY KEY(series, time)) WITHOUT ROWID");
        sqlite3_prepare_v2(db_, "INSERT INTO samples VALUES(?, ?, ?)", -1, &insert_, nullptr);
        sqlite3_prepare_v2(db_,
                           "SELECT (time - ?2) / ?4 AS b, min(value), avg(value), max(value), count(*) FROM samples "
                           "WHERE series = ?1 AND time >= ?2 AND time < ?3 GROUP BY b",
                           -1, &plot_, nullptr);
    }
    ~SqliteRows() {
        sqlite3_finalize(insert_);
        sqlite3_finalize(plot_);
        sqlite3_close(db_);
    }
    SqliteRows(const SqliteRows&) = delete;
    SqliteRows& operator=(const SqliteRows&) = delete;

    void run(const char* sql) {
        if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) stop();
    }
    void add(std::int64_t series, std::int64_t time_ms, double value) {
        sqlite3_bind_int64(insert_, 1, series);
        sqlite3_bind_int64(insert_, 2, time_ms);
        sqlite3_bind_double(insert_, 3, value);
        if (sqlite3_step(insert_) != SQLITE_DONE) stop();
        sqlite3_reset(insert_);
    }
    // Reads min, mean, max of each step of [from, to); returns how many steps held something.
    std::size_t plot(std::int64_t series, std::int64_t from_ms, std::int64_t to_ms, std::int64_t step_ms) {
        sqlite3_bind_int64(plot_, 1, series);
        sqlite3_bind_int64(plot_, 2, from_ms);
        sqlite3_bind_int64(plot_, 3, to_ms);
        sqlite3_bind_int64(plot_, 4, step_ms);
        std::size_t steps = 0;
        while (sqlite3_step(plot_) == SQLITE_ROW) ++steps;
        sqlite3_reset(plot_);
        return steps;
    }

private:
    [[noreturn]] void stop() {
        fmt::print(stderr, "SQLite rows: {}\n", sqlite3_errmsg(db_));
        std::exit(1);
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* plot_ = nullptr;
};

}  // namespace busbar::bench
