#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "profile/codec/decode.hpp"
#include "profile/codec/encode.hpp"

using namespace busbar;
using namespace busbar::profile;
using model::Role;

namespace {

constexpr ValueType all_types[] = {ValueType::u16, ValueType::s16, ValueType::u32, ValueType::s32,
                                   ValueType::u64, ValueType::s64, ValueType::f32, ValueType::f64};

Encoding encoding_of(ValueType type, Scale scale = {}, std::vector<std::uint64_t> invalid = {},
                     WordOrder words = WordOrder::high_first) {
    return {type, words, scale, std::move(invalid), std::nullopt};
}
std::optional<double> decoded(const Encoding& e, std::vector<std::uint16_t> words, int exponent = 0) {
    return decode_words(e, words, exponent);
}
Point point_at(std::uint16_t offset, Encoding encoding) {
    return {{Role::ac_power, 0},
            {Table::holding, offset, 0},
            std::nullopt,
            std::move(encoding),
            PollClass::critical,
            1,
            {},
            0};
}
// Registers a device would show, as one answer that starts at `first`.
std::vector<std::uint16_t> image(const std::vector<RegisterWrite>& writes, std::uint16_t first, std::size_t count) {
    std::vector<std::uint16_t> words(count, 0);
    for (const RegisterWrite& w : writes)
        for (std::uint16_t i = 0; i < w.words.count; ++i) words.at(w.address - first + i) = w.words.word[i];
    return words;
}

}  // namespace

TEST_CASE("registers become numbers as the documents say") {
    CHECK(decoded(encoding_of(ValueType::u16, {1, 10}), {2301}) == 230.1);
    CHECK(decoded(encoding_of(ValueType::s16), {0xFFFE}) == -2);
    CHECK(decoded(encoding_of(ValueType::u32, {10, 1}), {0x0001, 0x86A0}) == 1000000);
    CHECK(decoded(encoding_of(ValueType::s32), {0xFFFF, 0xFC18}) == -1000);
    CHECK(decoded(encoding_of(ValueType::s32, {}, {}, WordOrder::low_first), {0xFC18, 0xFFFF}) == -1000);
    CHECK(decoded(encoding_of(ValueType::s32, {-1, 1}), {0xFFFF, 0xFC18}) == 1000);
    CHECK(decoded(encoding_of(ValueType::f32), {0x4366, 0x3333}) == doctest::Approx(230.2).epsilon(1e-7));
    CHECK(decoded(encoding_of(ValueType::f64), {0x4069, 0x0000, 0x0000, 0x0000}) == 200);
    CHECK(decoded(encoding_of(ValueType::u64), {0, 1, 0, 0}) == 4294967296.0);
    CHECK(decoded(encoding_of(ValueType::u16), {1234}, -2) == 12.34);
    CHECK(decoded(encoding_of(ValueType::u16), {12}, 3) == 12000);
}

TEST_CASE("what is not available is unknown, never a number") {
    CHECK_FALSE(decoded(encoding_of(ValueType::u16, {}, {0xFFFF}), {0xFFFF}));
    CHECK_FALSE(decoded(encoding_of(ValueType::s32, {}, {0x7FFFFFFF, 0x80000000}), {0x8000, 0}));
    CHECK_FALSE(decoded(encoding_of(ValueType::s32, {}, {0x80000000}, WordOrder::low_first), {0, 0x8000}));
    CHECK_FALSE(decoded(encoding_of(ValueType::f32), {0x7FC0, 0}));
    CHECK_FALSE(decoded(encoding_of(ValueType::f32), {0x7F80, 0}));
    CHECK_FALSE(decoded(encoding_of(ValueType::f64), {0x7FF8, 0, 0, 0}));
    CHECK_FALSE(decoded(encoding_of(ValueType::u16), {5}, -32768));  // scale factor "not implemented"
    CHECK_FALSE(decoded(encoding_of(ValueType::u16), {5}, 11));
    CHECK_FALSE(decoded(encoding_of(ValueType::u32), {5}));  // too few registers
}

TEST_CASE("a flipped sign does not make a negative zero") {
    const auto zero = decoded(encoding_of(ValueType::s16, {-1, 1}), {0});
    REQUIRE(zero);
    CHECK_FALSE(std::signbit(*zero));
}

TEST_CASE("encode is the inverse of decode for every type, order and scale") {
    std::mt19937_64 random(20240611);
    const Scale scales[] = {{1, 1}, {-1, 1}, {1, 10}, {-1, 1000}, {100, 1}, {1000, 1}};
    for (const ValueType type : all_types)
        for (const WordOrder order : {WordOrder::high_first, WordOrder::low_first})
            for (const Scale& scale : scales)
                for (int i = 0; i < 200; ++i) {
                    const Encoding e = encoding_of(type, scale, {}, order);
                    Words raw;
                    raw.count = words_of(type);
                    for (auto& w : raw.word) w = static_cast<std::uint16_t>(random());
                    // raw * 1000 beyond 2^53 is no longer exact in a double.
                    if (raw.count == 4 && !is_float(type)) {
                        raw.word[order == WordOrder::high_first ? 0 : 3] = 0;
                        raw.word[order == WordOrder::high_first ? 1 : 2] %= 1024;
                    }
                    const auto value = decode_words(e, raw.view());
                    if (!value || (is_float(type) && std::fabs(*value) < 1e-30)) continue;
                    const auto back = encode_words(e, *value);
                    if (is_float(type) && !back) continue;  // the sign or scale left the type's range
                    REQUIRE(back.has_value());
                    REQUIRE(back->count == raw.count);
                    const auto again = decode_words(e, back->view());
                    REQUIRE(again);
                    if (is_float(type))
                        CHECK(*again == doctest::Approx(*value).epsilon(1e-6));
                    else
                        CHECK(std::equal(back->view().begin(), back->view().end(), raw.view().begin()));
                }
}

TEST_CASE("a value that does not fit, or would read as unknown, is refused") {
    CHECK_FALSE(encode_words(encoding_of(ValueType::u16), -1).has_value());
    CHECK_FALSE(encode_words(encoding_of(ValueType::u16), 65536).has_value());
    CHECK_FALSE(encode_words(encoding_of(ValueType::s16, {1, 10}), 3276.8).has_value());
    CHECK(encode_words(encoding_of(ValueType::s16, {1, 10}), -3276.8).has_value());
    CHECK_FALSE(encode_words(encoding_of(ValueType::u16, {}, {0xFFFF}), 65535).has_value());
    CHECK_FALSE(encode_words(encoding_of(ValueType::f64), std::nan("")).has_value());
    CHECK_FALSE(encode_words(encoding_of(ValueType::f32), 1e300).has_value());
    CHECK_FALSE(encode_words(encoding_of(ValueType::s32), std::numeric_limits<double>::infinity()).has_value());
    CHECK_FALSE(encode_raw(ValueType::u16, WordOrder::high_first, 65536).has_value());
    CHECK_FALSE(encode_raw(ValueType::u16, WordOrder::high_first, -1).has_value());
    CHECK(encode_raw(ValueType::s32, WordOrder::low_first, -2)->word[0] == 0xFFFE);
    for (const ValueType type : all_types) {
        CHECK_FALSE(encode_words(encoding_of(type), 1e40 * 1e300).has_value());
        const bool has_unknown = is_float(type);
        CHECK(encode(point_at(5, encoding_of(type)), std::nullopt).has_value() == has_unknown);
    }
}

TEST_CASE("a point with one register per direction is their difference, both ways") {
    Point point = point_at(1009, encoding_of(ValueType::u32, {1, 10}, {0xFFFFFFFF}));
    point.less = 1011;
    CHECK(span_of(point).first == 1009);
    CHECK(span_of(point).last == 1012);
    for (const double power : {0.0, 1234.5, -987.6}) {
        const auto writes = encode(point, power);
        REQUIRE(writes.has_value());
        const auto words = image(*writes, 1009, 4);
        CHECK(decode(point, 1009, words) == power);
    }
    CHECK(decode(point, 1009, std::vector<std::uint16_t>{0, 500, 0, 200}) == 30);
    CHECK_FALSE(decode(point, 1009, std::vector<std::uint16_t>{0, 500, 0xFFFF, 0xFFFF}));
    CHECK_FALSE(decode(point, 1009, std::vector<std::uint16_t>{0, 500, 0}));
    CHECK_FALSE(decode(point, 1010, std::vector<std::uint16_t>(10)));
}

TEST_CASE("a point with an exponent register carries it in the same answer") {
    Point point = point_at(14, encoding_of(ValueType::s16, {}, {0x8000}));
    point.encoding.exponent = 15;
    CHECK(decode(point, 10, std::vector<std::uint16_t>{0, 0, 0, 0, 123, 0xFFFF}) == 12.3);
    CHECK_FALSE(decode(point, 10, std::vector<std::uint16_t>{0, 0, 0, 0, 123, 0x8000}));
    point.resolution = 0.01;
    CHECK(typical_exponent(point) == -2);
    point.resolution = 10;
    CHECK(typical_exponent(point) == 1);
    point.resolution = 0.1;
    const auto writes = encode(point, -45.6);
    REQUIRE(writes.has_value());
    CHECK(decode(point, 14, image(*writes, 14, 2)) == -45.6);
    CHECK_FALSE(decode(point, 14, image(*encode(point, std::nullopt), 14, 2)));
}

TEST_CASE("device text is cut at NUL and cleaned") {
    CHECK(decode_text(std::vector<std::uint16_t>{0x5355, 0x4E32, 0x3030, 0x3000, 0x4141}) == "SUN2000");
    CHECK(decode_text(std::vector<std::uint16_t>{0x2041, 0x1B5B, 0xFF42, 0x2020}) == "A[B");
    CHECK(decode_text(std::vector<std::uint16_t>{0x2020}).empty());
    CHECK(decode_text(std::vector<std::uint16_t>(125, 0x4141)).size() == 64);
}

TEST_CASE("a number that stands for a text") {
    TextRead code{{Table::holding, 0xFC02}, 1, {}, 0, Encoding{}, {{0x20, "SDM120"}, {0x70, "SDM630"}}};
    const auto told = [](const TextRead& text, std::vector<std::uint16_t> words) { return decode_text(text, words); };
    CHECK(told(code, {0x70}) == "SDM630");
    CHECK(told(code, {0x71}).empty());  // a code nobody told us
    CHECK(told(code, {0}).empty());
    CHECK(told(code, {0x70, 0}).empty());  // not as long as the number
    TextRead serial{{Table::holding, 0xFC00}, 2, {}, 0, Encoding{.type = ValueType::u32}, {}};
    CHECK(told(serial, {0x0131, 0x2D04}) == "20000004");
    CHECK(told(serial, {0, 0}).empty());
    CHECK(told(serial, {0xFFFF, 0xFFFF}).empty());
    serial.number->words = WordOrder::low_first;
    CHECK(told(serial, {0x2D04, 0x0131}) == "20000004");
}
