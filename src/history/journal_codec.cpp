#include "history/journal_codec.hpp"

#include "base/assert.hpp"
#include "history/varint.hpp"

namespace busbar::history {
namespace {

constexpr unsigned shape_bits = 13;
constexpr unsigned row_bits = 13;
constexpr std::int64_t longest_step_ms = 3'600'000;

std::uint64_t hash_of(std::span<const Sample> row) {
    std::uint64_t h = 0x9E3779B97F4A7C15ull ^ row.size();
    for (const Sample& s : row) h = (h ^ s.series) * 0xD6E8FEB86659FD93ull;
    return h;
}

void put_text(Bytes& out, std::string_view text) {
    put_varint(out, text.size());
    out.insert(out.end(), text.begin(), text.end());
}

void put_info(Bytes& out, const SeriesInfo& info) {
    put_varint(out, info.id);
    put_text(out, info.key);
    put_text(out, info.unit);
    put_varint(out, info.resolution.mantissa);
    put_signed(out, info.resolution.exponent);
}

std::string get_text(ByteReader& in, std::size_t limit) {
    const std::uint64_t n = get_varint(in);
    return std::string(as_text(in.take(n <= limit ? n : in.left() + 1)));
}

bool get_info(ByteReader& in, SeriesInfo& info) {
    const std::uint64_t id = get_varint(in);
    info.key = get_text(in, max_key_bytes);
    info.unit = get_text(in, max_unit_bytes);
    const std::uint64_t mantissa = get_varint(in);
    const std::int64_t exponent = get_signed(in);
    if (!in.ok() || id >= max_series || info.key.empty() || mantissa > 65535 || exponent < -12 || exponent > 12)
        return false;
    info.id = static_cast<SeriesId>(id);
    info.resolution = {static_cast<std::uint32_t>(mantissa), static_cast<std::int8_t>(exponent)};
    return info.resolution.valid();
}

}  // namespace

std::int64_t JournalState::Shape::expected_ms() const { return wrap_add(time_ms, (step16 + 8) / 16); }

void JournalState::Shape::advance(std::int64_t to_ms) {
    const std::int64_t step = wrap_sub(to_ms, time_ms);
    time_ms = to_ms;
    if (step <= 0 || step > longest_step_ms) return;
    if (step16 == 0) {
        step16 = step * 16;
    } else if (step * 16 < step16 * 4) {  // a hole in the data is not a new habit
        step16 += (step * 16 - step16) / 8;
    }
}

void JournalState::reset() {
    shapes_.clear();
    by_hash_.clear();
    follower_.clear();
    last_ = 0;
}

std::size_t JournalState::find_shape(std::span<const Sample> row) const {
    const auto matches = [&](std::size_t shape) {
        const auto& series = shapes_[shape].series;
        if (series.size() != row.size()) return false;
        for (std::size_t i = 0; i < row.size(); ++i)
            if (series[i] != row[i].series) return false;
        return true;
    };
    if (last_ < shapes_.size() && matches(follower_[last_])) return follower_[last_];
    const auto found = by_hash_.find(hash_of(row));
    return found != by_hash_.end() && matches(found->second) ? found->second : shapes_.size();
}

JournalState::Shape& JournalState::add_shape(std::vector<SeriesId> series) {
    Shape shape;
    shape.known.resize(series.size());
    shape.series = std::move(series);
    shapes_.push_back(std::move(shape));
    follower_.push_back(0);
    return shapes_.back();
}

void JournalState::follow(std::size_t shape) {
    if (last_ < follower_.size()) follower_[last_] = shape;
    last_ = shape;
}

void JournalState::encode_shape(BitWriter& out, std::span<const Sample> row) {
    std::vector<SeriesId> series;
    for (const Sample& s : row) series.push_back(s.series);
    out.put(row.size(), row_bits);
    AdaptiveRice ids;  // mostly each one more than the one before
    for (std::size_t i = 0; i < series.size(); ++i)
        ids.put(out, zigzag(std::int64_t{series[i]} - (i > 0 ? std::int64_t{series[i - 1]} + 1 : 0)));
    out.put_wide(static_cast<std::uint64_t>(row[0].time_ms));
    by_hash_[hash_of(row)] = shapes_.size();
    add_shape(std::move(series)).time_ms = row[0].time_ms;
}

void JournalState::encode_values(BitWriter& out, std::span<const Sample> row, Shape& shape) {
    bool gaps = false;
    for (const Sample& s : row) gaps |= s.kind == SampleKind::gap;
    out.put(gaps, 1);
    if (gaps)
        for (const Sample& s : row) out.put(s.kind == SampleKind::gap, 1);
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].kind == SampleKind::gap) continue;
        Known& known = shape.known[i];
        const std::uint64_t step = zigzag(wrap_sub(row[i].raw, known.last));
        if (known.seen)
            known.coder.put(out, step);
        else
            AdaptiveRice::put_plain(out, step);
        known.seen = true;
        known.last = row[i].raw;
    }
}

void JournalState::encode_row(BitWriter& out, std::span<const Sample> row) {
    // Number, shape and time, then per series its id, gap and value.
    out.room(512 + row.size() * (2 * AdaptiveRice::longest_bits + 1));
    const std::size_t at = find_shape(row);
    const bool expected = at < shapes_.size() && at == follower_[last_];
    out.put(expected, 1);
    if (!expected) out.put(at, shape_bits);
    if (at == shapes_.size()) {
        encode_shape(out, row);
    } else {
        Shape& shape = shapes_[at];
        shape.time_coder.put(out, zigzag(wrap_sub(row[0].time_ms, shape.expected_ms())));
        shape.advance(row[0].time_ms);
    }
    encode_values(out, row, shapes_[at]);
    follow(at);
}

void JournalState::encode(bool fresh, std::span<const SeriesInfo> defined, std::span<const Sample> samples,
                          Bytes& out) {
    BUSBAR_ASSERT(samples.size() <= max_record_samples);
    if (fresh) reset();
    out.push_back(fresh ? 1 : 0);
    put_varint(out, defined.size());
    for (const SeriesInfo& info : defined) put_info(out, info);
    BitWriter bits(out);
    while (!samples.empty()) {
        const std::size_t n = row_length(samples, max_row);
        // Bit 0: a row follows; bit 1: the shapes start anew, because a caller without rhythm has filled the table.
        const bool full = shapes_.size() == max_shapes;
        if (full) reset();
        bits.room(2);
        bits.put(full ? 3 : 1, 2);
        encode_row(bits, samples.first(n));
        samples = samples.subspan(n);
    }
    bits.room(2);
    bits.put(0, 2);
    bits.finish();
}

bool JournalState::decode_shape(BitReader& in) {
    const std::uint64_t n = in.get(row_bits);
    if (!in.ok() || n == 0 || n > max_row || shapes_.size() >= max_shapes) return false;
    std::vector<SeriesId> series(n);
    AdaptiveRice ids;
    std::int64_t next = 0;
    for (SeriesId& id : series) {
        next = wrap_add(next, unzigzag(ids.get(in)));
        if (next < 0 || next >= std::int64_t{max_series}) return false;
        id = static_cast<SeriesId>(next++);
    }
    const auto time_ms = static_cast<std::int64_t>(in.get_wide());
    if (!in.ok()) return false;
    add_shape(std::move(series)).time_ms = time_ms;
    return true;
}

bool JournalState::decode_row(BitReader& in, std::vector<Sample>& out) {
    std::size_t at = 0;
    if (in.get(1) != 0) {
        if (last_ >= shapes_.size()) return false;
        at = follower_[last_];
    } else {
        at = in.get(shape_bits);
    }
    if (!in.ok() || at > shapes_.size()) return false;
    if (at == shapes_.size()) {
        if (!decode_shape(in)) return false;
    } else {
        Shape& shape = shapes_[at];
        shape.advance(wrap_add(shape.expected_ms(), unzigzag(shape.time_coder.get(in))));
    }
    Shape& shape = shapes_[at];
    const std::size_t n = shape.series.size();
    if (out.size() + n > max_record_samples) return false;
    const std::size_t begin = out.size();
    const bool gaps = in.get(1) != 0;
    for (std::size_t i = 0; i < n; ++i) {
        const bool gap = gaps && in.get(1) != 0;
        out.push_back({shape.series[i], gap ? SampleKind::gap : SampleKind::value, i == 0, shape.time_ms, 0});
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (out[begin + i].kind == SampleKind::gap) continue;
        Known& known = shape.known[i];
        const std::uint64_t step = known.seen ? known.coder.get(in) : AdaptiveRice::get_plain(in);
        known.seen = true;
        known.last = wrap_add(known.last, unzigzag(step));
        out[begin + i].raw = known.last;
    }
    follow(at);
    return in.ok();
}

Result<JournalState::Decoded> JournalState::decode(ByteView body) {
    ByteReader in(body);
    Decoded out;
    const unsigned flags = in.u8();
    if (flags > 1) return fail(Errc::malformed, "journal record: unknown flags; written by a newer Busbar");
    out.fresh = flags != 0;
    if (out.fresh) reset();
    const std::uint64_t definitions = get_varint(in);
    if (!in.ok() || definitions > in.left()) return fail(Errc::malformed, "journal record: definitions");
    out.defined.resize(definitions);
    for (SeriesInfo& info : out.defined)
        if (!get_info(in, info)) return fail(Errc::malformed, "journal record: definition of a series");
    BitReader bits(in.take(in.left()));
    while (const std::uint64_t head = bits.get(2)) {
        if (head == 2) return fail(Errc::malformed, "journal record: row head");
        if (head == 3) reset();
        if (!decode_row(bits, out.samples)) return fail(Errc::malformed, "journal record: row");
    }
    if (!bits.at_end()) return fail(Errc::malformed, "journal record: does not end with its last row");
    return out;
}

}  // namespace busbar::history
