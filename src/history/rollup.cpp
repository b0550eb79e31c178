#include "history/rollup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/assert.hpp"
#include "base/crc.hpp"

namespace busbar::history {
namespace {

constexpr std::uint8_t rollup_version = 0x41;
constexpr std::size_t column_count = 7;  // index step, count, min, max-min, first-min, last-min, excess

std::uint32_t checksum(GenerationId generation, SeriesId series, std::int64_t width_ms, ByteView body) {
    Bytes place;
    ByteWriter out(place);
    out.u64_le(generation);
    out.u32_le(series);
    out.u64_le(static_cast<std::uint64_t>(width_ms));
    return crc32c(body, crc32c(place));
}

// Sum above what count times min explains; never negative.
unsigned __int128 excess(const Aggregate& a) {
    return static_cast<unsigned __int128>(a.sum - static_cast<Int128>(a.min) * static_cast<Int128>(a.count));
}

void put_in_bucket(std::vector<Bucket>& out, std::int64_t index, std::int64_t raw) {
    if (out.empty() || out.back().index != index) out.push_back({index, {}});
    out.back().of.add(raw);
}

}  // namespace

void Aggregate::add(std::int64_t raw) {
    if (count == 0) {
        min = max = first = raw;
    } else {
        min = std::min(min, raw);
        max = std::max(max, raw);
    }
    last = raw;
    sum += raw;
    ++count;
}

Aggregate Aggregate::of(std::span<const std::int64_t> raws) {
    Aggregate a;
    if (raws.empty()) return a;
    std::int64_t low = raws[0], high = raws[0];
    std::uint64_t wrapped = 0;
    for (const std::int64_t raw : raws) {
        low = std::min(low, raw);
        high = std::max(high, raw);
        wrapped += static_cast<std::uint64_t>(raw);
    }
    a = {raws.size(), low, high, raws.front(), raws.back(), static_cast<std::int64_t>(wrapped)};
    // The plain sum is the true one unless it could have left 64 bits.
    constexpr std::int64_t small = std::int64_t{1} << 46;
    if (low > -small && high < small && raws.size() <= max_rows) return a;
    a.sum = 0;
    for (const std::int64_t raw : raws) a.sum += raw;
    return a;
}

void Aggregate::merge(const Aggregate& later) {
    if (later.count == 0) return;
    if (count == 0) {
        *this = later;
        return;
    }
    min = std::min(min, later.min);
    max = std::max(max, later.max);
    last = later.last;
    sum += later.sum;
    count += later.count;
}

std::vector<Bucket> roll_up(std::span<const std::int64_t> times_ms, const Chunk& chunk, std::int64_t width_ms) {
    BUSBAR_ASSERT(times_ms.size() == chunk.head.rows);
    std::vector<Bucket> out;
    if (std::is_sorted(times_ms.begin(), times_ms.end())) {
        for_each_step(times_ms, chunk, 0, width_ms, [&out](std::int64_t index, const Aggregate& of) {
            if (out.empty() || out.back().index != index) out.push_back({index, {}});
            out.back().of.merge(of);
        });
        return out;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> samples;
    for_each_row(
        times_ms.size(), chunk.gaps, chunk.values,
        [&](std::size_t row, std::int64_t raw) { samples.emplace_back(times_ms[row], raw); }, [](std::size_t) {});
    std::stable_sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [time_ms, raw] : samples) put_in_bucket(out, floor_div(time_ms, width_ms), raw);
    return out;
}

std::vector<Bucket> widen(std::span<const Bucket> buckets, std::int64_t ratio) {
    std::vector<Bucket> out;
    for (const Bucket& b : buckets) {
        const std::int64_t index = floor_div(b.index, ratio);
        if (out.empty() || out.back().index != index) out.push_back({index, {}});
        out.back().of.merge(b.of);
    }
    return out;
}

Bytes encode_rollup(GenerationId generation, SeriesId series, std::int64_t width_ms, std::span<const Bucket> buckets) {
    unsigned shift = 0;
    for (const Bucket& b : buckets)
        while (excess(b.of) >> shift > static_cast<unsigned __int128>(std::numeric_limits<std::int64_t>::max()))
            ++shift;
    Bytes out;
    out.push_back(rollup_version);
    put_varint(out, buckets.size());
    out.push_back(static_cast<std::uint8_t>(shift));
    std::array<std::vector<std::int64_t>, column_count> columns;
    std::int64_t previous = buckets.empty() ? 0 : buckets[0].index;
    put_signed(out, previous);
    for (const Bucket& b : buckets) {
        const Aggregate& a = b.of;
        const std::int64_t row[column_count] = {wrap_sub(b.index, previous),
                                                static_cast<std::int64_t>(a.count),
                                                a.min,
                                                wrap_sub(a.max, a.min),
                                                wrap_sub(a.first, a.min),
                                                wrap_sub(a.last, a.min),
                                                static_cast<std::int64_t>(excess(a) >> shift)};
        previous = b.index;
        for (std::size_t c = 0; c < column_count; ++c) columns[c].push_back(row[c]);
    }
    for (const auto& column : columns) encode_column(column, out);
    ByteWriter(out).u32_le(checksum(generation, series, width_ms, out));
    return out;
}

Result<std::vector<Bucket>> decode_rollup(GenerationId generation, SeriesId series, std::int64_t width_ms,
                                          ByteView bytes) {
    if (bytes.size() < 5 || bytes.size() > max_chunk_bytes) return fail(Errc::corrupt, "roll-up: no page");
    const ByteView body = bytes.first(bytes.size() - 4);
    if (ByteReader(bytes.last(4)).u32_le() != checksum(generation, series, width_ms, body))
        return fail(Errc::corrupt, fmt::format("roll-up: checksum of {} in generation {} differs", series, generation));
    ByteReader in(body);
    if (in.u8() != rollup_version) return fail(Errc::malformed, "roll-up: unknown version; written by a newer Busbar");
    const std::uint64_t n = get_varint(in);
    const unsigned shift = in.u8();
    std::int64_t index = get_signed(in);
    if (!in.ok() || n > max_rows || shift > 64) return fail(Errc::malformed, "roll-up: head out of range");
    std::array<std::vector<std::int64_t>, column_count> columns;
    for (auto& column : columns) {
        column.resize(n);
        if (!decode_column(in, column)) return fail(Errc::malformed, "roll-up: columns do not fill it");
    }
    if (in.left() != 0) return fail(Errc::malformed, "roll-up: columns do not fill it");
    std::vector<Bucket> buckets(n);
    for (std::size_t i = 0; i < n; ++i) {
        index = wrap_add(index, columns[0][i]);
        Aggregate& a = buckets[i].of;
        buckets[i].index = index;
        a.count = static_cast<std::uint64_t>(columns[1][i]);
        a.min = columns[2][i];
        a.max = wrap_add(a.min, columns[3][i]);
        a.first = wrap_add(a.min, columns[4][i]);
        a.last = wrap_add(a.min, columns[5][i]);
        if (a.count == 0 || a.count > max_rows * 1024 || columns[6][i] < 0 || a.max < a.min)
            return fail(Errc::malformed, "roll-up: impossible bucket");
        a.sum =
            static_cast<Int128>(a.min) * static_cast<Int128>(a.count) + (static_cast<Int128>(columns[6][i]) << shift);
    }
    return buckets;
}

}  // namespace busbar::history
