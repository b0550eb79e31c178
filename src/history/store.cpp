#include "history/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/assert.hpp"

namespace busbar::history {
namespace {

bool is_plain_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

}  // namespace

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreConfig config) {
    std::unique_ptr<Store> store(new Store(std::move(config)));
    if (auto started = store->start(); !started) return started.error();
    return store;
}

Status Store::start() {
    if (config_.disk == nullptr) {
        BUSBAR_TRY(lock_, FolderLock::take(config_.folder));
        own_disk_ = posix_disk(config_.folder);
        disk_ = own_disk_.get();
        file_ = {config_.folder + "/history.db", nullptr};
    } else {
        disk_ = config_.disk;
        file_ = {"history.db", config_.vfs};
    }
    now_ms_ = config_.opened_ms;
    auto opened = open_database();
    const auto free = disk_->free_bytes();
    if (!opened && free && *free < (1u << 20) && disk_->remove("ballast")) opened = open_database();
    if (!opened) return opened;
    journal_ = std::make_unique<Journal>(*disk_);
    const GenerationId committed = database_->committed();
    open_ = std::make_shared<Generation>(committed + 1);
    const auto sink = [this](GenerationId g, const JournalState::Decoded& d) { replayed(g, d); };
    auto replay = journal_->replay(committed, sink);
    if (!replay) return because("history journal", replay.error());
    status_.corrupt_places += replay->corrupt_places;
    if (replay->corrupt_places > 0)
        set_problem("journal",
                    fmt::format("{} damaged places in the journal; up to two minutes of samples is missing at each",
                                replay->corrupt_places));
    for (const std::string& file : replay->unreadable) set_problem(file, "journal file can not be read: " + file);
    // A generation whose files held nothing usable must not get its number again: its file may still be there.
    if (replay->newest > open_->id()) {
        seal();
        open_ = std::make_shared<Generation>(replay->newest);
    }
    renew_ballast();
    return ok();
}

void Store::adopt(const SeriesInfo& info) {
    if (catalog_.size() <= info.id) catalog_.resize(info.id + 1);
    if (!catalog_[info.id].info.key.empty()) return;
    catalog_[info.id].info = info;
    by_key_[info.key].push_back(info.id);
}

void Store::replayed(GenerationId generation, const JournalState::Decoded& decoded) {
    if (generation != open_->id()) {
        seal();
        open_ = std::make_shared<Generation>(generation);
    }
    for (const SeriesInfo& info : decoded.defined) {
        adopt(info);
        // A database from a backup may give the number another meaning; then the samples are nobody's.
        if (catalog_[info.id].info != info) strangers_.insert(info.id);
    }
    std::vector<Sample> known;
    for (const Sample& s : decoded.samples)
        if (s.series < catalog_.size() && !catalog_[s.series].info.key.empty() && strangers_.count(s.series) == 0 &&
            is_instant(s.time_ms))
            known.push_back(s);
    if (known.size() < decoded.samples.size()) {
        status_.lost += decoded.samples.size() - known.size();
        set_problem("strangers",
                    "the journal and the database disagree on some series; their newest samples were left out");
    }
    apply(known);
}

Result<SeriesId> Store::series(std::string_view key, std::string_view unit, double resolution) {
    BUSBAR_TRY(const Resolution step, Resolution::from(resolution));
    if (key.empty() || key.size() > max_key_bytes || !is_plain_text(key))
        return fail(Errc::out_of_range,
                    fmt::format("history series name of {} bytes; 1 to {} printable ones are allowed", key.size(),
                                max_key_bytes));
    if (unit.size() > max_unit_bytes || !is_plain_text(unit))
        return fail(Errc::out_of_range, fmt::format("history series {}: unit too long", key));
    const std::lock_guard guard(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end())
        for (SeriesId id : found->second)
            if (catalog_[id].info.unit == unit && catalog_[id].info.resolution == step) return id;
    if (catalog_.size() >= max_series)
        return fail(Errc::unavailable, "history: no more series fit; remove devices that are gone");
    const auto id = static_cast<SeriesId>(catalog_.size());
    adopt({id, std::string(key), std::string(unit), step});
    return id;
}

// Samples of the backlog that go into one record: rows the open generation covers.
std::size_t Store::next_piece() const {
    const Generation::Window window = open_->window(backlog_[0].time_ms);
    std::size_t n = 0;
    while (n < backlog_.size() && n < max_record_samples && window.has(backlog_[n].time_ms)) ++n;
    return n;
}

void Store::take_in(std::span<const Sample> samples) {
    const std::lock_guard guard(mutex_);
    const auto is_good = [this](const Sample& s) { return s.series < catalog_.size() && is_instant(s.time_ms); };
    const std::size_t begin = backlog_.size();
    if (std::all_of(samples.begin(), samples.end(), is_good))
        backlog_.insert(backlog_.end(), samples.begin(), samples.end());
    else
        std::copy_if(samples.begin(), samples.end(), std::back_inserter(backlog_), is_good);
    status_.lost += samples.size() - (backlog_.size() - begin);
    if (backlog_.size() > begin) backlog_[begin].starts_row = true;
}

Status Store::commit(std::span<const Sample> samples, std::int64_t now_ms) {
    take_in(samples);
    drop_backlog_excess();
    Status done = ok();
    while (done && !backlog_.empty()) done = commit_piece(now_ms);
    const std::lock_guard guard(mutex_);
    status_.waiting = backlog_.size();
    return done;
}

// Each hour's journal says what its series are, so that it can be read without the database.
void Store::define(std::span<const Sample> samples) {
    const std::lock_guard guard(mutex_);
    in_flight_definitions_.clear();
    defined_.resize(catalog_.size());
    for (const Sample& s : samples) {
        if (defined_[s.series]) continue;
        defined_[s.series] = true;
        in_flight_definitions_.push_back(catalog_[s.series].info);
    }
}

Status Store::commit_piece(std::int64_t now_ms) {
    if (in_flight_ == 0) {
        in_flight_ = next_piece();
        if (in_flight_ == 0) {
            seal();
            in_flight_ = next_piece();
            BUSBAR_ASSERT(in_flight_ > 0);
        }
        define(std::span(backlog_).first(in_flight_));
    }
    const auto piece = std::span(backlog_).first(in_flight_);
    const auto append = [&] { return journal_->append(open_->id(), in_flight_definitions_, piece); };
    Status written = append();
    if (!written && written.error().kind == Errc::unavailable) {
        release_ballast();
        written = append();
    }
    if (!written) {
        set_problem("commit", written.error().text + "; samples wait in memory");
        return written;
    }
    set_problem("commit", "");
    {
        const std::lock_guard guard(mutex_);
        apply(piece);
        status_.last_commit_ms = now_ms;
        status_.bytes = database_bytes_ + journal_->bytes();
    }
    backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(in_flight_));
    in_flight_ = 0;
    return ok();
}

void Store::apply(std::span<const Sample> samples) {
    const std::uint64_t before = open_->duplicates();
    while (!samples.empty()) {
        const std::size_t n = row_length(samples, samples.size());
        open_->add_row(samples.first(n));
        samples = samples.subspan(n);
    }
    status_.duplicates += open_->duplicates() - before;
}

void Store::seal() {
    const std::lock_guard guard(mutex_);
    if (open_->empty()) {
        open_ = std::make_shared<Generation>(open_->id());
    } else {
        open_->settle();
        pending_.push_back(open_);
        open_ = std::make_shared<Generation>(open_->id() + 1);
    }
    defined_.clear();
    bound_pending();
}

void Store::drop_backlog_excess() {
    if (backlog_.size() <= config_.max_backlog) return;
    // What is on its way to the journal stays, it may already be there; the oldest behind it go.
    const std::size_t excess = std::min(backlog_.size() - config_.max_backlog, backlog_.size() - in_flight_);
    const auto from = backlog_.begin() + static_cast<std::ptrdiff_t>(in_flight_);
    backlog_.erase(from, from + static_cast<std::ptrdiff_t>(excess));
    const std::lock_guard guard(mutex_);
    status_.lost += excess;
}

void Store::set_problem(const std::string& what, std::string text) {
    const std::lock_guard guard(mutex_);
    if (text.empty())
        problems_.erase(what);
    else if (problems_.size() < 32 || problems_.count(what) != 0)
        problems_[what] = std::move(text);
}

std::vector<SeriesListing> Store::listing() {
    const std::lock_guard guard(mutex_);
    std::vector<SeriesListing> out;
    for (const auto& [key, ids] : by_key_) {
        SeriesListing one{key, catalog_[ids.back()].info.unit, catalog_[ids.back()].info.resolution.step(), 0, 0};
        bool any = false;
        const auto add = [&](std::int64_t first_ms, std::int64_t last_ms) {
            one.first_ms = any ? std::min(one.first_ms, first_ms) : first_ms;
            one.last_ms = any ? std::max(one.last_ms, last_ms) : last_ms;
            any = true;
        };
        for (SeriesId id : ids) {
            if (catalog_[id].is_stored) add(catalog_[id].first_ms, catalog_[id].last_ms);
            for (const auto& g : pending_)
                if (const auto span = g->span_of(id)) add(span->first_ms, span->last_ms);
            if (const auto span = open_->span_of(id)) add(span->first_ms, span->last_ms);
        }
        if (!any) continue;
        if (!infos_.empty()) one.first_ms = std::max(one.first_ms, std::min(infos_.front().first_ms, one.last_ms));
        out.push_back(std::move(one));
    }
    return out;
}

HistoryStatus Store::status() {
    const std::lock_guard guard(mutex_);
    HistoryStatus out = status_;
    const auto add = [&out](std::uint64_t samples, std::int64_t first_ms) {
        if (samples == 0) return;
        out.samples += samples;
        out.oldest_ms = std::min(out.oldest_ms.value_or(first_ms), first_ms);
    };
    for (const GenerationInfo& info : infos_) add(info.samples, info.first_ms);
    for (const auto& g : pending_) add(g->samples(), g->first_ms());
    add(open_->samples(), open_->first_ms());
    for (const auto& [what, text] : problems_) out.problems.push_back(text);
    return out;
}

}  // namespace busbar::history
