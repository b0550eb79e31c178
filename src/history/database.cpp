#include "history/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>

#include "base/assert.hpp"
#include "base/disk_space.hpp"

namespace busbar::history {
namespace {

constexpr int application_id = 0x42424831;  // "BBH1"
constexpr int schema_version = 1;
constexpr std::array<const char*, table_count> table_names = {"timelines", "chunks", "minutes", "quarters"};

// Blobs are keyed generation * 2^20 + number: rows are only ever added at the end, so the tree's last page is the only
// one written twice, and a lookup needs no second index.
static_assert(max_series == 1u << 20);
std::int64_t key_of(GenerationId generation, std::uint32_t number) {
    return static_cast<std::int64_t>(generation << 20 | number);
}
constexpr GenerationId max_generation = GenerationId{1} << 42;

// Runs a statement that yields no rows and makes it ready for the next time.
bool step_done(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE;
}

void bind_text(sqlite3_stmt* statement, int at, const std::string& text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

std::string column_text(sqlite3_stmt* statement, int at) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, at));
    return text == nullptr ? std::string()
                           : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, at)));
}

}  // namespace

Status SqliteHandle::open(const DatabaseFile& file, bool read_only) {
    file_ = file;
    const int flags =
        (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(file.path.c_str(), &db_, flags, file.vfs) != SQLITE_OK) return error("open " + file.path);
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_busy_timeout(db_, 2000);
    return ok();
}

void SqliteHandle::close() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    statements_.clear();
    sqlite3_close_v2(db_);
    db_ = nullptr;
}

Status SqliteHandle::run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error(sql);
    return ok();
}

Result<sqlite3_stmt*> SqliteHandle::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        return error(sql);
    statements_.push_back(statement);
    return statement;
}

Error SqliteHandle::error(std::string_view doing) const {
    const int code = db_ == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(db_);
    const int plain = code & 0xFF;
    const Errc kind = plain == SQLITE_FULL                                ? Errc::unavailable
                      : plain == SQLITE_CORRUPT || plain == SQLITE_NOTADB ? Errc::corrupt
                                                                          : Errc::refused;
    const bool is_of_disk = plain == SQLITE_FULL || plain == SQLITE_IOERR || plain == SQLITE_CANTOPEN ||
                            plain == SQLITE_READONLY || plain == SQLITE_PERM;
    const std::string folder = std::filesystem::path(file_.path).parent_path();
    if (is_of_disk && file_.vfs == nullptr && is_disk_full(folder)) return fail(kind, disk_full(folder).text);
    const char* message = db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_);
    const std::string place = is_of_disk ? " " + file_.path : "";
    const char* const remedy = is_of_disk ? "; let this user write to that folder, and check the disk's health" : "";
    return fail(kind,
                fmt::format("history database{}: {}: {} ({}){}", place, doing.substr(0, 120), message, code, remedy));
}

Result<std::unique_ptr<Database>> Database::open(const DatabaseFile& file) {
    std::unique_ptr<Database> db(new Database());
    if (auto s = db->handle_.open(file, false); !s) return s.error();
    if (auto s = db->create(); !s) return s.error();
    if (auto s = db->prepare_all(); !s) return s.error();
    BUSBAR_TRY(const std::int64_t committed, db->number("SELECT value FROM meta WHERE name = 'committed'"));
    if (committed < 0 || static_cast<GenerationId>(committed) >= max_generation)
        return fail(Errc::corrupt, "history database: impossible generation");
    db->committed_ = static_cast<GenerationId>(committed);
    db->release_pages();
    return db;
}

Status Database::create() {
    // Page size only takes effect in a new file. 32 KiB holds some twenty chunks, so little of a page stays unused.
    for (const char* sql : {"PRAGMA page_size = 32768", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                            "PRAGMA wal_autocheckpoint = 0", "PRAGMA mmap_size = 0", "PRAGMA cache_size = -1024",
                            "PRAGMA journal_size_limit = 16777216", "PRAGMA temp_store = MEMORY"})
        if (auto s = handle_.run(sql); !s) return s;
    auto id = number("PRAGMA application_id");
    if (!id) return id.error();
    auto tables = number("SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    if (*tables == 0) {
        const std::string sql = fmt::format(R"(
BEGIN IMMEDIATE;
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('committed', 0);
CREATE TABLE series(id INTEGER PRIMARY KEY, key TEXT NOT NULL, unit TEXT NOT NULL, mantissa INTEGER NOT NULL,
                    exponent INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL);
CREATE TABLE generations(id INTEGER PRIMARY KEY, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
                         samples INTEGER NOT NULL, has_raw INTEGER NOT NULL, has_minutes INTEGER NOT NULL);
CREATE TABLE timelines(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE chunks(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE minutes(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE quarters(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
PRAGMA application_id = {};
PRAGMA user_version = {};
COMMIT;)",
                                            application_id, schema_version);
        return handle_.run(sql.c_str());
    }
    if (*id != application_id) return fail(Errc::corrupt, "history database: the file is something else");
    auto version = number("PRAGMA user_version");
    if (!version) return version.error();
    if (*version != schema_version)
        return fail(Errc::unsupported,
                    fmt::format("history database: version {} is not known to this Busbar", *version));
    return ok();
}

Status Database::prepare_all() {
    const auto prepare = [this](sqlite3_stmt*& into, const std::string& sql) -> Status {
        auto statement = handle_.prepare(sql.c_str());
        if (!statement) return statement.error();
        into = *statement;
        return ok();
    };
    for (std::size_t t = 0; t < table_count; ++t) {
        if (auto s = prepare(put_[t], fmt::format("INSERT OR REPLACE INTO {} VALUES(?, ?)", table_names[t])); !s)
            return s;
        if (auto s = prepare(clear_[t], fmt::format("DELETE FROM {} WHERE id >= ? AND id < ?", table_names[t])); !s)
            return s;
    }
    if (auto s = prepare(put_series_, "INSERT OR REPLACE INTO series VALUES(?, ?, ?, ?, ?, ?, ?)"); !s) return s;
    if (auto s = prepare(put_generation_, "INSERT OR REPLACE INTO generations VALUES(?, ?, ?, ?, ?, ?)"); !s) return s;
    return prepare(set_committed_, "UPDATE meta SET value = ? WHERE name = 'committed'");
}

Result<std::int64_t> Database::number(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) return handle_.error(sql);
    const bool row = sqlite3_step(statement) == SQLITE_ROW;
    const std::int64_t value = row ? sqlite3_column_int64(statement, 0) : 0;
    if (sqlite3_finalize(statement) != SQLITE_OK) return handle_.error(sql);
    if (!row) return fail(Errc::corrupt, fmt::format("history database: no answer to {}", sql));
    return value;
}

Result<std::vector<StoredSeries>> Database::series() {
    BUSBAR_TRY(sqlite3_stmt* const s,
               handle_.prepare("SELECT id, key, unit, mantissa, exponent, first_ms, last_ms FROM series"));
    std::vector<StoredSeries> out;
    int code = SQLITE_OK;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        const std::int64_t id = sqlite3_column_int64(s, 0);
        StoredSeries one{{static_cast<SeriesId>(id),
                          column_text(s, 1),
                          column_text(s, 2),
                          {static_cast<std::uint32_t>(sqlite3_column_int64(s, 3)),
                           static_cast<std::int8_t>(sqlite3_column_int(s, 4))}},
                         sqlite3_column_int64(s, 5),
                         sqlite3_column_int64(s, 6)};
        if (id < 0 || id >= max_series || !one.info.resolution.valid() || one.info.key.empty())
            return fail(Errc::corrupt, "history database: impossible series");
        out.push_back(std::move(one));
    }
    if (code != SQLITE_DONE) return handle_.error("read series");
    sqlite3_reset(s);
    return out;
}

Result<std::vector<GenerationInfo>> Database::generations() {
    BUSBAR_TRY(sqlite3_stmt* const s,
               handle_.prepare("SELECT id, first_ms, last_ms, samples, has_raw, has_minutes FROM generations "
                               "ORDER BY id"));
    std::vector<GenerationInfo> out;
    int code = SQLITE_OK;
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
        out.push_back({static_cast<GenerationId>(sqlite3_column_int64(s, 0)), sqlite3_column_int64(s, 1),
                       sqlite3_column_int64(s, 2), static_cast<std::uint64_t>(sqlite3_column_int64(s, 3)),
                       sqlite3_column_int(s, 4) != 0, sqlite3_column_int(s, 5) != 0});
    if (code != SQLITE_DONE) return handle_.error("read generations");
    sqlite3_reset(s);
    return out;
}

Status Database::begin() { return handle_.run("BEGIN IMMEDIATE"); }
Status Database::commit() { return handle_.run("COMMIT"); }
void Database::rollback() {
    if (sqlite3_get_autocommit(handle_.get()) == 0) (void)handle_.run("ROLLBACK");
}

Status Database::clear_generation(GenerationId generation) {
    BUSBAR_ASSERT(generation < max_generation);
    for (sqlite3_stmt* clear : clear_) {
        sqlite3_bind_int64(clear, 1, key_of(generation, 0));
        sqlite3_bind_int64(clear, 2, key_of(generation + 1, 0));
        if (!step_done(clear)) return handle_.error("clear generation");
    }
    return ok();
}

Status Database::put_series(const StoredSeries& series) {
    sqlite3_bind_int64(put_series_, 1, series.info.id);
    bind_text(put_series_, 2, series.info.key);
    bind_text(put_series_, 3, series.info.unit);
    sqlite3_bind_int64(put_series_, 4, series.info.resolution.mantissa);
    sqlite3_bind_int64(put_series_, 5, series.info.resolution.exponent);
    sqlite3_bind_int64(put_series_, 6, series.first_ms);
    sqlite3_bind_int64(put_series_, 7, series.last_ms);
    if (!step_done(put_series_)) return handle_.error("write series");
    return ok();
}

Status Database::put(Table table, GenerationId generation, std::uint32_t number, ByteView bytes) {
    sqlite3_stmt* const put = put_[static_cast<std::size_t>(table)];
    sqlite3_bind_int64(put, 1, key_of(generation, number));
    sqlite3_bind_blob(put, 2, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    if (!step_done(put)) return handle_.error(fmt::format("write {}", table_names[static_cast<std::size_t>(table)]));
    return ok();
}

Status Database::finish_generation(const GenerationInfo& info) {
    sqlite3_bind_int64(put_generation_, 1, static_cast<std::int64_t>(info.id));
    sqlite3_bind_int64(put_generation_, 2, info.first_ms);
    sqlite3_bind_int64(put_generation_, 3, info.last_ms);
    sqlite3_bind_int64(put_generation_, 4, static_cast<std::int64_t>(info.samples));
    sqlite3_bind_int(put_generation_, 5, info.has_raw);
    sqlite3_bind_int(put_generation_, 6, info.has_minutes);
    if (!step_done(put_generation_)) return handle_.error("write generation");
    return ok();
}

Status Database::set_committed(GenerationId generation) {
    sqlite3_bind_int64(set_committed_, 1, static_cast<std::int64_t>(generation));
    if (!step_done(set_committed_)) return handle_.error("write meta");
    committed_ = generation;
    return ok();
}

Status Database::drop(GenerationId generation, Drop what) {
    if (what == Drop::all) {
        if (auto s = clear_generation(generation); !s) return s;
        return handle_.run(fmt::format("DELETE FROM generations WHERE id = {}", generation).c_str());
    }
    for (const Table table : {Table::timelines, Table::chunks, Table::minutes}) {
        if ((table == Table::minutes) != (what == Drop::minutes)) continue;
        sqlite3_stmt* const clear = clear_[static_cast<std::size_t>(table)];
        sqlite3_bind_int64(clear, 1, key_of(generation, 0));
        sqlite3_bind_int64(clear, 2, key_of(generation + 1, 0));
        if (!step_done(clear)) return handle_.error("drop");
    }
    const char* const flag = what == Drop::raw ? "has_raw" : "has_minutes";
    return handle_.run(fmt::format("UPDATE generations SET {} = 0 WHERE id = {}", flag, generation).c_str());
}

// It works for some seconds of an hour; its pages would lie there all the time.
void Database::release_pages() { sqlite3_db_release_memory(handle_.get()); }

Status Database::checkpoint() {
    if (sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr) != SQLITE_OK)
        return handle_.error("checkpoint");
    release_pages();
    return ok();
}

Result<Database::Size> Database::size() {
    BUSBAR_TRY(const std::int64_t pages, number("PRAGMA page_count"));
    BUSBAR_TRY(const std::int64_t free, number("PRAGMA freelist_count"));
    BUSBAR_TRY(const std::int64_t page, number("PRAGMA page_size"));
    return Size{static_cast<std::uint64_t>((pages - free) * page), static_cast<std::uint64_t>(free * page)};
}

Result<std::unique_ptr<DatabaseReader>> DatabaseReader::open(const DatabaseFile& file) {
    std::unique_ptr<DatabaseReader> reader(new DatabaseReader());
    if (auto s = reader->handle_.open(file, true); !s) return s.error();
    for (const char* sql : {"PRAGMA query_only = 1", "PRAGMA mmap_size = 0", "PRAGMA cache_size = -512"})
        if (auto s = reader->handle_.run(sql); !s) return s.error();
    for (std::size_t t = 0; t < table_count; ++t) {
        BUSBAR_TRY(reader->get_[t],
                   reader->handle_.prepare(fmt::format("SELECT data FROM {} WHERE id = ?", table_names[t]).c_str()));
    }
    return reader;
}

Result<std::optional<Bytes>> DatabaseReader::blob(Table table, GenerationId generation, std::uint32_t number) {
    sqlite3_stmt* const get = get_[static_cast<std::size_t>(table)];
    sqlite3_bind_int64(get, 1, key_of(generation, number));
    const int code = sqlite3_step(get);
    std::optional<Bytes> out;
    if (code == SQLITE_ROW) {
        const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(get, 0));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(get, 0));
        out.emplace(data, data + (data == nullptr ? 0 : size));
    }
    const bool good = code == SQLITE_ROW || code == SQLITE_DONE;
    Error problem = good ? Error{} : handle_.error("read");
    sqlite3_reset(get);
    if (!good) return problem;
    return out;
}

}  // namespace busbar::history
