// A server decodes anything a client may send; what it accepts must encode back to the same bytes.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "wire/file_record.hpp"
#include "wire/modbus_pdu.hpp"
#include "wire/modbus_rtu.hpp"

using namespace busbar;
using namespace busbar::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    if (const auto request = decode_request(bytes)) {
        const Pdu again = encode_request(*request);
        if (!std::ranges::equal(again.view(), bytes)) std::abort();
        if (!request->is_read() &&
            check_answer(encode_write_answer(*request).view(), *request).kind != AnswerCheck::Kind::good)
            std::abort();
    }
    if (const auto record = decode_file_request(bytes)) {
        if (!std::ranges::equal(encode_file_request(*record).view(), bytes)) std::abort();
        const std::array<std::uint8_t, max_pdu_size> zeros{};
        const Pdu answer =
            encode_file_answer(*record, ByteView(zeros).first(record->is_write ? 0 : 2u * record->count));
        if (check_file_answer(answer.view(), *record).kind != AnswerCheck::Kind::good) std::abort();
    }
    if (const auto length = rtu_request_size(bytes); length && *length <= size) (void)decode_rtu(bytes.first(*length));
    return 0;
}
