#pragma once
// The SQLite file of the history: chunks, timelines, roll-ups and what they belong to. Layout:
// docs/formats/history-db.md.
//
// Exactly one Database per file writes and checkpoints (SQLite before 3.51.3 can corrupt a WAL that two connections
// checkpoint); any number of DatabaseReaders read, each by one thread at a time; they are opened read-only and can not
// checkpoint. Memory mapping is off for the same reason.
//
// Errors: `corrupt` = the file is no good and must be set aside; `unavailable` = the disk is full; `refused` = anything
// else, among it I/O errors: close, open again, and only then go on.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "history/chunk.hpp"
#include "history/journal_codec.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace busbar::history {

struct DatabaseFile {
    std::string path;
    const char* vfs = nullptr;  // tests put their own file system here
};

struct GenerationInfo {
    GenerationId id = 0;
    std::int64_t first_ms = 0, last_ms = 0;
    std::uint64_t samples = 0;
    bool has_raw = true;
    bool has_minutes = true;
};

struct StoredSeries {
    SeriesInfo info;
    std::int64_t first_ms = 0, last_ms = 0;
};

enum class Table : std::uint8_t { timelines, chunks, minutes, quarters };
inline constexpr std::size_t table_count = 4;

class SqliteHandle {
public:
    SqliteHandle() = default;
    ~SqliteHandle() { close(); }
    SqliteHandle(const SqliteHandle&) = delete;
    SqliteHandle& operator=(const SqliteHandle&) = delete;

    Status open(const DatabaseFile& file, bool read_only);
    void close();
    sqlite3* get() const { return db_; }
    Status run(const char* sql);
    Result<sqlite3_stmt*> prepare(const char* sql);
    Error error(std::string_view doing) const;

private:
    sqlite3* db_ = nullptr;
    DatabaseFile file_;
    std::vector<sqlite3_stmt*> statements_;
};

class Database {
public:
    // Creates the file when absent. `corrupt` when it is no history database.
    static Result<std::unique_ptr<Database>> open(const DatabaseFile& file);

    // Generations up to this one are completely inside. 0 for a new file.
    GenerationId committed() const { return committed_; }
    Result<std::vector<StoredSeries>> series();
    Result<std::vector<GenerationInfo>> generations();

    // Writing happens between begin() and commit(); after any error call rollback(), or drop the Database.
    Status begin();
    Status commit();
    void rollback();
    Status clear_generation(GenerationId generation);  // what an interrupted move left
    Status put_series(const StoredSeries& series);
    Status put(Table table, GenerationId generation, std::uint32_t number, ByteView bytes);
    // The last word of a move: from the commit on, readers may believe the generation.
    Status finish_generation(const GenerationInfo& info);
    Status set_committed(GenerationId generation);
    enum class Drop : std::uint8_t { raw, minutes, all };
    Status drop(GenerationId generation, Drop what);

    Status checkpoint();
    struct Size {
        std::uint64_t used = 0;      // bytes of pages that hold something
        std::uint64_t reusable = 0;  // bytes of pages that were freed and will be written next
    };
    Result<Size> size();

private:
    Database() = default;
    Status create();
    Status prepare_all();
    Result<std::int64_t> number(const char* sql);

    void release_pages();

    SqliteHandle handle_;
    sqlite3_stmt* put_[table_count] = {};
    sqlite3_stmt* clear_[table_count] = {};
    sqlite3_stmt* put_series_ = nullptr;
    sqlite3_stmt* put_generation_ = nullptr;
    sqlite3_stmt* set_committed_ = nullptr;
    GenerationId committed_ = 0;
};

class DatabaseReader {
public:
    static Result<std::unique_ptr<DatabaseReader>> open(const DatabaseFile& file);
    // The blob, or nothing when the series has none there.
    Result<std::optional<Bytes>> blob(Table table, GenerationId generation, std::uint32_t number);

private:
    DatabaseReader() = default;
    SqliteHandle handle_;
    sqlite3_stmt* get_[table_count] = {};
};

}  // namespace busbar::history
