#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "history/store.hpp"

// The part of the store that works on the database: moving finished hours into it, keeping it within its bounds, and
// living without it while it is out of order.
namespace busbar::history {
namespace {

constexpr std::int64_t check_every_ms = 60'000;
constexpr std::int64_t regain_every_ms = 5'000;
constexpr std::int64_t seal_late_ms = 10'000;
// While there is more than this of the finer data, the finer goes before the coarser.
constexpr std::size_t keep_raw = 24;
constexpr std::size_t keep_minutes = 14 * 24;

}  // namespace

Status Store::open_database() {
    auto opened = Database::open(file_);
    if (!opened && opened.error().kind == Errc::corrupt) {
        set_database_aside(opened.error());
        opened = Database::open(file_);
    }
    if (!opened) return opened.error();
    database_ = std::move(*opened);
    auto loaded = load_catalog();
    if (!loaded && loaded.error().kind == Errc::corrupt) {
        database_.reset();
        set_database_aside(loaded.error());
        opened = Database::open(file_);
        if (!opened) return opened.error();
        database_ = std::move(*opened);
        loaded = load_catalog();
    }
    return loaded;
}

// The day in the new name tells which backup to compare with, the number keeps an earlier one from being overwritten.
void Store::set_database_aside(const Error& why) {
    std::string name;
    const auto today = fmt::gmtime(static_cast<std::time_t>(now_ms_ / 1000));
    const auto names = disk_->list();
    for (int n = 1; n < 1000; ++n) {
        name = fmt::format("set-aside-{:%Y-%m-%d}-{}-history.db", today, n);
        if (!names || std::find(names->begin(), names->end(), name) == names->end()) break;
    }
    (void)disk_->rename("history.db", name);
    (void)disk_->rename("history.db-wal", name + "-wal");
    (void)disk_->remove("history.db-shm");
    (void)disk_->sync_folder();
    set_problem(name, fmt::format("the history database was damaged and is set aside as {}; a new one was started ({})",
                                  name, why.text));
    const std::lock_guard guard(mutex_);
    infos_.clear();
    for (Series& series : catalog_) series.is_stored = false;
    readers_.clear();
    ++reader_epoch_;
}

Status Store::load_catalog() {
    BUSBAR_TRY(const auto series, database_->series());
    BUSBAR_TRY(auto infos, database_->generations());
    const std::lock_guard guard(mutex_);
    for (const StoredSeries& stored : series) {
        adopt(stored.info);
        Series& s = catalog_[stored.info.id];
        s.first_ms = stored.first_ms;
        s.last_ms = stored.last_ms;
        s.is_stored = true;
    }
    infos_ = std::move(infos);
    return ok();
}

void Store::bound_pending() {
    std::uint64_t samples = 0;
    for (const auto& g : pending_) samples += g->samples();
    while (samples > config_.max_pending_samples && pending_.size() > 1) {
        const auto& oldest = pending_.front();
        samples -= oldest->samples();
        status_.lost += oldest->samples();
        if (journal_) journal_->retire(oldest->id());
        pending_.pop_front();
        moving_.clear();
        moved_ = 0;
    }
}

bool Store::housekeep(std::int64_t now_ms) {
    now_ms_ = now_ms;
    if (in_flight_ == 0 && !open_->empty() && now_ms >= open_->window(0).to_ms + seal_late_ms) seal();
    if (database_ == nullptr) regain_database(now_ms);
    if (database_ == nullptr) return false;
    if (now_ms - last_check_ms_ >= check_every_ms || now_ms < last_check_ms_) keep_within_bounds(now_ms);
    return move_slice();
}

void Store::regain_database(std::int64_t now_ms) {
    if (now_ms - last_regain_ms_ < regain_every_ms && now_ms >= last_regain_ms_) return;
    last_regain_ms_ = now_ms;
    if (auto opened = open_database(); !opened) {
        set_problem("database", opened.error().text);
        database_.reset();
        return;
    }
    // The commit that failed may have been one after all.
    const GenerationId committed = database_->committed();
    {
        const std::lock_guard guard(mutex_);
        while (!pending_.empty() && pending_.front()->id() <= committed) pending_.pop_front();
    }
    journal_->retire(committed);
    set_problem("database", "");
}

void Store::database_failed(const Error& why) {
    database_.reset();
    moving_.clear();
    moved_ = 0;
    set_problem("database", why.text);
    if (why.kind == Errc::corrupt) set_database_aside(why);
    if (why.kind == Errc::unavailable) {
        release_ballast();
        if (auto opened = open_database(); opened) (void)drop_oldest();
    }
}

bool Store::move_slice() {
    std::shared_ptr<const Generation> generation;
    {
        const std::lock_guard guard(mutex_);
        if (pending_.empty()) return false;
        generation = pending_.front();
    }
    BUSBAR_ASSERT(generation->id() > database_->committed());
    if (auto written = write_slice(*generation); !written) {
        database_failed(written.error());
        return false;
    }
    if (moved_ == moving_.size()) move_finished();
    return true;
}

Status Store::write_slice(const Generation& generation) {
    if (auto s = database_->begin(); !s) return s;
    if (moved_ == 0) {
        moving_ = generation.series();
        decoding_ = {};
        move_bytes_ = 0;
        if (auto s = database_->clear_generation(generation.id()); !s) return s;
        for (std::uint32_t n = 0; n < generation.timelines(); ++n) {
            const Bytes bytes = generation.timeline_bytes(n);
            move_bytes_ += bytes.size();
            if (auto s = database_->put(Table::timelines, generation.id(), n, bytes); !s) return s;
        }
    }
    const std::size_t end = std::min(moving_.size(), moved_ + config_.series_per_slice);
    for (; moved_ < end; ++moved_)
        if (auto s = write_series(generation, moving_[moved_]); !s) return s;
    if (moved_ == moving_.size()) {
        const GenerationInfo info{
            generation.id(), generation.first_ms(), generation.last_ms(), generation.samples(), true, true};
        if (auto s = database_->finish_generation(info); !s) return s;
        if (auto s = database_->set_committed(generation.id()); !s) return s;
    }
    return database_->commit();
}

Status Store::write_series(const Generation& generation, SeriesId id) {
    StoredSeries stored;
    {
        const auto span = generation.span_of(id);
        const std::lock_guard guard(mutex_);
        Series& series = catalog_[id];
        series.first_ms = series.is_stored ? std::min(series.first_ms, span->first_ms) : span->first_ms;
        series.last_ms = series.is_stored ? std::max(series.last_ms, span->last_ms) : span->last_ms;
        series.is_stored = true;
        stored = {series.info, series.first_ms, series.last_ms};
    }
    const auto chunk = generation.chunk_bytes(id, stored.info.resolution);
    BUSBAR_ASSERT(chunk.has_value());
    generation.decode_next(id, decoding_);
    const auto minutes = roll_up(decoding_.times_ms, decoding_.chunk, minute_ms);
    const Bytes minute_page = encode_rollup(generation.id(), id, minute_ms, minutes);
    const Bytes quarter_page = encode_rollup(generation.id(), id, quarter_ms, widen(minutes, quarter_ms / minute_ms));
    move_bytes_ += chunk->size() + minute_page.size() + quarter_page.size() + 64;
    if (auto s = database_->put_series(stored); !s) return s;
    if (auto s = database_->put(Table::chunks, generation.id(), id, *chunk); !s) return s;
    if (auto s = database_->put(Table::minutes, generation.id(), id, minute_page); !s) return s;
    return database_->put(Table::quarters, generation.id(), id, quarter_page);
}

void Store::move_finished() {
    GenerationId done = 0;
    {
        const std::lock_guard guard(mutex_);
        const Generation& g = *pending_.front();
        done = g.id();
        infos_.push_back({g.id(), g.first_ms(), g.last_ms(), g.samples(), true, true});
        pending_.pop_front();
    }
    moving_.clear();
    moved_ = 0;
    decoding_ = {};
    last_move_bytes_ = move_bytes_;
    journal_->retire(done);
    if (auto s = database_->checkpoint(); !s) {
        database_failed(s.error());
        return;
    }
    if (const auto size = database_->size(); size) database_bytes_ = size->used + size->reusable;
}

// Room for the next hour must be there before it is needed: pages already freed inside the file, or space on the disk.
void Store::keep_within_bounds(std::int64_t now_ms) {
    last_check_ms_ = now_ms;
    renew_ballast();
    for (int drops = 0; drops < 4; ++drops) {
        const auto size = database_->size();
        const auto free = disk_->free_bytes();
        if (!size || !free) return;
        database_bytes_ = size->used + size->reusable;
        const std::uint64_t need = 2 * last_move_bytes_ + (1u << 20);
        const std::uint64_t allowed = config_.max_bytes > size->used ? config_.max_bytes - size->used : 0;
        const std::uint64_t spare = *free > config_.min_free_bytes ? *free - config_.min_free_bytes : 0;
        if (allowed >= need && size->reusable + spare >= need) {
            set_problem("space", "");
            return;
        }
        if (spare < need && allowed >= need)
            set_problem("space",
                        fmt::format("disk almost full ({} MiB free); the oldest samples are dropped", *free >> 20));
        if (auto dropped = drop_oldest(); !dropped) {
            if (dropped.error().kind != Errc::out_of_range) database_failed(dropped.error());
            return;
        }
    }
    last_check_ms_ = now_ms - check_every_ms;  // more next time
}

// `out_of_range` when nothing may be dropped.
Status Store::drop_oldest() {
    GenerationId victim = 0;
    auto what = Database::Drop::raw;
    {
        const std::lock_guard guard(mutex_);
        const auto raw = [](const GenerationInfo& g) { return g.has_raw; };
        const auto minutes = [](const GenerationInfo& g) { return g.has_minutes; };
        const auto raws = static_cast<std::size_t>(std::count_if(infos_.begin(), infos_.end(), raw));
        const auto pages = static_cast<std::size_t>(std::count_if(infos_.begin(), infos_.end(), minutes));
        if (infos_.size() < 2) return fail(Errc::out_of_range, "history: nothing left to drop");
        auto at = infos_.begin();
        if (raws > keep_raw || (raws > 1 && pages <= keep_raw)) {
            at = std::find_if(infos_.begin(), infos_.end(), raw);
            at->has_raw = false;
        } else if (pages > keep_minutes || pages > raws) {
            what = Database::Drop::minutes;
            at = std::find_if(infos_.begin(), infos_.end(), minutes);
            at->has_minutes = false;
        } else {
            what = Database::Drop::all;
        }
        victim = at->id;
        if (what == Database::Drop::all) infos_.erase(at);
    }
    if (auto s = database_->begin(); !s) return s;
    if (auto s = database_->drop(victim, what); !s) return s;
    if (auto s = database_->commit(); !s) return s;
    return database_->checkpoint();
}

void Store::release_ballast() {
    journal_->drop_spare();
    if (!has_ballast_ || !disk_->remove("ballast")) return;
    has_ballast_ = false;
    last_check_ms_ = 0;  // look at the space at once
    set_problem("ballast", "disk full: the reserve was released; free some space, or lower the size of the history");
}

void Store::renew_ballast() {
    if (has_ballast_ || config_.ballast_bytes == 0) return;
    const auto free = disk_->free_bytes();
    if (!free) return;
    // One from the last start is taken over, however full the disk is now.
    const bool has_room = *free >= config_.min_free_bytes + 2 * config_.ballast_bytes;
    auto file = disk_->open("ballast", has_room);
    if (!file) return;
    const auto size = (*file)->size();
    if (!size || (*size < config_.ballast_bytes && !has_room)) return;
    const Bytes piece(256u << 10, 0xBA);
    for (std::uint64_t at = *size; at < config_.ballast_bytes; at += piece.size())
        if (!(*file)->write_at(at, piece)) return;
    has_ballast_ = true;
    set_problem("ballast", "");
}

}  // namespace busbar::history
