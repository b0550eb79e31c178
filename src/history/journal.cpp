#include "history/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/crc.hpp"

namespace busbar::history {
namespace {

constexpr std::uint32_t marker = 0x314A4242;  // "BBJ1"
constexpr std::size_t head_bytes = 16;        // marker, length, sequence, checksum; u32 little-endian each
constexpr std::size_t max_body = 8u << 20;
constexpr std::uint32_t fresh_every = 128;  // records between two places where a reader can start
constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t max_segment = 256u << 20;
constexpr std::string_view spare_name = "journal-spare";
constexpr std::string_view prefix = "journal-";
constexpr std::string_view suffix = ".log";

std::uint32_t checksum(std::uint64_t generation, std::uint32_t part, std::uint32_t sequence, ByteView body) {
    Bytes place;
    ByteWriter out(place);
    out.u64_le(generation);
    out.u32_le(part);
    out.u32_le(sequence);
    out.u32_le(static_cast<std::uint32_t>(body.size()));
    return crc32c(body, crc32c(place));
}

std::uint64_t next_page(std::uint64_t at) { return (at + page_bytes - 1) / page_bytes * page_bytes; }

// Where a record of `length` bytes goes behind what ends at `end`. A disk writes whole pages, so the record moves on to
// the next page when it then touches fewer.
std::uint64_t place_for(std::uint64_t end, std::uint64_t length) {
    const auto pages = [length](std::uint64_t from) { return (from + length - 1) / page_bytes - from / page_bytes; };
    return pages(next_page(end)) < pages(end) ? next_page(end) : end;
}

struct Record {
    std::uint32_t sequence = 0;
    ByteView body;
    std::size_t end = 0;
};

// A good record at `at`, or nothing.
std::optional<Record> record_at(std::uint64_t generation, std::uint32_t part, ByteView bytes, std::size_t at) {
    if (bytes.size() - at < head_bytes) return std::nullopt;
    ByteReader in(bytes.subspan(at));
    if (in.u32_le() != marker) return std::nullopt;
    const std::uint32_t length = in.u32_le();
    const std::uint32_t sequence = in.u32_le();
    const std::uint32_t expected = in.u32_le();
    if (length > max_body || length > in.left()) return std::nullopt;
    const ByteView body = in.take(length);
    if (checksum(generation, part, sequence, body) != expected) return std::nullopt;
    return Record{sequence, body, at + head_bytes + length};
}

// The record that follows number `sequence`, which ends at `at`: there or at the next page.
std::optional<Record> record_after(std::uint32_t sequence, std::uint64_t generation, std::uint32_t part, ByteView bytes,
                                   std::size_t at) {
    auto record = record_at(generation, part, bytes, at);
    if (record || next_page(at) >= bytes.size()) return record;
    record = record_at(generation, part, bytes, next_page(at));
    if (record && record->sequence != sequence + 1) record.reset();  // one between them is gone
    return record;
}

// Any record behind `at`. The marker makes looking cheap.
std::optional<Record> record_behind(std::uint64_t generation, std::uint32_t part, ByteView bytes, std::size_t at) {
    std::optional<Record> record;
    for (std::size_t next = at + 1; !record && next < bytes.size(); ++next) {
        const void* hit = std::memchr(bytes.data() + next, marker & 0xFF, bytes.size() - next);
        if (hit == nullptr) break;
        next = static_cast<std::size_t>(static_cast<const std::uint8_t*>(hit) - bytes.data());
        record = record_at(generation, part, bytes, next);
    }
    return record;
}

}  // namespace

std::string Journal::name_of(Segment segment) {
    return fmt::format("{}{:010}-{:04}{}", prefix, segment.generation, segment.part, suffix);
}

Result<std::vector<Journal::Segment>> Journal::scan() {
    BUSBAR_TRY(const std::vector<std::string> names, disk_.list());
    std::vector<Segment> found;
    for (const std::string& name : names) {
        if (name == spare_name) has_spare_ = true;
        Segment segment;
        const char* const begin = name.data() + std::min(prefix.size(), name.size());
        const char* const end = name.data() + name.size();
        const auto generation = std::from_chars(begin, end, segment.generation);
        if (generation.ec != std::errc{} || generation.ptr == end) continue;
        if (std::from_chars(generation.ptr + 1, end, segment.part).ec != std::errc{}) continue;
        if (name_of(segment) == name) found.push_back(segment);
    }
    std::sort(found.begin(), found.end());
    return found;
}

void Journal::replay_segment(Segment segment, const Bytes& bytes, const Sink& sink, Replay& out) {
    JournalState state;
    bool in_step = true;  // whether `state` is that of the writer
    SegmentState& live = live_[segment];
    std::uint32_t sequence = sequence_;  // of the record before
    for (std::size_t at = 0; at < bytes.size();) {
        auto record = record_after(sequence, segment.generation, segment.part, bytes, at);
        if (!record) {
            record = record_behind(segment.generation, segment.part, bytes, at);
            if (!record) break;  // a torn tail
            ++out.corrupt_places;
            live.corrupt = true;
            in_step = false;
        }
        sequence = record->sequence;
        at = record->end;
        live.bytes = at;
        if (!in_step && !JournalState::is_fresh(record->body)) continue;
        auto decoded = state.decode(record->body);
        in_step = decoded.has_value();
        if (!in_step) {
            ++out.corrupt_places;
            live.corrupt = true;
        } else if (record->sequence > sequence_) {  // else: written again after an error that had not been one
            sequence_ = record->sequence;
            ++out.records;
            sink(segment.generation, *decoded);
        }
    }
}

Result<Journal::Replay> Journal::replay(GenerationId committed, const Sink& sink) {
    Replay out;
    BUSBAR_TRY(const std::vector<Segment> segments, scan());
    for (const Segment& segment : segments) {
        const std::string name = name_of(segment);
        if (segment.generation <= committed) {
            retire_file(name, false);
            continue;
        }
        if (segment.generation != out.newest) sequence_ = 0;
        out.newest = segment.generation;
        current_ = segment;
        live_[segment] = {};
        auto file = disk_.open(name, false);
        auto size = file ? (*file)->size() : Result<std::uint64_t>(file.error());
        Bytes bytes(size ? std::min(*size, max_segment) : 0);
        auto got = size ? (*file)->read_at(0, bytes) : Result<std::size_t>(size.error());
        if (!got) {
            out.unreadable.push_back(name + ": " + got.error().text);
            live_[segment].corrupt = true;
            continue;
        }
        bytes.resize(*got);
        replay_segment(segment, bytes, sink, out);
    }
    return out;
}

Status Journal::start_segment(GenerationId generation) {
    if (generation != current_.generation) {
        current_ = {generation, 0};
        sequence_ = 0;
    } else {
        ++current_.part;
    }
    const std::string name = name_of(current_);
    if (has_spare_) {
        has_spare_ = false;
        if (auto moved = disk_.rename(std::string(spare_name), name); !moved) return moved;
    }
    auto file = disk_.open(name, true);
    if (!file) return file.error();
    live_[current_] = {};
    auto size = (*file)->size();
    if (!size) return size.error();
    allocated_ = *size;
    end_ = 0;
    since_fresh_ = 0;
    if (auto synced = disk_.sync_folder(); !synced) return synced;
    file_ = std::move(*file);
    return ok();
}

// Zeros are written rather than space reserved: a reserved extent costs a metadata write at each first use. And page by
// page: Linux 6.16 and later keep what one large write brought in as one large folio, which every later small write
// then dirties as a whole (measured: 110 instead of 2 bytes written per sample).
Status Journal::ensure_space(std::uint64_t end) {
    if (end <= allocated_) return ok();
    const std::uint64_t target = (end + allocation_step_ - 1) / allocation_step_ * allocation_step_;
    const Bytes zeros(page_bytes);
    for (; allocated_ < target; allocated_ += page_bytes - allocated_ % page_bytes)
        if (auto written = file_->write_at(allocated_, ByteView(zeros).first(page_bytes - allocated_ % page_bytes));
            !written)
            return written;
    return ok();
}

void Journal::give_up_segment() {
    file_.reset();
    // Without a good record the file says nothing; with some it is read again at the next start.
    if (end_ == 0 && live_.count(current_) != 0 && disk_.remove(name_of(current_))) live_.erase(current_);
}

Status Journal::append(GenerationId generation, std::span<const SeriesInfo> defined, std::span<const Sample> samples) {
    if (!file_ || generation != current_.generation) {
        file_.reset();
        if (auto started = start_segment(generation); !started) {
            end_ = 0;
            give_up_segment();
            return because("journal", started.error());
        }
    }
    record_.assign(head_bytes, 0);
    state_.encode(since_fresh_ == 0, defined, samples, record_);
    const ByteView body = ByteView(record_).subspan(head_bytes);
    Bytes head;
    ByteWriter out(head);
    out.u32_le(marker);
    out.u32_le(static_cast<std::uint32_t>(body.size()));
    out.u32_le(sequence_ + 1);
    out.u32_le(checksum(current_.generation, current_.part, sequence_ + 1, body));
    std::copy(head.begin(), head.end(), record_.begin());

    const std::uint64_t at = place_for(end_, record_.size());
    Status done = ensure_space(at + record_.size());
    if (done) done = file_->write_at(at, record_);
    if (done) done = file_->sync();
    if (!done) {
        give_up_segment();
        return because("journal", done.error());
    }
    end_ = at + record_.size();
    ++sequence_;
    since_fresh_ = (since_fresh_ + 1) % fresh_every;
    live_[current_].bytes = end_;
    return ok();
}

void Journal::retire_file(const std::string& name, bool corrupt) {
    if (corrupt)
        (void)disk_.rename(name, "set-aside-" + name);
    else if (!has_spare_ && disk_.rename(name, std::string(spare_name)))
        has_spare_ = true;
    else
        (void)disk_.remove(name);
}

void Journal::retire(GenerationId up_to) {
    while (!live_.empty() && live_.begin()->first.generation <= up_to) {
        const auto [segment, state] = *live_.begin();
        if (file_ && segment == current_) file_.reset();
        live_.erase(live_.begin());
        retire_file(name_of(segment), state.corrupt);
    }
}

std::uint64_t Journal::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [segment, state] : live_) sum += state.bytes;
    return sum;
}

void Journal::drop_spare() {
    if (has_spare_ && disk_.remove(std::string(spare_name))) has_spare_ = false;
}

}  // namespace busbar::history
