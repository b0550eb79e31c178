#pragma once
// Modbus functions 20 and 21, read and write file record: one record (sub-request) per request, both directions. Used
// to carry firmware to devices, and by simulated devices. Pure, as modbus_pdu.hpp. Source: MODBUS Application Protocol
// V1.1b3, 6.14 and 6.15.
//
// A record is `count` registers of file `file`, addressed by `record` (0..9999).
#include <boost/system/result.hpp>
#include <cstdint>

#include "wire/modbus_pdu.hpp"

namespace busbar::wire {

inline constexpr std::uint8_t read_file_record = 20, write_file_record = 21;
inline constexpr std::uint16_t last_record = 9999;
inline constexpr std::uint16_t max_record_read = 121, max_record_write = 122;  // registers that fit into one PDU

struct FileRecord {
    bool is_write = false;
    std::uint16_t file = 1;    // 1..65535
    std::uint16_t record = 0;  // 0..9999
    std::uint16_t count = 1;   // registers, 1..121 (read) or 1..122 (write)
    ByteView data{};           // of a write: 2 * count bytes, big-endian; points into the bytes that were decoded
};

// ---- client side; the limits above are the caller's to keep (BUSBAR_ASSERT) ----
Pdu encode_file_request(const FileRecord& record);
// A write is answered by its echo.
AnswerCheck check_file_answer(ByteView pdu, const FileRecord& asked);
// The registers of a good answer to a read: 2 * count bytes, big-endian.
ByteView file_answer_data(ByteView pdu);

// ---- server side ----
// Refused: wrong lengths (illegal data value), other reference types, file 0, records beyond 9999 (illegal data
// address), more than one record (illegal function: no device of ours needs it).
boost::system::result<FileRecord, ExceptionCode> decode_file_request(ByteView pdu);
Pdu encode_file_answer(const FileRecord& asked, ByteView data);  // `data` of a read; a write echoes itself

}  // namespace busbar::wire
