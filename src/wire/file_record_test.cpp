#include "wire/file_record.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "wire/modbus_rtu.hpp"

using namespace busbar;
using namespace busbar::wire;

namespace {

bool same(ByteView a, const std::vector<std::uint8_t>& b) { return std::ranges::equal(a, b); }

}  // namespace

TEST_CASE("a record is written and read as the document's examples have it") {
    // 6.15: three registers to file 4, from record 7 on.
    const std::vector<std::uint8_t> data{0x06, 0xAF, 0x04, 0xBE, 0x10, 0x0D};
    const FileRecord write{true, 4, 7, 3, data};
    const std::vector<std::uint8_t> request{0x15, 0x0D, 0x06, 0x00, 0x04, 0x00, 0x07, 0x00,
                                            0x03, 0x06, 0xAF, 0x04, 0xBE, 0x10, 0x0D};
    CHECK(same(encode_file_request(write).view(), request));
    const auto decoded = decode_file_request(request);
    REQUIRE(decoded.has_value());
    CHECK(decoded->is_write);
    CHECK(decoded->file == 4);
    CHECK(decoded->record == 7);
    CHECK(same(decoded->data, data));
    CHECK(check_file_answer(encode_file_answer(*decoded, {}).view(), write).kind == AnswerCheck::Kind::good);
    // 6.14: two registers of file 4, from record 1 on.
    const FileRecord read{false, 4, 1, 2, {}};
    CHECK(same(encode_file_request(read).view(), {0x14, 0x07, 0x06, 0x00, 0x04, 0x00, 0x01, 0x00, 0x02}));
    const std::vector<std::uint8_t> held{0x0D, 0xFE, 0x00, 0x20};
    const Pdu answer = encode_file_answer(read, held);
    CHECK(same(answer.view(), {0x14, 0x06, 0x05, 0x06, 0x0D, 0xFE, 0x00, 0x20}));
    CHECK(check_file_answer(answer.view(), read).kind == AnswerCheck::Kind::good);
    CHECK(same(file_answer_data(answer.view()), held));
}

TEST_CASE("the longest records fill a PDU, and a serial server knows where they end") {
    const std::vector<std::uint8_t> data(2 * max_record_write, 0xAB);
    const Pdu longest = encode_file_request({true, 65535, last_record, max_record_write, data});
    CHECK(longest.size == max_pdu_size);
    CHECK(decode_file_request(longest.view()).has_value());
    std::vector<std::uint8_t> frame{7};
    frame.insert(frame.end(), longest.view().begin(), longest.view().end());
    CHECK(rtu_request_size(ByteView(frame).first(5)) == 256u);
    CHECK_FALSE(rtu_request_size(ByteView(frame).first(2)).has_value());
    const FileRecord read{false, 1, 0, max_record_read, {}};
    CHECK(encode_file_answer(read, std::vector<std::uint8_t>(2 * max_record_read)).size <= max_pdu_size);
}

TEST_CASE("what is no request for one record is refused") {
    const auto code = [](std::vector<std::uint8_t> pdu) {
        const auto decoded = decode_file_request(pdu);
        return decoded ? 0 : static_cast<int>(decoded.error());
    };
    CHECK(code({}) == 1);
    CHECK(code({0x14}) == 3);
    CHECK(code({0x03, 0, 1, 0, 1}) == 1);
    CHECK(code({0x14, 0x07, 0x06, 0, 4, 0, 1, 0, 2}) == 0);
    CHECK(code({0x14, 0x06, 0x06, 0, 4, 0, 1, 0}) == 3);                       // too short
    CHECK(code({0x14, 0x08, 0x06, 0, 4, 0, 1, 0, 2}) == 3);                    // length does not hold
    CHECK(code({0x14, 0x07, 0x07, 0, 4, 0, 1, 0, 2}) == 2);                    // reference type
    CHECK(code({0x14, 0x07, 0x06, 0, 0, 0, 1, 0, 2}) == 2);                    // file 0
    CHECK(code({0x14, 0x07, 0x06, 0, 4, 0x27, 0x10, 0, 2}) == 2);              // record 10000
    CHECK(code({0x14, 0x07, 0x06, 0, 4, 0, 1, 0, 0}) == 3);                    // no register
    CHECK(code({0x14, 0x07, 0x06, 0, 4, 0, 1, 0, 122}) == 3);                  // more than fit
    CHECK(code({0x14, 0x0E, 6, 0, 4, 0, 1, 0, 2, 6, 0, 3, 0, 9, 0, 2}) == 1);  // two records
    CHECK(code({0x15, 0x09, 0x06, 0, 4, 0, 7, 0, 2, 0, 1}) == 3);              // less data than said
}

TEST_CASE("an answer to another record is no answer") {
    const std::vector<std::uint8_t> data{1, 2}, other{1, 3};
    const FileRecord asked{true, 4, 7, 1, data};
    using Kind = AnswerCheck::Kind;
    CHECK(check_file_answer(encode_file_request({true, 4, 8, 1, data}).view(), asked).kind == Kind::mismatch);
    CHECK(check_file_answer(encode_file_request({true, 4, 7, 1, other}).view(), asked).kind == Kind::mismatch);
    const std::vector<std::uint8_t> busy{0x95, 6}, foreign{0x94, 6};
    CHECK(check_file_answer(busy, asked) == AnswerCheck{Kind::exception, 6});
    CHECK(check_file_answer(foreign, asked).kind == Kind::mismatch);
    CHECK(check_file_answer({}, asked).kind == Kind::mismatch);
    const FileRecord read{false, 4, 1, 2, {}};
    CHECK(check_file_answer(std::vector<std::uint8_t>{0x14, 6, 5, 7, 1, 2, 3, 4}, read).kind == Kind::mismatch);
    CHECK(check_file_answer(std::vector<std::uint8_t>{0x14, 4, 3, 6, 1, 2}, read).kind == Kind::mismatch);
    CHECK(file_answer_data({}).empty());
}
