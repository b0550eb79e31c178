#include "wire/modbus_pdu.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace busbar;
using namespace busbar::wire;

namespace {

Bytes bytes_of(const Pdu& pdu) { return {pdu.view().begin(), pdu.view().end()}; }

struct RandomRequest {
    Request request;
    Bytes data;
};

// Any request that the protocol allows, with its data.
RandomRequest random_request(std::mt19937& random) {
    static constexpr Function functions[] = {Function::read_coils,  Function::read_discretes,  Function::read_holding,
                                             Function::read_input,  Function::write_coil,      Function::write_register,
                                             Function::write_coils, Function::write_registers, Function::mask_write,
                                             Function::read_write};
    const auto up_to = [&](unsigned n) { return static_cast<std::uint16_t>(random() % n); };
    RandomRequest out;
    Request& r = out.request;
    r.function = functions[random() % std::size(functions)];
    r.value = up_to(65536);
    switch (r.function) {
        case Function::read_coils:
        case Function::read_discretes:
            r.count = 1 + up_to(max_read_bits);
            break;
        case Function::read_holding:
        case Function::read_input:
            r.count = 1 + up_to(max_read_registers);
            break;
        case Function::write_coil:
            r.value = random() % 2 ? coil_on : coil_off;
            break;
        case Function::write_register:
            break;
        case Function::mask_write:
            r.or_mask = up_to(65536);
            break;
        case Function::write_coils:
            r.count = 1 + up_to(max_write_bits);
            out.data.resize((r.count + 7u) / 8);
            break;
        case Function::write_registers:
            r.count = 1 + up_to(max_write_registers);
            out.data.resize(2u * r.count);
            break;
        case Function::read_write:
            r.count = 1 + up_to(max_read_registers);
            r.write_count = 1 + up_to(max_exchange_write_registers);
            r.write_address = up_to(65537u - r.write_count);
            out.data.resize(2u * r.write_count);
            break;
    }
    r.address = up_to(65537u - r.count);
    for (auto& b : out.data) b = static_cast<std::uint8_t>(random());
    return out;
}

// What a well-behaved server says to a request.
Pdu answer_to(const Request& r, std::mt19937& random) {
    if (!r.is_read()) return encode_write_answer(r);
    if (r.function <= Function::read_discretes) {
        Bytes packed((r.count + 7u) / 8);
        for (auto& b : packed) b = static_cast<std::uint8_t>(random());
        return encode_bits_answer(r.function, packed);
    }
    std::vector<std::uint16_t> words(r.count);
    for (auto& w : words) w = static_cast<std::uint16_t>(random());
    return encode_registers_answer(r.function, words);
}

void check_same(const Request& a, const Request& b) {
    CHECK(a.function == b.function);
    CHECK(a.address == b.address);
    if (a.is_read() || !b.data.empty()) CHECK(a.count == b.count);
    if (!a.is_read() && b.data.empty()) CHECK(a.value == b.value);
    CHECK(a.or_mask == b.or_mask);
    CHECK(a.write_address == b.write_address);
    CHECK(a.write_count == b.write_count);
    CHECK(std::vector(a.data.begin(), a.data.end()) == std::vector(b.data.begin(), b.data.end()));
}

}  // namespace

TEST_CASE("requests look as the specification prints them") {
    CHECK(bytes_of(encode_read(Function::read_holding, 0x006B, 3)) == Bytes{0x03, 0x00, 0x6B, 0x00, 0x03});
    CHECK(bytes_of(encode_read(Function::read_coils, 0x0013, 0x13)) == Bytes{0x01, 0x00, 0x13, 0x00, 0x13});
    CHECK(bytes_of(encode_write_register(1, 3)) == Bytes{0x06, 0x00, 0x01, 0x00, 0x03});
    const std::uint16_t two[] = {0x000A, 0x0102};
    CHECK(bytes_of(encode_write_registers(1, two)) ==
          Bytes{0x10, 0x00, 0x01, 0x00, 0x02, 0x04, 0x00, 0x0A, 0x01, 0x02});
    CHECK(bytes_of(encode_request({.function = Function::mask_write, .address = 4, .value = 0xF2, .or_mask = 0x25})) ==
          Bytes{0x16, 0x00, 0x04, 0x00, 0xF2, 0x00, 0x25});
    CHECK(bytes_of(encode_request({.function = Function::write_coil, .address = 0xAC, .value = coil_on})) ==
          Bytes{0x05, 0x00, 0xAC, 0xFF, 0x00});
}

TEST_CASE("answers look as the specification prints them") {
    const std::uint16_t three[] = {0x022B, 0x0000, 0x0064};
    const Pdu answer = encode_registers_answer(Function::read_holding, three);
    CHECK(bytes_of(answer) == Bytes{0x03, 0x06, 0x02, 0x2B, 0x00, 0x00, 0x00, 0x64});
    std::uint16_t words[3] = {};
    copy_registers(answer.view(), words);
    CHECK(words[0] == 0x022B);
    CHECK(words[2] == 0x0064);
    CHECK(bytes_of(encode_exception(3, ExceptionCode::illegal_data_address)) == Bytes{0x83, 0x02});
    const Bytes coils = {0xCD, 0x6B, 0x05};
    const Pdu bits = encode_bits_answer(Function::read_coils, coils);
    CHECK(bytes_of(bits) == Bytes{0x01, 0x03, 0xCD, 0x6B, 0x05});
    CHECK(answer_bit(bits.view(), 0));
    CHECK_FALSE(answer_bit(bits.view(), 1));
    CHECK(answer_bit(bits.view(), 18));
}

TEST_CASE("an answer is held against its request") {
    using Kind = AnswerCheck::Kind;
    struct Case {
        const char* name;
        Request request;
        Bytes answer;
        AnswerCheck want;
    };
    const Request read{.function = Function::read_holding, .address = 10, .count = 2};
    const Request write{.function = Function::write_registers, .address = 10, .count = 2};
    const Request single{.function = Function::write_register, .address = 10, .value = 7};
    const Case cases[] = {
        {"two registers", read, {3, 4, 0, 1, 0, 2}, {Kind::good, 0}},
        {"refused", read, {0x83, 2}, {Kind::exception, 2}},
        {"a maker's own code", read, {0x83, 0x80}, {Kind::exception, 0x80}},
        {"another function", read, {4, 4, 0, 1, 0, 2}, {}},
        {"another function's exception", read, {0x84, 2}, {}},
        {"one register too few", read, {3, 2, 0, 1}, {}},
        {"one register too many", read, {3, 6, 0, 1, 0, 2, 0, 3}, {}},
        {"byte count lies", read, {3, 6, 0, 1, 0, 2}, {}},
        {"cut", read, {3, 4, 0, 1, 0}, {}},
        {"exception with a tail", read, {0x83, 2, 0}, {}},
        {"empty", read, {}, {}},
        {"one byte", read, {3}, {}},
        {"written", write, {16, 0, 10, 0, 2}, {Kind::good, 0}},
        {"written elsewhere", write, {16, 0, 11, 0, 2}, {}},
        {"fewer written", write, {16, 0, 10, 0, 1}, {}},
        {"echo", single, {6, 0, 10, 0, 7}, {Kind::good, 0}},
        {"echo of another value", single, {6, 0, 10, 0, 8}, {}},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.name));
        CHECK(check_answer(c.answer, c.request) == c.want);
    }
}

TEST_CASE("a server refuses what the protocol forbids, with the right code") {
    struct Case {
        const char* name;
        Bytes pdu;
        ExceptionCode want;
    };
    const Case cases[] = {
        {"empty", {}, ExceptionCode::illegal_function},
        {"unknown function", {0x63, 0, 0}, ExceptionCode::illegal_function},
        {"an answer", {0x83, 2}, ExceptionCode::illegal_function},
        {"no register", {3, 0, 0, 0, 0}, ExceptionCode::illegal_data_value},
        {"126 registers", {3, 0, 0, 0, 126}, ExceptionCode::illegal_data_value},
        {"2001 coils", {1, 0, 0, 0x07, 0xD1}, ExceptionCode::illegal_data_value},
        {"cut", {3, 0, 0, 0}, ExceptionCode::illegal_data_value},
        {"a tail", {3, 0, 0, 0, 1, 0}, ExceptionCode::illegal_data_value},
        {"past the last address", {3, 0xFF, 0xFF, 0, 2}, ExceptionCode::illegal_data_address},
        {"coil neither on nor off", {5, 0, 0, 0x12, 0x34}, ExceptionCode::illegal_data_value},
        {"byte count lies", {16, 0, 0, 0, 1, 4, 0, 1, 0, 2}, ExceptionCode::illegal_data_value},
        {"fewer bytes than announced", {16, 0, 0, 0, 2, 4, 0, 1, 0}, ExceptionCode::illegal_data_value},
        {"write past the last address", {16, 0xFF, 0xFF, 0, 2, 4, 0, 1, 0, 2}, ExceptionCode::illegal_data_address},
        {"mask write cut", {22, 0, 1, 0, 1}, ExceptionCode::illegal_data_value},
        {"read and write, write count lies", {23, 0, 1, 0, 1, 0, 1, 0, 2, 2, 0, 1}, ExceptionCode::illegal_data_value},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.name));
        const DecodedRequest r = decode_request(c.pdu);
        REQUIRE(r.has_error());
        CHECK(r.error() == c.want);
    }
    CHECK(decode_request(Bytes{3, 0xFF, 0xFF, 0, 1}).has_value());  // the last register itself
}

TEST_CASE("decoding undoes encoding, and every answer fits its own request") {
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        CAPTURE(i);
        RandomRequest made = random_request(random);
        made.request.data = made.data;
        const Pdu pdu = encode_request(made.request);
        const DecodedRequest back = decode_request(pdu.view());
        REQUIRE(back.has_value());
        check_same(*back, made.request);
        CHECK(bytes_of(encode_request(*back)) == bytes_of(pdu));

        const Pdu answer = answer_to(*back, random);
        CHECK(answer.size == answer_size(*back));
        CHECK(check_answer(answer.view(), made.request).kind == AnswerCheck::Kind::good);
        const ByteView cut = answer.view().first(random() % answer.size);
        CHECK(check_answer(cut, made.request).kind == AnswerCheck::Kind::mismatch);
    }
}

TEST_CASE("every listed exception has a name") {
    for (int code : {1, 2, 3, 4, 5, 6, 10, 11}) CHECK(exception_name(static_cast<std::uint8_t>(code)) != "unknown");
    CHECK(exception_name(0x80) == "unknown");
}
