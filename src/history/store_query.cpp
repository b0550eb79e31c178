#include <fmt/format.h>

#include <algorithm>

#include "history/store.hpp"

// The part of the store that answers. Runs on the caller's thread: takes a view under the lock, then reads and decodes
// without it.
namespace busbar::history {
namespace {

constexpr std::size_t max_idle_readers = 3;
constexpr std::size_t raw_batch = 1024;

std::string not_found(std::string_view key) {
    return fmt::format("history has no series {}; the list of series names those that exist", key);
}

}  // namespace

// A reader of the database for the length of one query; opened when first needed.
class Store::ReaderLease {
public:
    explicit ReaderLease(Store& store) : store_(store) {}
    ~ReaderLease() {
        if (reader_ == nullptr) return;
        const std::lock_guard guard(store_.mutex_);
        if (epoch_ == store_.reader_epoch_ && store_.readers_.size() < max_idle_readers)
            store_.readers_.push_back(std::move(reader_));
    }
    ReaderLease(const ReaderLease&) = delete;
    ReaderLease& operator=(const ReaderLease&) = delete;

    Result<DatabaseReader*> get() {
        if (reader_ != nullptr) return reader_.get();
        {
            const std::lock_guard guard(store_.mutex_);
            epoch_ = store_.reader_epoch_;
            if (!store_.readers_.empty()) {
                reader_ = std::move(store_.readers_.back());
                store_.readers_.pop_back();
                return reader_.get();
            }
        }
        BUSBAR_TRY(reader_, DatabaseReader::open(store_.file_));
        return reader_.get();
    }

private:
    Store& store_;
    std::unique_ptr<DatabaseReader> reader_;
    std::uint64_t epoch_ = 0;
};

struct Store::View {
    explicit View(Store& store) : reader(std::make_unique<ReaderLease>(store)) {}

    std::string unit;
    std::vector<SeriesInfo> series;  // of the key, oldest first
    std::vector<GenerationInfo> stored;
    struct InMemory {
        GenerationId id = 0;
        std::vector<std::optional<Generation::Copy>> copies;  // one per entry of `series`
    };
    std::vector<InMemory> in_memory;  // younger than all that is stored
    std::unique_ptr<ReaderLease> reader;
    // The timeline read last: series of one key share it when a query spans several.
    GenerationId timeline_generation = 0;
    std::uint32_t timeline_number = 0;
    std::vector<std::int64_t> times_ms;
};

Result<Store::View> Store::view(std::string_view key, std::int64_t from_ms, std::int64_t to_ms) {
    View view(*this);
    const std::lock_guard guard(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return fail(Errc::out_of_range, not_found(key));
    view.unit = catalog_[found->second.back()].info.unit;
    for (SeriesId id : found->second)
        if (catalog_[id].info.unit == view.unit) view.series.push_back(catalog_[id].info);
    for (const GenerationInfo& info : infos_)
        if (info.last_ms >= from_ms && info.first_ms < to_ms) view.stored.push_back(info);
    const auto add = [&](const Generation& g) {
        if (g.empty() || g.last_ms() < from_ms || g.first_ms() >= to_ms) return;
        View::InMemory one{g.id(), {}};
        for (const SeriesInfo& s : view.series) one.copies.push_back(g.copy(s.id));
        view.in_memory.push_back(std::move(one));
    };
    for (const auto& g : pending_) add(*g);
    add(*open_);
    return view;
}

bool Store::left_out(const Error& error) {
    if (error.kind != Errc::corrupt && error.kind != Errc::malformed) return false;
    set_problem("blob", "damaged data in the history, left out of answers: " + error.text);
    const std::lock_guard guard(mutex_);
    ++status_.corrupt_places;
    return true;
}

Result<std::optional<DecodedChunk>> Store::load_chunk(View& view, const GenerationInfo& info, SeriesId series) {
    std::optional<DecodedChunk> none;
    if (!info.has_raw) return none;
    BUSBAR_TRY(DatabaseReader* const reader, view.reader->get());
    BUSBAR_TRY(const auto blob, reader->blob(Table::chunks, info.id, series));
    if (!blob) return none;
    BUSBAR_TRY(Chunk chunk, decode_chunk(info.id, series, *blob));
    if (view.timeline_generation != info.id || view.timeline_number != chunk.head.timeline || view.times_ms.empty()) {
        BUSBAR_TRY(const auto timeline, reader->blob(Table::timelines, info.id, chunk.head.timeline));
        if (!timeline)
            return fail(Errc::corrupt,
                        fmt::format("timeline {} of generation {} is missing", chunk.head.timeline, info.id));
        view.times_ms.clear();
        BUSBAR_TRY(view.times_ms, decode_timeline(info.id, chunk.head.timeline, *timeline));
        view.timeline_generation = info.id;
        view.timeline_number = chunk.head.timeline;
    }
    if (view.times_ms.size() != chunk.head.rows)
        return fail(Errc::corrupt,
                    fmt::format("chunk {} of generation {} and its timeline differ in length", series, info.id));
    return std::optional<DecodedChunk>(DecodedChunk{view.times_ms, std::move(chunk)});
}

// Quarters stand in for minutes that were dropped or are damaged.
Result<Store::Rolled> Store::load_rollup(View& view, const GenerationInfo& info, SeriesId series, Table table) {
    BUSBAR_TRY(DatabaseReader* const reader, view.reader->get());
    if (table == Table::minutes && info.has_minutes) {
        BUSBAR_TRY(const auto blob, reader->blob(Table::minutes, info.id, series));
        if (!blob) return Rolled{};
        auto minutes = decode_rollup(info.id, series, minute_ms, *blob);
        if (minutes) return Rolled{std::move(*minutes), minute_ms};
        if (!left_out(minutes.error())) return minutes.error();
    }
    BUSBAR_TRY(const auto blob, reader->blob(Table::quarters, info.id, series));
    if (!blob) return Rolled{};
    BUSBAR_TRY(auto quarters, decode_rollup(info.id, series, quarter_ms, *blob));
    return Rolled{std::move(quarters), quarter_ms};
}

// The steps of one answer, filled by one series.
class Store::Slots {
public:
    Slots(std::int64_t from_ms, std::int64_t step_ms, std::size_t steps)
        : from_ms_(from_ms),
          to_ms_(from_ms + step_ms * static_cast<std::int64_t>(steps)),
          step_ms_(step_ms),
          of_(steps) {}

    void add(const DecodedChunk& decoded) {
        const auto& times = decoded.times_ms;
        if (std::is_sorted(times.begin(), times.end()))
            for_each_step(times, decoded.chunk, from_ms_, step_ms_, [this](std::int64_t n, const Aggregate& of) {
                if (n >= 0 && n < static_cast<std::int64_t>(of_.size())) of_[static_cast<std::size_t>(n)].merge(of);
            });
        else
            add_unordered(decoded);
    }
    void add(std::span<const Bucket> buckets, std::int64_t width_ms) {
        for (const Bucket& b : buckets) {
            const std::int64_t t = b.index * width_ms;
            if (t >= from_ms_ && t < to_ms_) of_[static_cast<std::size_t>((t - from_ms_) / step_ms_)].merge(b.of);
        }
    }
    const std::vector<Aggregate>& all() const { return of_; }

private:
    void add_unordered(const DecodedChunk& decoded) {
        const auto visit = [&](std::size_t row, std::int64_t raw) {
            const std::int64_t t = decoded.times_ms[row];
            if (t >= from_ms_ && t < to_ms_) of_[static_cast<std::size_t>((t - from_ms_) / step_ms_)].add(raw);
        };
        for_each_row(decoded.chunk.head.rows, decoded.chunk.gaps, decoded.chunk.values, visit, [](std::size_t) {});
    }
    std::int64_t from_ms_, to_ms_, step_ms_;
    std::vector<Aggregate> of_;
};

namespace {

// Joins what the series of one key have in one step; they rarely overlap.
struct Joined {
    std::uint64_t count = 0;
    double min = 0, max = 0, sum = 0, first = 0, last = 0;

    void add(const Aggregate& a, Resolution r) {
        if (a.count == 0) return;
        const double low = r.value(a.min), high = r.value(a.max);
        min = count == 0 ? low : std::min(min, low);
        max = count == 0 ? high : std::max(max, high);
        if (count == 0) first = r.value(a.first);
        last = r.value(a.last);
        sum += r.scale(static_cast<double>(a.sum));
        count += a.count;
    }
};

}  // namespace

Result<Buckets> Store::answer(std::string_view key, std::int64_t from_ms, std::int64_t step_ms, std::size_t steps) {
    const std::int64_t to_ms = from_ms + step_ms * static_cast<std::int64_t>(steps);
    BUSBAR_TRY(View view, this->view(key, from_ms, to_ms));
    const bool by_quarters = step_ms % quarter_ms == 0 && from_ms % quarter_ms == 0;
    const bool by_minutes = step_ms % minute_ms == 0 && from_ms % minute_ms == 0;
    std::vector<Joined> joined(steps);
    for (std::size_t i = 0; i < view.series.size(); ++i) {
        const SeriesInfo& series = view.series[i];
        Slots slots(from_ms, step_ms, steps);
        for (const GenerationInfo& info : view.stored) {
            if (!by_minutes) {
                auto chunk = load_chunk(view, info, series.id);
                if (chunk && *chunk) slots.add(**chunk);
                if (chunk && (*chunk || info.has_raw)) continue;
                if (!chunk && !left_out(chunk.error())) return chunk.error();
            }
            auto rolled = load_rollup(view, info, series.id, by_quarters ? Table::quarters : Table::minutes);
            if (rolled) slots.add(rolled->buckets, rolled->width_ms);
            if (!rolled && !left_out(rolled.error())) return rolled.error();
        }
        for (const View::InMemory& g : view.in_memory)
            if (g.copies[i]) slots.add(Generation::decode(*g.copies[i]));
        for (std::size_t n = 0; n < steps; ++n) joined[n].add(slots.all()[n], series.resolution);
    }
    Buckets out;
    out.key = key;
    out.unit = view.unit;
    out.from_ms = from_ms;
    out.to_ms = to_ms;
    out.step_ms = step_ms;
    for (std::size_t n = 0; n < steps; ++n) {
        const Joined& j = joined[n];
        if (j.count == 0) continue;
        out.time_ms.push_back(from_ms + step_ms * static_cast<std::int64_t>(n));
        out.min.push_back(j.min);
        // Rounding must not put a mean outside what it is the mean of.
        out.mean.push_back(std::clamp(j.sum / static_cast<double>(j.count), j.min, j.max));
        out.max.push_back(j.max);
        out.first.push_back(j.first);
        out.last.push_back(j.last);
        out.count.push_back(j.count);
    }
    return out;
}

namespace {

constexpr std::int64_t longest_range_ms = 200ll * 366 * 24 * hour_ms;

Status check_range(std::int64_t from_ms, std::int64_t to_ms) {
    constexpr std::int64_t limit = 1'000'000'000'000'000;  // keeps all sums below far from overflow
    if (from_ms >= to_ms || from_ms < -limit || to_ms > limit || to_ms - from_ms > longest_range_ms)
        return fail(Errc::out_of_range,
                    fmt::format("history range {} to {} is empty or too long; give from < to in ms since 1970", from_ms,
                                to_ms));
    return ok();
}

std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

Result<Buckets> Store::query(std::string_view key, std::int64_t from_ms, std::int64_t to_ms, std::size_t buckets) {
    if (auto good = check_range(from_ms, to_ms); !good) return good.error();
    if (buckets == 0 || buckets > max_buckets)
        return fail(Errc::out_of_range,
                    fmt::format("history buckets: {} asked for, 1 to {} are possible", buckets, max_buckets));
    const auto wanted =
        round_up(to_ms - from_ms, static_cast<std::int64_t>(buckets)) / static_cast<std::int64_t>(buckets);
    std::int64_t step = wanted;
    if (wanted >= minute_ms) {
        const std::int64_t unit = wanted >= quarter_ms ? quarter_ms : minute_ms;
        from_ms = floor_div(from_ms, unit) * unit;
        step = round_up(wanted, unit);
    }
    return answer(key, from_ms, step, static_cast<std::size_t>(round_up(to_ms - from_ms, step) / step));
}

Result<Buckets> Store::query_steps(std::string_view key, std::int64_t from_ms, std::int64_t to_ms,
                                   std::int64_t step_ms) {
    if (auto good = check_range(from_ms, to_ms); !good) return good.error();
    if (step_ms <= 0 || (to_ms - from_ms) / step_ms >= static_cast<std::int64_t>(max_buckets))
        return fail(Errc::out_of_range,
                    fmt::format("history step {} ms: the range holds more than {} of them; ask for longer steps",
                                step_ms, max_buckets));
    return answer(key, from_ms, step_ms, static_cast<std::size_t>(round_up(to_ms - from_ms, step_ms) / step_ms));
}

namespace {

// Hands the rows of one chunk that lie in [from, to) to the sink, ordered by time; false when the sink has enough.
bool send_rows(const DecodedChunk& decoded, Resolution resolution, std::int64_t from_ms, std::int64_t to_ms,
               const std::function<bool(std::span<const Point>)>& sink) {
    std::vector<Point> points;
    const auto wanted = [&](std::size_t row) {
        return decoded.times_ms[row] >= from_ms && decoded.times_ms[row] < to_ms;
    };
    for_each_row(
        decoded.chunk.head.rows, decoded.chunk.gaps, decoded.chunk.values,
        [&](std::size_t row, std::int64_t raw) {
            if (wanted(row)) points.push_back({decoded.times_ms[row], resolution.value(raw)});
        },
        [&](std::size_t row) {
            if (wanted(row)) points.push_back({decoded.times_ms[row], std::nullopt});
        });
    for (std::size_t at = 0; at < points.size(); at += raw_batch)
        if (!sink(std::span(points).subspan(at, std::min(raw_batch, points.size() - at)))) return false;
    return true;
}

}  // namespace

Status Store::raw(std::string_view key, std::int64_t from_ms, std::int64_t to_ms,
                  const std::function<bool(std::span<const Point>)>& sink) {
    if (auto good = check_range(from_ms, to_ms); !good) return good;
    auto view = this->view(key, from_ms, to_ms);
    if (!view) return view.error();
    for (const GenerationInfo& info : view->stored) {
        for (const SeriesInfo& series : view->series) {
            auto chunk = load_chunk(*view, info, series.id);
            if (!chunk) {
                if (!left_out(chunk.error())) return chunk.error();
            } else if (*chunk && !send_rows(**chunk, series.resolution, from_ms, to_ms, sink)) {
                return ok();
            }
        }
    }
    for (const View::InMemory& g : view->in_memory)
        for (std::size_t i = 0; i < g.copies.size(); ++i)
            if (g.copies[i] &&
                !send_rows(Generation::decode(*g.copies[i]), view->series[i].resolution, from_ms, to_ms, sink))
                return ok();
    return ok();
}

namespace {

void take_latest(std::optional<Point>& best, const DecodedChunk& decoded, Resolution resolution, std::int64_t time_ms) {
    const auto visit = [&](std::size_t row, std::int64_t raw) {
        const std::int64_t t = decoded.times_ms[row];
        if (t <= time_ms && (!best || t >= best->time_ms)) best = Point{t, resolution.value(raw)};
    };
    for_each_row(decoded.chunk.head.rows, decoded.chunk.gaps, decoded.chunk.values, visit, [](std::size_t) {});
}

}  // namespace

Result<std::optional<Point>> Store::at(std::string_view key, std::int64_t time_ms, std::int64_t max_age_ms) {
    if (max_age_ms < 0) return fail(Errc::out_of_range, "history: negative age");
    const std::int64_t from_ms = wrap_sub(time_ms, max_age_ms);
    if (auto good = check_range(from_ms, wrap_add(time_ms, 1)); !good) return good.error();
    BUSBAR_TRY(View view, this->view(key, from_ms, time_ms + 1));
    std::optional<Point> best;
    for (const View::InMemory& g : view.in_memory)
        for (std::size_t i = 0; i < g.copies.size(); ++i)
            if (g.copies[i]) take_latest(best, Generation::decode(*g.copies[i]), view.series[i].resolution, time_ms);
    // Latest hours first; those that end before what was found can not better it.
    std::sort(view.stored.begin(), view.stored.end(),
              [](const auto& a, const auto& b) { return a.last_ms > b.last_ms; });
    for (const GenerationInfo& info : view.stored) {
        if (best && info.last_ms <= best->time_ms) break;
        for (const SeriesInfo& series : view.series) {
            auto chunk = load_chunk(view, info, series.id);
            if (chunk && *chunk) take_latest(best, **chunk, series.resolution, time_ms);
            if (chunk && (*chunk || info.has_raw)) continue;
            if (!chunk && !left_out(chunk.error())) return chunk.error();
            BUSBAR_TRY(const Rolled rolled, load_rollup(view, info, series.id, Table::minutes));
            for (const Bucket& b : rolled.buckets) {
                const std::int64_t end =
                    (b.index + 1) * rolled.width_ms - 1;  // the instant itself is gone with the raw data
                if (end <= time_ms && (!best || end >= best->time_ms))
                    best = Point{end, series.resolution.value(b.of.last)};
            }
        }
    }
    if (best && best->time_ms < from_ms) best.reset();
    return best;
}

}  // namespace busbar::history
