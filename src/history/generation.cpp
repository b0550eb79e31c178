#include "history/generation.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "history/journal_codec.hpp"
#include "history/rollup.hpp"

namespace busbar::history {
namespace {

// Polls that ended before the hour did may arrive after the first of the next hour; this much they may be late.
constexpr std::int64_t late_ms = 5000;

bool is_narrow(const Sample& sample) { return sample.raw == static_cast<std::int32_t>(sample.raw); }

bool names(std::span<const SeriesId> members, std::span<const Sample> row) {
    if (members.size() != row.size()) return false;
    for (std::size_t i = 0; i < row.size(); ++i)
        if (members[i] != row[i].series) return false;
    return true;
}

}  // namespace

Generation::Window Generation::window(std::int64_t first_ms) const {
    // One record's worth of rows must still fit, because a record is never cut between generations.
    if (longest_ + max_record_samples > max_rows) return {};
    const std::int64_t hour = empty() ? floor_div(first_ms, hour_ms) * hour_ms : hour_ms_;
    return {wrap_sub(hour, late_ms), wrap_add(hour, hour_ms)};
}

void Generation::Column::add_gap(std::size_t row) {
    if (!gaps.empty() && gaps.back().at + gaps.back().length == row)
        ++gaps.back().length;
    else
        gaps.push_back({static_cast<std::uint32_t>(row), 1});
}

void Generation::Cohort::stage(std::span<const Sample> row) {
    if (!is_wide && !std::all_of(row.begin(), row.end(), is_narrow)) widen();
    const std::size_t begin = staged * row.size();
    const auto put = [&](auto& values) {
        if (values.size() < begin + row.size()) values.resize(begin + row.size());
        for (std::size_t i = 0; i < row.size(); ++i)
            values[begin + i] = static_cast<std::decay_t<decltype(values[0])>>(row[i].raw);
    };
    if (is_wide)
        put(wide);
    else
        put(narrow);
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].kind != SampleKind::gap) continue;
        is_gap.resize(staged_rows * row.size());
        is_gap[begin + i] = 1;
    }
    ++staged;
}

void Generation::Cohort::widen() {
    wide.assign(narrow.begin(), narrow.end());
    narrow = {};
    is_wide = true;
}

void Generation::Cohort::copy_staged(std::size_t member, Column& into) const {
    const std::size_t stride = members.size();
    if (is_gap.empty()) {
        std::array<std::int64_t, staged_rows> column;
        for (std::size_t r = 0; r < staged; ++r) column[r] = staged_value(r * stride + member);
        into.values.push_all(column.data(), staged, 1);
        return;
    }
    const std::size_t first_row = times_ms.count() - staged;
    for (std::size_t r = 0; r < staged; ++r) {
        if (is_gap[r * stride + member] != 0)
            into.add_gap(first_row + r);
        else
            into.values.push(staged_value(r * stride + member));
    }
}

void Generation::Cohort::unstage() {
    for (std::size_t i = 0; i < columns.size(); ++i) copy_staged(i, *columns[i]);
    is_gap.clear();
    staged = 0;
}

void Generation::settle() {
    for (Cohort& cohort : cohorts_) {
        cohort.unstage();
        cohort.narrow = {};
        cohort.wide = {};
    }
}

void Generation::append(std::uint32_t at, std::span<const Sample> row) {
    Cohort& cohort = cohorts_[at];
    const std::int64_t time_ms = row[0].time_ms;
    const std::size_t rows = cohort.times_ms.count();
    if (rows > 0 && cohort.times_ms.last() == time_ms) {
        duplicates_ += row.size();
        return;
    }
    if (empty()) {
        first_ms_ = last_ms_ = time_ms;
        hour_ms_ = floor_div(time_ms, hour_ms) * hour_ms;
    }
    first_ms_ = std::min(first_ms_, time_ms);
    last_ms_ = std::max(last_ms_, time_ms);
    cohort.span = rows == 0 ? Span{time_ms, time_ms}
                            : Span{std::min(cohort.span.first_ms, time_ms), std::max(cohort.span.last_ms, time_ms)};
    cohort.times_ms.push(time_ms);
    cohort.stage(row);
    if (cohort.staged == staged_rows || rows == 0) cohort.unstage();
    samples_ += row.size();
    longest_ = std::max(longest_, rows + 1);
}

std::uint32_t Generation::cohort_of(std::uint32_t from, std::span<const Sample> row) {
    if (from != no_cohort && cohorts_[from].members.size() == row.size()) return from;
    const auto at = static_cast<std::uint32_t>(cohorts_.size());
    Cohort fresh;
    if (from != no_cohort) {
        cohorts_[from].unstage();
        fresh.times_ms = cohorts_[from].times_ms;
        fresh.span = cohorts_[from].span;
    }
    for (const Sample& s : row) {
        fresh.members.push_back(s.series);
        Column& column = columns_[s.series];
        column.cohort = at;
        fresh.columns.push_back(&column);
    }
    if (from != no_cohort) {
        Cohort& old = cohorts_[from];
        std::size_t kept = 0;
        for (std::size_t i = 0; i < old.members.size(); ++i) {
            if (old.columns[i]->cohort == at) continue;
            old.members[kept] = old.members[i];
            old.columns[kept++] = old.columns[i];
        }
        old.members.resize(kept);
        old.columns.resize(kept);
    }
    cohorts_.push_back(std::move(fresh));
    return at;
}

void Generation::append_mixed(std::span<const Sample> row) {
    std::vector<std::pair<std::uint32_t, Sample>> parts;
    std::vector<SeriesId> seen;
    for (const Sample& s : row) seen.push_back(s.series);
    std::sort(seen.begin(), seen.end());
    const bool repeats = std::adjacent_find(seen.begin(), seen.end()) != seen.end();
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto same = [&](const Sample& s) { return s.series == row[i].series; };
        if (repeats && std::any_of(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(i), same)) {
            ++duplicates_;
            continue;
        }
        const auto column = columns_.find(row[i].series);
        parts.emplace_back(column == columns_.end() ? no_cohort : column->second.cohort, row[i]);
    }
    std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Sample> part;
    for (std::size_t i = 0; i < parts.size();) {
        const std::uint32_t from = parts[i].first;
        part.clear();
        for (; i < parts.size() && parts[i].first == from; ++i) part.push_back(parts[i].second);
        const std::uint32_t at = cohort_of(from, part);
        if (!names(cohorts_[at].members, part)) {  // all members, but in another order than usual
            std::unordered_map<SeriesId, Sample> by_series;
            for (const Sample& s : part) by_series.emplace(s.series, s);
            for (std::size_t m = 0; m < part.size(); ++m) part[m] = by_series.at(cohorts_[at].members[m]);
        }
        append(at, part);
    }
}

void Generation::add_row(std::span<const Sample> row) {
    BUSBAR_ASSERT(!row.empty());
    const auto first = columns_.find(row[0].series);
    if (first != columns_.end() && names(cohorts_[first->second.cohort].members, row))
        append(first->second.cohort, row);
    else
        append_mixed(row);
}

std::vector<SeriesId> Generation::series() const {
    std::vector<SeriesId> out;
    out.reserve(columns_.size());
    for (const auto& [id, column] : columns_) out.push_back(id);
    std::sort(out.begin(), out.end());
    return out;
}

std::optional<Bytes> Generation::chunk_bytes(SeriesId series, Resolution resolution) const {
    const auto found = columns_.find(series);
    if (found == columns_.end()) return std::nullopt;
    const Column& column = found->second;
    BUSBAR_ASSERT(cohorts_[column.cohort].staged == 0);
    const ChunkHead head{series, column.cohort, static_cast<std::uint32_t>(cohorts_[column.cohort].times_ms.count()),
                         resolution, first_ms_};
    return encode_chunk(id_, head, column.gaps, column.values);
}

Bytes Generation::timeline_bytes(std::uint32_t number) const {
    return encode_timeline(id_, number, cohorts_[number].times_ms);
}

std::optional<Generation::Copy> Generation::copy(SeriesId series) const {
    const auto found = columns_.find(series);
    if (found == columns_.end()) return std::nullopt;
    Column column = found->second;
    const Cohort& cohort = cohorts_[column.cohort];
    const auto member = std::find(cohort.members.begin(), cohort.members.end(), series) - cohort.members.begin();
    cohort.copy_staged(static_cast<std::size_t>(member), column);
    return Copy{{series, column.cohort, static_cast<std::uint32_t>(cohort.times_ms.count()), {}, first_ms_},
                std::move(column.gaps),
                std::move(column.values),
                cohort.times_ms};
}

namespace {

std::vector<std::int64_t> plain(const ColumnWriter& column) {
    Bytes bytes;
    column.write(bytes);
    std::vector<std::int64_t> out(column.count());
    ByteReader in(bytes);
    const bool good = decode_column(in, out);
    BUSBAR_ASSERT(good);  // we wrote it a line ago
    return out;
}

}  // namespace

DecodedChunk Generation::decode(const Copy& copy) {
    return {plain(copy.times_ms), {copy.head, copy.gaps, plain(copy.values)}};
}

void Generation::decode_next(SeriesId series, DecodedChunk& decoded) const {
    const auto found = columns_.find(series);
    BUSBAR_ASSERT(found != columns_.end());
    const Column& column = found->second;
    const ColumnWriter& times = cohorts_[column.cohort].times_ms;
    if (decoded.chunk.head.timeline != column.cohort || decoded.times_ms.empty()) decoded.times_ms = plain(times);
    decoded.chunk.head = {series, column.cohort, static_cast<std::uint32_t>(times.count()), {}, first_ms_};
    decoded.chunk.gaps = column.gaps;
    decoded.chunk.values = plain(column.values);
}

std::optional<Generation::Span> Generation::span_of(SeriesId series) const {
    const auto found = columns_.find(series);
    if (found == columns_.end()) return std::nullopt;
    return cohorts_[found->second.cohort].span;
}

}  // namespace busbar::history
