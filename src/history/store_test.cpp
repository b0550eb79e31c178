#include "history/store.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/rigs/temporary_folder.hpp"

using namespace busbar;
using namespace busbar::history;

namespace {

constexpr std::int64_t noon = 1'700'006'400'000;  // a whole hour

StoreConfig config_in(const std::string& folder) {
    StoreConfig config;
    config.folder = folder;
    config.ballast_bytes = 64u << 10;
    config.min_free_bytes = 0;
    config.opened_ms = noon;
    return config;
}

std::unique_ptr<Store> open_in(const std::string& folder) {
    auto store = Store::open(config_in(folder));
    REQUIRE(store.has_value());
    return std::move(*store);
}

using Recorded = std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>>;

Recorded all_of(Store& store, std::string_view key, std::int64_t from = 0, std::int64_t to = 4'000'000'000'000) {
    Recorded out;
    const Status done = store.raw(key, from, to, [&](std::span<const Point> points) {
        for (const Point& p : points)
            out.emplace_back(p.time_ms, p.value ? std::optional(static_cast<std::int64_t>(std::llround(*p.value * 10)))
                                                : std::nullopt);
        return true;
    });
    REQUIRE(done.has_value());
    return out;
}

// The same aggregates, the plain way.
struct Plain {
    std::uint64_t count = 0;
    double min = 0, max = 0, sum = 0;
};
std::map<std::int64_t, Plain> plain_buckets(const Recorded& samples, std::int64_t from, std::int64_t to,
                                            std::int64_t step) {
    std::map<std::int64_t, Plain> out;
    for (const auto& [t, raw] : samples) {
        if (!raw || t < from || t >= to) continue;
        Plain& b = out[from + (t - from) / step * step];
        const double v = static_cast<double>(*raw) / 10;
        b.min = b.count == 0 ? v : std::min(b.min, v);
        b.max = b.count == 0 ? v : std::max(b.max, v);
        b.sum += v;
        ++b.count;
    }
    return out;
}

void check_same(const Buckets& got, const std::map<std::int64_t, Plain>& expected) {
    REQUIRE(got.time_ms.size() == expected.size());
    std::size_t i = 0;
    for (const auto& [t, b] : expected) {
        CHECK(got.time_ms[i] == t);
        CHECK(got.count[i] == b.count);
        CHECK(got.min[i] == b.min);
        CHECK(got.max[i] == b.max);
        CHECK(got.mean[i] == doctest::Approx(b.sum / static_cast<double>(b.count)));
        ++i;
    }
}

}  // namespace

TEST_CASE("a counter beyond 32 bits is kept like the small values of the same polls, from whenever it is that large") {
    const TemporaryFolder folder;
    const auto store = open_in(folder.path);
    const SeriesId small = *store->series("a/power", "W", 0.1), large = *store->series("a/energy", "Wh", 0.1);
    Recorded powers, energies;
    for (std::int64_t i = 0; i < 300; ++i) {
        const std::int64_t at = noon + 1000 * i, counter = (std::int64_t{1} << 31) - 50 + i;
        powers.emplace_back(at, -i);
        energies.emplace_back(at, i % 7 == 3 ? std::nullopt : std::optional(counter));
        Sample row[] = {value_of(small, at, -i), i % 7 == 3 ? gap_of(large, at) : value_of(large, at, counter)};
        row[0].starts_row = true;
        REQUIRE(store->commit(row, at));
        if (i == 60) CHECK(all_of(*store, "a/energy") == energies);
    }
    CHECK(all_of(*store, "a/power") == powers);
    CHECK(all_of(*store, "a/energy") == energies);
}

TEST_CASE("the store holds what a map would, through hours, restarts and clock jumps") {
    for (unsigned seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        const TemporaryFolder folder;
        auto store = open_in(folder.path);
        std::map<std::string, Recorded> model;
        std::int64_t now = noon + static_cast<std::int64_t>(random() % 3'600'000);
        const auto name = [](unsigned device, unsigned i) {
            return "d" + std::to_string(device) + "/p" + std::to_string(i);
        };
        for (int op = 0; op < 600; ++op) {
            std::vector<Sample> batch;
            for (unsigned device = 0; device < 3; ++device) {
                if (random() % 8 == 0) continue;
                const bool part = random() % 10 == 0;
                const std::int64_t at = now + static_cast<std::int64_t>(random() % 20);
                const std::size_t begin = batch.size();
                for (unsigned i = 0; i < (part ? 2u : 5u); ++i) {
                    const auto id = store->series(name(device, i), "V", 0.1);
                    REQUIRE(id.has_value());
                    Recorded& kept = model[name(device, i)];
                    const std::int64_t raw = static_cast<std::int64_t>(random() % 5000) - 1000;
                    const bool gap = random() % 15 == 0;
                    batch.push_back(gap ? gap_of(*id, at) : value_of(*id, at, raw));
                    kept.emplace_back(at, gap ? std::nullopt : std::optional(raw));
                }
                batch[begin].starts_row = true;
            }
            REQUIRE(store->commit(batch, now).has_value());
            now += random() % 40 == 0 ? 700'000 : 7'000;
            if (random() % 150 == 0) now -= 5'400'000;  // the clock was wrong
            if (random() % 3 == 0) (void)store->housekeep(now);
            if (random() % 60 == 0) {
                store.reset();
                store = open_in(folder.path);
            }
        }
        CHECK(store->status().lost == 0);
        CHECK(store->status().problems.empty());
        std::uint64_t total = 0;
        for (const auto& [key, recorded] : model) {
            total += recorded.size();
            CHECK(all_of(*store, key) == recorded);
            for (const std::size_t buckets : {7u, 300u, 5000u}) {
                const std::int64_t from = noon - 8'000'000, to = std::max(now, noon) + 8'000'000;
                const auto got = store->query(key, from, to, buckets);
                CAPTURE(got.has_error() ? got.error().text : "");
                REQUIRE(got.has_value());
                CHECK(got->from_ms <= from);
                CHECK(got->to_ms >= to);
                check_same(*got, plain_buckets(recorded, got->from_ms, got->to_ms, got->step_ms));
            }
            const auto hours = store->query_steps(key, noon, std::max(now, noon) + 3'600'000, 3'600'000);
            REQUIRE(hours.has_value());
            check_same(*hours, plain_buckets(recorded, noon, hours->to_ms, 3'600'000));
        }
        CHECK(store->status().samples + store->status().duplicates == total);
    }
}

TEST_CASE("the last value before an instant is found in memory, on disk and not beyond its age") {
    const TemporaryFolder folder;
    auto store = open_in(folder.path);
    const SeriesId id = *store->series("meter/energy", "Wh", 10);
    std::int64_t raw = 1000;
    for (std::int64_t t = noon; t < noon + 3 * 3'600'000; t += 60'000) {
        const bool gap = t % 600'000 == 0;
        REQUIRE(store->commit(std::vector<Sample>{gap ? gap_of(id, t) : value_of(id, t, raw++)}, t).has_value());
        while (store->housekeep(t)) {
        }
    }
    const auto at = [&](std::int64_t t) { return *store->at("meter/energy", t, 3'600'000); };
    CHECK_FALSE(at(noon).has_value());  // a gap is no value
    CHECK(at(noon + 60'000)->value == 10'000);
    CHECK(at(noon + 119'999)->time_ms == noon + 60'000);
    CHECK(at(noon + 600'000)->time_ms == noon + 540'000);
    CHECK(at(noon + 3 * 3'600'000 + 3'000'000)->time_ms == noon + 3 * 3'600'000 - 60'000);
    CHECK_FALSE(at(noon + 5 * 3'600'000).has_value());
    CHECK_FALSE(store->at("meter/other", noon, 1000).has_value());
}

TEST_CASE("a counter's rise is last minus first of its buckets") {
    const TemporaryFolder folder;
    auto store = open_in(folder.path);
    const SeriesId id = *store->series("pv/energy", "Wh", 1);
    for (std::int64_t i = 0; i < 2 * 3600; i += 10)
        REQUIRE(store->commit(std::vector<Sample>{value_of(id, noon + i * 1000, i)}, noon + i * 1000).has_value());
    const auto hours = store->query_steps("pv/energy", noon, noon + 2 * 3'600'000, 3'600'000);
    REQUIRE(hours.has_value());
    CHECK(hours->first == std::vector<double>{0, 3600});
    CHECK(hours->last == std::vector<double>{3590, 7190});
}

TEST_CASE("one key with a new resolution is read as one series") {
    const TemporaryFolder folder;
    auto store = open_in(folder.path);
    const SeriesId coarse = *store->series("a/power", "W", 10);
    const SeriesId fine = *store->series("a/power", "W", 0.1);
    CHECK(coarse != fine);
    CHECK(*store->series("a/power", "W", 10) == coarse);
    REQUIRE(store->commit(std::vector<Sample>{value_of(coarse, noon, 12), value_of(fine, noon + 1000, 1234)}, noon)
                .has_value());
    const auto got = store->query("a/power", noon, noon + 2000, 2);
    REQUIRE(got.has_value());
    CHECK(got->mean == std::vector<double>{120, 123.4});
    CHECK(store->listing().size() == 1);
}

TEST_CASE("a second process on the folder is told who has it") {
    const TemporaryFolder folder;
    const auto store = open_in(folder.path);
    const auto second = Store::open(config_in(folder.path));
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().kind == Errc::unavailable);
    CHECK(second.error().text.find("process " + std::to_string(::getpid())) != std::string::npos);
}

TEST_CASE("bad requests are answered with what to do") {
    const TemporaryFolder folder;
    const auto store = open_in(folder.path);
    CHECK(store->query("nobody/knows", 0, 1, 1).error().text.find("nobody/knows") != std::string::npos);
    CHECK_FALSE(store->series("", "W", 1).has_value());
    CHECK_FALSE(store->series("a\nb", "W", 1).has_value());
    CHECK_FALSE(store->series("a/b", "W", 0).has_value());
    REQUIRE(store->series("a/b", "W", 1).has_value());
    CHECK_FALSE(store->query("a/b", 10, 10, 5).has_value());
    CHECK_FALSE(store->query("a/b", 0, 10, 0).has_value());
    CHECK_FALSE(store->query("a/b", 0, 10, max_buckets + 1).has_value());
    CHECK_FALSE(
        store->query("a/b", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), 5)
            .has_value());
    CHECK_FALSE(store->query_steps("a/b", 0, 100'000'000, 1).has_value());
    CHECK(store->query("a/b", 0, 10, 5)->count.empty());
    // A sample nobody defined, or from no calendar, is counted and not kept.
    REQUIRE(store
                ->commit(std::vector<Sample>{value_of(77, noon, 1),
                                             value_of(0, std::numeric_limits<std::int64_t>::max(), 1)},
                         noon)
                .has_value());
    CHECK(store->status().lost == 2);
}

namespace {

// Two stored hours and one in memory, 1 Hz, raw = second.
void fill(const std::string& folder) {
    auto store = open_in(folder);
    const SeriesId id = *store->series("a/v", "V", 0.1);
    for (std::int64_t i = 0; i < 2 * 3600 + 100; i += 100) {
        std::vector<Sample> batch;
        for (std::int64_t k = 0; k < 100; ++k) batch.push_back(value_of(id, noon + (i + k) * 1000, i + k));
        REQUIRE(store->commit(batch, noon + i * 1000).has_value());
        while (store->housekeep(noon + i * 1000)) {
        }
    }
}

void on_database(const std::string& folder, const char* sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open((folder + "/history.db").c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
}

}  // namespace

TEST_CASE("a damaged chunk yields no wrong value: roll-ups stand in, and it is reported") {
    const TemporaryFolder folder;
    fill(folder.path);
    on_database(folder.path,
                "UPDATE chunks SET data = replace(data, substr(data, 40, 2), x'ffff') WHERE rowid = (SELECT min(id) "
                "FROM chunks)");
    auto store = open_in(folder.path);
    Recorded expected;
    for (std::int64_t i = 3600; i < 2 * 3600 + 100; ++i) expected.emplace_back(noon + i * 1000, i);
    CHECK(all_of(*store, "a/v") == expected);
    const auto fine = store->query("a/v", noon, noon + 3'600'000, 3600);
    REQUIRE(fine.has_value());
    CHECK(fine->time_ms.size() == 60);  // one value per minute is what is still known
    CHECK(fine->max.back() == 359.9);
    CHECK(store->status().corrupt_places >= 2);
    CHECK(store->status().problems.size() == 1);
}

TEST_CASE("a damaged database is set aside, reported, and a new one goes on; the journal's samples are not lost") {
    const TemporaryFolder folder;
    fill(folder.path);
    std::fstream file(folder.path + "/history.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0);
    file << "this is no database, somebody wrote over its head ......................................................";
    file.close();
    auto store = open_in(folder.path);
    CHECK(store->status().problems.size() == 1);
    CHECK(store->status().problems[0].find("set-aside-2023-11-15-1-history.db") != std::string::npos);
    CHECK(std::filesystem::exists(folder.path + "/set-aside-2023-11-15-1-history.db"));
    CHECK(all_of(*store, "a/v").size() == 100);
    const SeriesId id = *store->series("a/v", "V", 0.1);
    REQUIRE(store->commit(std::vector<Sample>{value_of(id, noon + 4 * 3'600'000, 5)}, noon).has_value());
    while (store->housekeep(noon)) {
    }
    CHECK(all_of(*store, "a/v").size() == 101);
}

TEST_CASE("the size is kept: raw data goes first, roll-ups stay") {
    const TemporaryFolder folder;
    StoreConfig config = config_in(folder.path);
    config.max_bytes = 2300u << 10;
    auto opened = Store::open(config);
    REQUIRE(opened.has_value());
    Store& store = **opened;
    std::mt19937_64 random(3);
    std::vector<SeriesId> ids;
    for (int i = 0; i < 8; ++i) ids.push_back(*store.series("a/p" + std::to_string(i), "W", 1));
    std::int64_t t = noon;
    for (int hour = 0; hour < 80; ++hour) {
        std::vector<Sample> batch;
        for (int s = 0; s < 720; ++s, t += 5000)
            for (SeriesId id : ids) batch.push_back(value_of(id, t, static_cast<std::int64_t>(random() % 4096)));
        REQUIRE(store.commit(batch, t).has_value());
        while (store.housekeep(t)) {
        }
    }
    CHECK(std::filesystem::file_size(folder.path + "/history.db") < (2400u << 10));
    const Recorded left = all_of(store, "a/p0");
    CHECK(left.size() > 10 * 720);
    CHECK(left.size() < 70 * 720);
    const auto hours = store.query_steps("a/p0", noon, t, 3'600'000);
    REQUIRE(hours.has_value());
    CHECK(hours->count.size() == 80);  // from roll-ups, back to the first hour
    CHECK(hours->count[0] == 720);
    const auto fine = store.query_steps("a/p0", noon, noon + 3'600'000, 5000);
    REQUIRE(fine.has_value());
    CHECK(fine->count.size() == 60);
    CHECK(store.status().lost == 0);
}
