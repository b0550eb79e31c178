// Stored bytes of the history as an attacker or a dying flash would give them: columns, chunks, timelines, roll-ups and
// journal records. The first byte chooses; checksums are put right so that the parsers behind them are reached.
#include <cstdlib>

#include "base/crc.hpp"
#include "history/journal_codec.hpp"
#include "history/rollup.hpp"

using namespace busbar;
using namespace busbar::history;

namespace {

// Appends the checksum that a container at this place would have.
Bytes sealed(ByteView body, std::uint64_t generation, std::uint32_t number, bool with_width, std::int64_t width_ms) {
    Bytes place;
    ByteWriter out(place);
    out.u64_le(generation);
    out.u32_le(number);
    if (with_width) out.u64_le(static_cast<std::uint64_t>(width_ms));
    Bytes bytes(body.begin(), body.end());
    const std::uint32_t sum = crc32c(body, crc32c(place));
    ByteWriter(bytes).u32_le(sum);
    return bytes;
}

void demand(bool holds) {
    if (!holds) std::abort();
}

void column(ByteView body) {
    std::vector<std::int64_t> values(body.empty() ? 0 : body[0] * 3u);
    ByteReader in(body);
    if (!decode_column(in, values)) return;
    Bytes again;
    encode_column(values, again);
    std::vector<std::int64_t> back(values.size());
    ByteReader second(again);
    demand(decode_column(second, back) && back == values);
}

void chunk(ByteView body) {
    if (body.size() > 4096) return;
    const auto decoded = decode_chunk(3, 5, sealed(body, 3, 5, false, 0));
    if (!decoded) return;
    std::size_t rows = 0;
    for_each_row(decoded->head.rows, decoded->gaps, decoded->values, [&](auto, auto) { ++rows; }, [&](auto) { ++rows; });
    demand(rows == decoded->head.rows);
    const std::vector<std::int64_t> times(rows, 1'700'000'000'000);
    (void)roll_up(times, *decoded, minute_ms);
}

void rollup(ByteView body) {
    if (body.size() > 4096) return;
    const auto decoded = decode_rollup(3, 5, minute_ms, sealed(body, 3, 5, true, minute_ms));
    if (decoded) (void)widen(*decoded, 15);
}

void journal(ByteView body) {
    JournalState state;
    // Two records in a row, so that the state between them is tried too.
    const auto first = state.decode(body.first(body.size() / 2));
    if (first) (void)state.decode(body.subspan(body.size() / 2));
    JournalState whole;
    const auto all = whole.decode(body);
    if (!all || all->samples.empty()) return;
    JournalState writer, reader;
    Bytes again;
    writer.encode(true, all->defined, all->samples, again);
    const auto back = reader.decode(again);
    demand(back.has_value() && back->samples == all->samples && back->defined == all->defined);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView body(data + 1, size - 1);
    switch (data[0] % 5) {
        case 0: column(body); break;
        case 1: chunk(body); break;
        case 2: (void)decode_timeline(3, 5, sealed(body.first(std::min<std::size_t>(body.size(), 4096)), 3, 5, false, 0)); break;
        case 3: rollup(body); break;
        default: journal(body); break;
    }
    return 0;
}
