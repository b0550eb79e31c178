#include <doctest/doctest.h>

#include <random>

#include "history/chunk.hpp"
#include "history/rollup.hpp"

using namespace busbar;
using namespace busbar::history;

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

std::vector<std::int64_t> there_and_back(const std::vector<std::int64_t>& in, std::size_t* size = nullptr) {
    Bytes bytes;
    encode_column(in, bytes);
    if (size != nullptr) *size = bytes.size();
    std::vector<std::int64_t> out(in.size());
    ByteReader reader(bytes);
    REQUIRE(decode_column(reader, out));
    CHECK(reader.left() == 0);
    ColumnWriter writer;
    for (std::int64_t v : in) writer.push(v);
    Bytes grown;
    writer.write(grown);
    CHECK(grown == bytes);
    return out;
}

Bytes chunk_of(const std::vector<std::int64_t>& values, std::span<const GapRun> gaps, std::uint32_t rows) {
    ColumnWriter writer;
    for (std::int64_t v : values) writer.push(v);
    return encode_chunk(7, {42, 3, rows, {1, -1}, 1'700'000'000'000}, gaps, writer);
}

}  // namespace

TEST_CASE("the examples of docs/formats/chunk.md are what is written") {
    std::vector<std::int64_t> standing(20, 2304);
    std::fill_n(standing.begin(), 11, 2301);
    Bytes out;
    encode_column(standing, out);
    CHECK(out == Bytes{0xfa, 0x23, 0x01, 0x0a, 0x06});
    out.clear();
    encode_column(std::vector<std::int64_t>{5, 5, 5, 7}, out);
    CHECK(out == Bytes{0x0a, 0xc0, 0x43});
}

TEST_CASE("a column gives back every value, whatever its width and length") {
    std::mt19937_64 random(20240611);
    for (unsigned bits = 0; bits <= 64; ++bits) {
        for (std::size_t n : {1u, 2u, 7u, 8u, 127u, 128u, 129u, 300u}) {
            const std::uint64_t mask = bits == 64 ? ~0ull : (1ull << bits) - 1;
            std::vector<std::int64_t> noise, walk, steps, ramp;
            std::int64_t at = static_cast<std::int64_t>(random());
            for (std::size_t i = 0; i < n; ++i) {
                noise.push_back(static_cast<std::int64_t>(random() & mask));
                at = wrap_add(at, unzigzag(random() & mask));
                walk.push_back(at);
                steps.push_back(random() % 50 == 0 ? static_cast<std::int64_t>(random() & mask)
                                                   : (steps.empty() ? 5 : steps.back()));
                ramp.push_back(
                    wrap_add(ramp.empty() ? 0 : ramp.back(), static_cast<std::int64_t>(mask / 2 + random() % 3)));
            }
            for (const auto* column : {&noise, &walk, &steps, &ramp}) CHECK(there_and_back(*column) == *column);
        }
    }
}

TEST_CASE("a column survives the ends of int64 and single outliers") {
    std::vector<std::int64_t> ends;
    for (int i = 0; i < 200; ++i) ends.push_back(i % 3 == 0 ? lowest : i % 3 == 1 ? highest : 0);
    CHECK(there_and_back(ends) == ends);
    std::mt19937_64 random(5);
    std::vector<std::int64_t> spiky;
    for (int i = 0; i < 1000; ++i)
        spiky.push_back(i % 90 == 50 ? 1'000'000'000 : static_cast<std::int64_t>(random() % 8));
    std::size_t size = 0;
    CHECK(there_and_back(spiky, &size) == spiky);
    CHECK(size < 800);  // an outlier costs itself, not its whole block
}

TEST_CASE("standing values cost a byte or two per block and a counter one bit per value") {
    std::size_t size = 0;
    there_and_back(std::vector<std::int64_t>(3600, 2301), &size);
    CHECK(size <= 2 + 2 * 29);
    std::vector<std::int64_t> counter;
    std::mt19937_64 random(6);
    for (int i = 0; i < 3600; ++i)
        counter.push_back((counter.empty() ? 12345678 : counter.back()) + (random() % 3 == 0));
    there_and_back(counter, &size);
    CHECK(size < 3600 / 8 + 29 * 2 + 8);
}

TEST_CASE("columns of cut, flipped or random bytes are refused or read as something, never beyond") {
    std::mt19937_64 random(7);
    std::vector<std::int64_t> values;
    for (int i = 0; i < 500; ++i) values.push_back(static_cast<std::int64_t>(random() % 1000));
    Bytes bytes;
    encode_column(values, bytes);
    std::vector<std::int64_t> out(values.size());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        ByteReader in(ByteView(bytes).first(cut));
        CHECK_FALSE(decode_column(in, out));
    }
    for (int round = 0; round < 3000; ++round) {
        Bytes hostile(random() % 400);
        for (auto& b : hostile) b = static_cast<std::uint8_t>(random());
        ByteReader in(hostile);
        (void)decode_column(in, out);
    }
}

TEST_CASE("a chunk gives back values and gaps and its head") {
    const std::vector<GapRun> gaps = {{0, 2}, {5, 1}, {9, 1}};
    const std::vector<std::int64_t> values = {10, -20, 30, lowest, highest, 7};
    const Bytes bytes = chunk_of(values, gaps, 10);
    const auto chunk = decode_chunk(7, 42, bytes);
    REQUIRE(chunk.has_value());
    CHECK(chunk->values == values);
    CHECK(chunk->gaps == gaps);
    CHECK(chunk->head.rows == 10);
    CHECK(chunk->head.timeline == 3);
    CHECK(chunk->head.resolution == Resolution{1, -1});
    std::string shape;
    for_each_row(
        10, chunk->gaps, chunk->values, [&](auto, auto) { shape += 'v'; }, [&](auto) { shape += '-'; });
    CHECK(shape == "--vvv-vvv-");
}

TEST_CASE("a chunk with any flipped bit, or in the wrong place, is corrupt") {
    const Bytes good = chunk_of({1, 2, 3, 500, 2}, {}, 5);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        CHECK_FALSE(decode_chunk(7, 42, bad).has_value());
    }
    CHECK_FALSE(decode_chunk(8, 42, good).has_value());
    CHECK_FALSE(decode_chunk(7, 43, good).has_value());
    CHECK_FALSE(decode_timeline(7, 42, good).has_value());
}

TEST_CASE("a regular timeline costs a few bytes, a jittering one half a byte per row") {
    std::mt19937_64 random(8);
    ColumnWriter regular, jitter;
    for (int i = 0; i < 3600; ++i) {
        regular.push(1'700'000'000'000 + i * 1000);
        jitter.push(1'700'000'000'000 + i * 1000 + static_cast<std::int64_t>(random() % 8));
    }
    const Bytes a = encode_timeline(1, 0, regular);
    const Bytes b = encode_timeline(1, 0, jitter);
    CHECK(a.size() < 130);
    CHECK(b.size() < 3600 * 0.6);
    const auto times = decode_timeline(1, 0, b);
    REQUIRE(times.has_value());
    CHECK(times->size() == 3600);
    CHECK(times->back() == jitter.last());
    CHECK_FALSE(decode_timeline(1, 1, b).has_value());
}

TEST_CASE("a roll-up page gives back its buckets exactly") {
    std::mt19937_64 random(9);
    for (unsigned bits : {1u, 8u, 20u, 40u, 62u}) {
        std::vector<Bucket> buckets;
        std::int64_t index = 28'333'333;
        for (int i = 0; i < 60; ++i) {
            Bucket b{index, {}};
            for (int k = 0; k < 60; ++k) b.of.add(unzigzag(random() & ((1ull << bits) - 1)));
            buckets.push_back(b);
            index += 1 + (random() % 10 == 0 ? 5 : 0);
        }
        const Bytes page = encode_rollup(4, 9, minute_ms, buckets);
        const auto back = decode_rollup(4, 9, minute_ms, page);
        REQUIRE(back.has_value());
        if (bits < 57) CHECK(*back == buckets);
        CHECK((*back)[5].of.max == buckets[5].of.max);
        CHECK_FALSE(decode_rollup(4, 9, quarter_ms, page).has_value());
        for (std::size_t cut = 0; cut < page.size(); cut += 3)
            CHECK_FALSE(decode_rollup(4, 9, minute_ms, ByteView(page).first(cut)).has_value());
    }
}

TEST_CASE("roll-ups of rows in and out of order are those of the same rows sorted") {
    Chunk chunk;
    chunk.head.rows = 6;
    chunk.gaps = {{2, 1}};
    chunk.values = {5, 9, 1, 7, 3};
    const std::vector<std::int64_t> sorted = {0, 30'000, 59'999, 60'000, 100'000, 130'000};
    const auto minutes = roll_up(sorted, chunk, minute_ms);
    REQUIRE(minutes.size() == 3);
    CHECK(minutes[0].of == Aggregate{2, 5, 9, 5, 9, 14});
    CHECK(minutes[1].of == Aggregate{2, 1, 7, 1, 7, 8});
    const std::vector<std::int64_t> turned = {100'000, 130'000, 59'999, 0, 30'000, 60'000};
    const auto again = roll_up(turned, chunk, minute_ms);
    REQUIRE(again.size() == 3);
    CHECK(again[0].of == Aggregate{2, 1, 7, 1, 7, 8});
    CHECK(again[1].of == Aggregate{2, 3, 5, 3, 5, 8});
    CHECK(widen(minutes, 15).size() == 1);
    CHECK(widen(minutes, 15)[0].of == Aggregate{5, 1, 9, 5, 3, 25});
    CHECK(floor_div(-1, 60) == -1);
}

TEST_CASE("resolutions are exact decimals") {
    CHECK(*Resolution::from(0.1) == Resolution{1, -1});
    CHECK(*Resolution::from(0.25) == Resolution{25, -2});
    CHECK(*Resolution::from(10) == Resolution{1, 1});
    CHECK(Resolution{1, -1}.value(2301) == 230.1);
    CHECK(Resolution{1, -2}.raw(-3.14) == -314);
    CHECK(Resolution{1, 0}.raw(1e300) == highest);
    for (double bad : {0.0, -1.0, 1.0 / 3, 1e-300, std::numeric_limits<double>::infinity(), std::nan("")})
        CHECK_FALSE(Resolution::from(bad).has_value());
}
