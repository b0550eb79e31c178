#include "wire/modbus_rtu.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace busbar;
using namespace busbar::wire;
using namespace std::chrono_literals;

namespace {
Bytes bytes_of(const RtuFrame& f) { return {f.view().begin(), f.view().end()}; }
}  // namespace

TEST_CASE("frames carry the published checksums, low byte first") {
    struct Case {
        Bytes body, crc;
    };
    const Case cases[] = {
        {{0x01, 0x03, 0x00, 0x00, 0x00, 0x0A}, {0xC5, 0xCD}},
        {{0x11, 0x03, 0x00, 0x6B, 0x00, 0x03}, {0x76, 0x87}},
        {{0x01, 0x06, 0x00, 0x01, 0x00, 0x03}, {0x98, 0x0B}},
        {{0x01, 0x83, 0x02}, {0xC0, 0xF1}},
    };
    for (const Case& c : cases) {
        Bytes whole = c.body;
        whole.insert(whole.end(), c.crc.begin(), c.crc.end());
        CHECK(bytes_of(encode_rtu(c.body[0], ByteView(c.body).subspan(1))) == whole);
        const auto content = decode_rtu(whole);
        REQUIRE(content);
        CHECK(content->unit == c.body[0]);
        CHECK(Bytes(content->pdu.begin(), content->pdu.end()) == Bytes(c.body.begin() + 1, c.body.end()));
    }
}

TEST_CASE("any single wrong bit, missing or added byte is noticed") {
    const RtuFrame good = encode_rtu(17, encode_read(Function::read_holding, 0x6B, 3).view());
    Bytes frame = bytes_of(good);
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
        frame[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        CHECK_FALSE(decode_rtu(frame));
        frame[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
    for (std::size_t n = 0; n < frame.size(); ++n) CHECK_FALSE(decode_rtu(ByteView(frame).first(n)));
    // A zero byte behind a frame is the one addition this checksum cannot see; lengths catch it (check_answer).
    const Request asked{.function = Function::read_holding, .count = 1};
    const std::uint16_t word[] = {7};
    Bytes answer = bytes_of(encode_rtu(17, encode_registers_answer(Function::read_holding, word).view()));
    for (int added = 1; added < 256; ++added) {
        frame.push_back(static_cast<std::uint8_t>(added));
        CHECK_FALSE(decode_rtu(frame));
        frame.pop_back();
    }
    answer.push_back(0);
    REQUIRE(decode_rtu(answer));
    CHECK(check_answer(decode_rtu(answer)->pdu, asked).kind == AnswerCheck::Kind::mismatch);
    CHECK_FALSE(decode_rtu(Bytes(257)));
}

TEST_CASE("the length of a request is known from its beginning, never guessed wrong") {
    const Bytes six(6);
    const Request write{.function = Function::write_registers, .address = 1, .count = 3, .data = six};
    const Request exchange{
        .function = Function::read_write, .address = 1, .count = 9, .write_address = 5, .write_count = 3, .data = six};
    for (const Request& r : {Request{.function = Function::read_input, .count = 4}, write, exchange,
                             Request{.function = Function::mask_write}, Request{.function = Function::write_coil}}) {
        const RtuFrame frame = encode_rtu(3, encode_request(r).view());
        for (std::size_t n = 0; n <= frame.size; ++n) {
            const auto size = rtu_request_size(frame.view().first(n));
            if (size) CHECK(*size == frame.size);
        }
        CHECK(rtu_request_size(frame.view()) == frame.size);
    }
    CHECK(rtu_request_size(Bytes{3, 0x63, 1, 2}) == 4u);
}

TEST_CASE("the length of an answer follows from the request, an exception's from itself") {
    const Request read{.function = Function::read_holding, .count = 50};
    CHECK(rtu_answer_size({}, read) == 105);
    CHECK(rtu_answer_size(Bytes{1, 3}, read) == 105);
    CHECK(rtu_answer_size(Bytes{1, 0x83}, read) == 5);
    CHECK(rtu_answer_size({}, Request{.function = Function::write_registers, .count = 9}) == 8);
}

TEST_CASE("character and gap times are those of the specification") {
    CHECK(rtu_character_time(9600, 10) == 1041667ns);
    CHECK(rtu_character_time(9600, 11) == 1145834ns);
    CHECK(rtu_gap(9600, 11) == 4010417ns);
    CHECK(rtu_gap(19200, 11) == 2005209ns);
    CHECK(rtu_gap(19201, 11) == 1750us);
    CHECK(rtu_gap(115200, 10) == 1750us);
}

TEST_CASE("frames survive encoding and decoding") {
    std::mt19937 random(2);
    for (int i = 0; i < 5000; ++i) {
        Bytes pdu(1 + random() % max_pdu_size);
        for (auto& b : pdu) b = static_cast<std::uint8_t>(random());
        const auto unit = static_cast<std::uint8_t>(random());
        const RtuFrame frame = encode_rtu(unit, pdu);
        const auto back = decode_rtu(frame.view());
        REQUIRE(back);
        CHECK(back->unit == unit);
        CHECK(Bytes(back->pdu.begin(), back->pdu.end()) == pdu);
    }
}
