#include "wire/file_record.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace busbar::wire {
namespace {

constexpr std::uint8_t reference_type = 6;
constexpr std::size_t sub_request_size = 7;  // type, file, record, count

void put_u8(Pdu& pdu, std::uint8_t v) { pdu.bytes[pdu.size++] = v; }
void put_u16(Pdu& pdu, std::uint16_t v) {
    put_u8(pdu, static_cast<std::uint8_t>(v >> 8));
    put_u8(pdu, static_cast<std::uint8_t>(v & 0xFF));
}
void put_bytes(Pdu& pdu, ByteView data) {
    std::copy(data.begin(), data.end(), pdu.bytes.begin() + pdu.size);
    pdu.size = static_cast<std::uint16_t>(pdu.size + data.size());
}
Pdu begin(std::uint8_t function, std::size_t length) {
    Pdu pdu;
    put_u8(pdu, function);
    put_u8(pdu, static_cast<std::uint8_t>(length));
    return pdu;
}
std::uint16_t most(bool is_write) { return is_write ? max_record_write : max_record_read; }

}  // namespace

Pdu encode_file_request(const FileRecord& r) {
    BUSBAR_ASSERT(r.file != 0 && r.record <= last_record && r.count >= 1 && r.count <= most(r.is_write));
    BUSBAR_ASSERT(r.data.size() == (r.is_write ? 2u * r.count : 0u));
    Pdu pdu = begin(r.is_write ? write_file_record : read_file_record, sub_request_size + r.data.size());
    put_u8(pdu, reference_type);
    put_u16(pdu, r.file);
    put_u16(pdu, r.record);
    put_u16(pdu, r.count);
    put_bytes(pdu, r.data);
    return pdu;
}

AnswerCheck check_file_answer(ByteView pdu, const FileRecord& asked) {
    const std::uint8_t function = asked.is_write ? write_file_record : read_file_record;
    if (pdu.size() == 2 && pdu[0] == (function | exception_bit)) return {AnswerCheck::Kind::exception, pdu[1]};
    if (asked.is_write) {
        const Pdu echo = encode_file_request(asked);
        const bool is_echo = std::ranges::equal(pdu, echo.view());
        return {is_echo ? AnswerCheck::Kind::good : AnswerCheck::Kind::mismatch, 0};
    }
    const std::size_t data = 2u * asked.count;
    const bool fits = pdu.size() == 4 + data && pdu[0] == function && pdu[1] == data + 2 && pdu[2] == data + 1 &&
                      pdu[3] == reference_type;
    return {fits ? AnswerCheck::Kind::good : AnswerCheck::Kind::mismatch, 0};
}

ByteView file_answer_data(ByteView pdu) { return pdu.size() > 4 ? pdu.subspan(4) : ByteView{}; }

boost::system::result<FileRecord, ExceptionCode> decode_file_request(ByteView pdu) {
    ByteReader in(pdu);
    const std::uint8_t function = in.u8();
    if (function != read_file_record && function != write_file_record) return ExceptionCode::illegal_function;
    FileRecord r;
    r.is_write = function == write_file_record;
    const std::size_t length = in.u8();
    if (!in.ok() || length != in.left() || length < sub_request_size) return ExceptionCode::illegal_data_value;
    const std::uint8_t type = in.u8();
    r.file = in.u16_be();
    r.record = in.u16_be();
    r.count = in.u16_be();
    if (r.count == 0 || r.count > most(r.is_write)) return ExceptionCode::illegal_data_value;
    const std::size_t data = r.is_write ? 2u * r.count : 0u;
    if (in.left() < data) return ExceptionCode::illegal_data_value;
    if (in.left() > data) return ExceptionCode::illegal_function;
    r.data = in.take(data);
    if (type != reference_type || r.file == 0 || r.record > last_record) return ExceptionCode::illegal_data_address;
    return r;
}

Pdu encode_file_answer(const FileRecord& asked, ByteView data) {
    if (asked.is_write) return encode_file_request(asked);
    BUSBAR_ASSERT(data.size() == 2u * asked.count);
    Pdu pdu = begin(read_file_record, data.size() + 2);
    put_u8(pdu, static_cast<std::uint8_t>(data.size() + 1));
    put_u8(pdu, reference_type);
    put_bytes(pdu, data);
    return pdu;
}

}  // namespace busbar::wire
