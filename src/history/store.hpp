#pragma once
// The history without its thread: everything happens inside the calls, and time comes in as an argument, so tests own
// it. engine.hpp is what the program uses.
//
// One thread calls commit() and housekeep(); any thread may call the rest meanwhile. commit() blocks for one journal
// sync, housekeep() for one slice of moving a finished hour into the database; neither blocks readers while it waits
// for the disk.
//
// Samples go journal -> memory -> (hour over) database. They are visible once durable.
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "history/database.hpp"
#include "history/folder_lock.hpp"
#include "history/generation.hpp"
#include "history/journal.hpp"
#include "history/query.hpp"
#include "history/rollup.hpp"

namespace busbar::history {

struct StoreConfig {
    std::string folder;                              // exists; belongs to this process alone
    std::uint64_t max_bytes = 4ull << 30;            // of the database; oldest raw data goes first
    std::uint64_t min_free_bytes = 64ull << 20;      // left to others on the disk
    std::uint64_t ballast_bytes = 16ull << 20;       // held back, released when the disk is full
    std::uint64_t max_pending_samples = 50'000'000;  // in memory while the database is out of order
    std::size_t max_backlog = 500'000;               // samples waiting for a journal that does not write
    std::size_t series_per_slice = 480;              // a slice delays a commit by its length and rewrites a few pages
    std::int64_t opened_ms = 0;                      // wall time of opening: the day in the name of what is set aside
    // Tests put their own disk under the store; both or none.
    Disk* disk = nullptr;
    const char* vfs = nullptr;
};

class Store {
public:
    // `unavailable` when another process has the folder or the disk gives nothing; try again later. A corrupt database
    // is set aside and reported in status(), not an error.
    static Result<std::unique_ptr<Store>> open(StoreConfig config);
    ~Store();

    // The id to append with. The same key with another unit or resolution is another series; readers see both under the
    // key as long as the unit is the same. Never waits for the disk.
    Result<SeriesId> series(std::string_view key, std::string_view unit, double resolution);

    // Makes the samples durable and visible. After an error they are kept and tried first by the next commit.
    Status commit(std::span<const Sample> samples, std::int64_t now_ms);
    // One slice of background work; true when more is to be done soon.
    bool housekeep(std::int64_t now_ms);

    // [from, to) in at most `buckets` steps. Steps of a minute and more come from roll-ups: the step is then rounded up
    // to whole minutes or quarter hours, the range widened to whole steps, and the answer is exact for what it covers.
    // Where raw data has been dropped, finer steps get what the roll-ups know.
    Result<Buckets> query(std::string_view key, std::int64_t from_ms, std::int64_t to_ms, std::size_t buckets);
    // As above with steps of exactly `step_ms`, counted from `from_ms`. Steps that no roll-up fits are computed from
    // raw data; `out_of_range` when that makes more than max_buckets.
    Result<Buckets> query_steps(std::string_view key, std::int64_t from_ms, std::int64_t to_ms, std::int64_t step_ms);
    // Each sample of [from, to) in order of recording, in batches; stops when the sink returns false. Times fall only
    // where the wall clock was set back.
    Status raw(std::string_view key, std::int64_t from_ms, std::int64_t to_ms,
               const std::function<bool(std::span<const Point>)>& sink);
    // The last value at or before the instant, not older than `max_age_ms`; nothing when there is none.
    Result<std::optional<Point>> at(std::string_view key, std::int64_t time_ms, std::int64_t max_age_ms);

    std::vector<SeriesListing> listing();
    HistoryStatus status();

private:
    struct Series {
        SeriesInfo info;                         // key empty: the id is not in use
        bool is_stored = false;                  // has samples in the database
        std::int64_t first_ms = 0, last_ms = 0;  // of those
    };
    // What a query works on: taken at one moment, so that nothing is seen twice or not at all while hours move to disk.
    struct View;
    class ReaderLease;
    class Slots;

    explicit Store(StoreConfig config) : config_(std::move(config)) {}
    Status start();
    Status open_database();
    void set_database_aside(const Error& why);
    Status load_catalog();
    void replayed(GenerationId generation, const JournalState::Decoded& decoded);
    void adopt(const SeriesInfo& info);

    Status commit_piece(std::int64_t now_ms);
    std::size_t next_piece() const;
    void take_in(std::span<const Sample> samples);
    void define(std::span<const Sample> samples);
    void apply(std::span<const Sample> samples);
    void seal();
    void bound_pending();
    void drop_backlog_excess();

    bool move_slice();
    Status write_slice(const Generation& generation);
    Status write_series(const Generation& generation, SeriesId id);
    void move_finished();
    void database_failed(const Error& why);
    void regain_database(std::int64_t now_ms);
    void keep_within_bounds(std::int64_t now_ms);
    Status drop_oldest();
    void release_ballast();
    void renew_ballast();
    void set_problem(const std::string& what, std::string text);  // empty text: over

    Result<View> view(std::string_view key, std::int64_t from_ms, std::int64_t to_ms);
    struct Rolled {
        std::vector<Bucket> buckets;
        std::int64_t width_ms = minute_ms;
    };
    Result<Rolled> load_rollup(View& view, const GenerationInfo& info, SeriesId series, Table table);
    Result<std::optional<DecodedChunk>> load_chunk(View& view, const GenerationInfo& info, SeriesId series);
    Result<Buckets> answer(std::string_view key, std::int64_t from_ms, std::int64_t step_ms, std::size_t steps);
    // Damaged data is reported, counted and left out; anything else ends the query.
    bool left_out(const Error& error);

    StoreConfig config_;
    FolderLock lock_;
    std::unique_ptr<Disk> own_disk_;
    Disk* disk_ = nullptr;
    DatabaseFile file_;

    // Of the committing thread.
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<Database> database_;
    std::vector<Sample> backlog_;
    std::size_t in_flight_ = 0;  // samples of a record that may or may not be on disk; tried again unchanged
    std::vector<SeriesInfo> in_flight_definitions_;
    std::vector<bool> defined_;     // by series: its meaning is in the journal of the open generation
    std::vector<SeriesId> moving_;  // series of the generation on its way
    std::size_t moved_ = 0;
    DecodedChunk decoding_;
    std::uint64_t database_bytes_ = 0;
    std::uint64_t move_bytes_ = 0;  // of the move under way, then of the last one: what the next will need
    std::uint64_t last_move_bytes_ = 0;
    std::int64_t now_ms_ = 0;
    std::int64_t last_check_ms_ = 0;
    std::int64_t last_regain_ms_ = 0;
    bool has_ballast_ = false;
    std::set<SeriesId> strangers_;  // of the journal found at start: numbers the database uses otherwise

    std::mutex mutex_;  // guards what follows; never held while the disk works
    std::vector<Series> catalog_;
    std::map<std::string, std::vector<SeriesId>, std::less<>> by_key_;
    std::shared_ptr<Generation> open_;
    std::deque<std::shared_ptr<const Generation>> pending_;
    std::vector<GenerationInfo> infos_;
    HistoryStatus status_;
    std::map<std::string, std::string> problems_;
    std::vector<std::unique_ptr<DatabaseReader>> readers_;
    std::uint64_t reader_epoch_ = 0;  // readers of a database that was set aside are not taken back
};

}  // namespace busbar::history
