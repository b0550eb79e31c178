#include "wire/modbus_rtu.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/crc.hpp"
#include "wire/device_identification.hpp"
#include "wire/file_record.hpp"

namespace busbar::wire {

RtuFrame encode_rtu(std::uint8_t unit, ByteView pdu) {
    BUSBAR_ASSERT(!pdu.empty() && pdu.size() <= max_pdu_size);
    RtuFrame frame;
    frame.bytes[0] = unit;
    std::copy(pdu.begin(), pdu.end(), frame.bytes.begin() + 1);
    const std::size_t body = pdu.size() + 1;
    const std::uint16_t crc = crc16_modbus({frame.bytes.data(), body});
    frame.bytes[body] = static_cast<std::uint8_t>(crc & 0xFF);  // low byte first, unlike everything else in Modbus
    frame.bytes[body + 1] = static_cast<std::uint8_t>(crc >> 8);
    frame.size = static_cast<std::uint16_t>(body + 2);
    return frame;
}

std::optional<RtuContent> decode_rtu(ByteView frame) {
    if (frame.size() < min_rtu_frame_size || frame.size() > max_rtu_frame_size) return std::nullopt;
    const std::size_t body = frame.size() - 2;
    if (crc16_modbus(frame.first(body)) != (frame[body] | frame[body + 1] << 8)) return std::nullopt;
    return RtuContent{frame[0], frame.subspan(1, body - 1)};
}

std::size_t rtu_answer_size(ByteView arrived, const Request& request) {
    if (arrived.size() >= 2 && (arrived[1] & exception_bit) != 0) return rtu_overhead + 2;
    return rtu_overhead + answer_size(request);
}

std::optional<std::size_t> rtu_request_size(ByteView arrived) {
    if (arrived.size() < 2) return std::nullopt;
    if (arrived[1] == read_file_record || arrived[1] == write_file_record) {
        if (arrived.size() < 3) return std::nullopt;
        return 3u + arrived[2] + 2;
    }
    if (arrived[1] == encapsulated) {
        if (arrived.size() < 3) return std::nullopt;
        return arrived[2] == device_identification ? rtu_overhead + 4 : arrived.size();
    }
    std::size_t count_at = 0;
    switch (static_cast<Function>(arrived[1])) {
        case Function::read_coils:
        case Function::read_discretes:
        case Function::read_holding:
        case Function::read_input:
        case Function::write_coil:
        case Function::write_register:
            return rtu_overhead + 5;
        case Function::mask_write:
            return rtu_overhead + 7;
        case Function::write_coils:
        case Function::write_registers:
            count_at = 6;
            break;
        case Function::read_write:
            count_at = 10;
            break;
        default:
            return arrived.size();
    }
    if (arrived.size() <= count_at) return std::nullopt;
    return count_at + 1 + arrived[count_at] + 2;
}

std::chrono::nanoseconds rtu_character_time(std::uint32_t baud, unsigned bits) {
    BUSBAR_ASSERT(baud > 0);
    return std::chrono::nanoseconds((std::uint64_t{1'000'000'000} * bits + baud - 1) / baud);
}

std::chrono::nanoseconds rtu_gap(std::uint32_t baud, unsigned bits) {
    if (baud > 19200) return std::chrono::microseconds(1750);
    return std::chrono::nanoseconds((std::uint64_t{3'500'000'000} * bits + baud - 1) / baud);
}

}  // namespace busbar::wire
