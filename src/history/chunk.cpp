#include "history/chunk.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/crc.hpp"

namespace busbar::history {
namespace {

constexpr std::uint8_t chunk_version = 1;
constexpr std::uint8_t timeline_version = 0x81;  // differs from a chunk's, so that neither reads as the other

std::uint32_t checksum(GenerationId generation, std::uint32_t number, ByteView body) {
    Bytes place;
    ByteWriter(place).u64_le(generation);
    ByteWriter(place).u32_le(number);
    return crc32c(body, crc32c(place));
}

void seal(GenerationId generation, std::uint32_t number, Bytes& out) {
    ByteWriter(out).u32_le(checksum(generation, number, out));
}

// The bytes without their checksum, or the error.
Result<ByteView> unseal(GenerationId generation, std::uint32_t number, ByteView bytes) {
    if (bytes.size() < 5 || bytes.size() > max_chunk_bytes)
        return fail(Errc::corrupt, fmt::format("{} bytes are no chunk", bytes.size()));
    const ByteView body = bytes.first(bytes.size() - 4);
    if (ByteReader(bytes.last(4)).u32_le() != checksum(generation, number, body))
        return fail(Errc::corrupt, fmt::format("checksum of {} in generation {} differs", number, generation));
    return body;
}

}  // namespace

Bytes encode_chunk(GenerationId generation, const ChunkHead& head, std::span<const GapRun> gaps,
                   const ColumnWriter& values) {
    Bytes out;
    out.push_back(chunk_version);
    put_varint(out, head.series);
    put_varint(out, head.timeline);
    put_varint(out, head.rows);
    put_varint(out, head.resolution.mantissa);
    put_signed(out, head.resolution.exponent);
    put_signed(out, head.first_ms);
    put_varint(out, gaps.size());
    std::uint32_t end = 0;
    for (const GapRun& gap : gaps) {
        put_varint(out, gap.at - end);
        put_varint(out, gap.length);
        end = gap.at + gap.length;
    }
    values.write(out);
    seal(generation, head.series, out);
    return out;
}

Result<Chunk> decode_chunk(GenerationId generation, SeriesId series, ByteView bytes) {
    BUSBAR_TRY(const ByteView body, unseal(generation, series, bytes));
    ByteReader in(body);
    const auto bad = [](std::string_view what) { return fail(Errc::malformed, fmt::format("chunk: {}", what)); };
    if (in.u8() != chunk_version) return bad("unknown version; written by a newer Busbar");
    Chunk chunk;
    const std::uint64_t stored_series = get_varint(in);
    const std::uint64_t timeline = get_varint(in);
    const std::uint64_t rows = get_varint(in);
    const std::uint64_t mantissa = get_varint(in);
    const std::int64_t exponent = get_signed(in);
    chunk.head.first_ms = get_signed(in);
    if (!in.ok() || stored_series != series || timeline >= max_series || rows > max_rows)
        return bad("head out of range");
    if (mantissa > 65535 || exponent < -12 || exponent > 12) return bad("resolution out of range");
    chunk.head.series = series;
    chunk.head.timeline = static_cast<std::uint32_t>(timeline);
    chunk.head.rows = static_cast<std::uint32_t>(rows);
    chunk.head.resolution = {static_cast<std::uint32_t>(mantissa), static_cast<std::int8_t>(exponent)};
    if (!chunk.head.resolution.valid()) return bad("resolution out of range");
    const std::uint64_t runs = get_varint(in);
    if (runs > rows) return bad("more gaps than rows");
    std::uint64_t end = 0;
    std::uint64_t missing = 0;
    chunk.gaps.reserve(runs);
    for (std::uint64_t i = 0; i < runs && in.ok(); ++i) {
        const std::uint64_t before = get_varint(in);
        const std::uint64_t length = get_varint(in);
        if ((i > 0 && before == 0) || length == 0 || before > rows || length > rows || end + before + length > rows)
            return bad("gap outside the rows");
        chunk.gaps.push_back({static_cast<std::uint32_t>(end + before), static_cast<std::uint32_t>(length)});
        end += before + length;
        missing += length;
    }
    if (!in.ok()) return bad("ends early");
    chunk.values.resize(rows - missing);
    if (!decode_column(in, chunk.values) || in.left() != 0) return bad("values do not fill it exactly");
    return chunk;
}

Bytes encode_timeline(GenerationId generation, std::uint32_t number, const ColumnWriter& times_ms) {
    Bytes out;
    out.push_back(timeline_version);
    put_varint(out, times_ms.count());
    times_ms.write(out);
    seal(generation, number, out);
    return out;
}

Result<std::vector<std::int64_t>> decode_timeline(GenerationId generation, std::uint32_t number, ByteView bytes) {
    BUSBAR_TRY(const ByteView body, unseal(generation, number, bytes));
    ByteReader in(body);
    if (in.u8() != timeline_version)
        return fail(Errc::malformed, "timeline: unknown version; written by a newer Busbar");
    const std::uint64_t rows = get_varint(in);
    if (!in.ok() || rows > max_rows) return fail(Errc::malformed, "timeline: row count out of range");
    std::vector<std::int64_t> times(rows);
    if (!decode_column(in, times) || in.left() != 0)
        return fail(Errc::malformed, "timeline: instants do not fill it exactly");
    if (!std::all_of(times.begin(), times.end(), is_instant))
        return fail(Errc::malformed, "timeline: instants beyond the calendar");
    return times;
}

}  // namespace busbar::history
