// A client judges any bytes as the answer to any request: the first eleven bytes make the request, the rest the answer.
#include <cstdint>
#include <cstdlib>

#include "wire/modbus_pdu.hpp"
#include "wire/modbus_rtu.hpp"

using namespace busbar;
using namespace busbar::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader in({data, size});
    Request request;
    request.function = static_cast<Function>(in.u8());
    request.address = in.u16_be();
    request.count = in.u16_be();
    request.value = in.u16_be();
    request.or_mask = in.u16_be();
    const ByteView answer = in.take(in.left());
    if (!in.ok()) return 0;
    const AnswerCheck check = check_answer(answer, request);
    if (check.kind == AnswerCheck::Kind::good && answer.size() != answer_size(request)) std::abort();
    std::uint16_t words[max_read_registers] = {};
    copy_registers(answer, words);
    if (const auto frame = decode_rtu(answer)) {
        if (frame->pdu.size() + rtu_overhead != answer.size()) std::abort();
        (void)check_answer(frame->pdu, request);
    }
    (void)rtu_answer_size(answer, request);
    return 0;
}
