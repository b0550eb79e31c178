#pragma once
// Modbus RTU frames (address, PDU, checksum) and their timing. Used by the bus as master and by simulated devices as
// slave. Pure. Source: MODBUS over Serial Line V1.02.
//
// A byte stream gives no frame borders: a master knows from its request how long the answer is (rtu_answer_size), a
// slave knows from the first bytes of a request (rtu_request_size). Whatever does not fit is waited out until the line
// is silent; nobody hunts for frames inside garbage.
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::wire {

inline constexpr std::size_t max_rtu_frame_size = 256;
inline constexpr std::size_t min_rtu_frame_size = 4;
inline constexpr std::size_t rtu_overhead = 3;  // address and checksum
inline constexpr std::uint8_t broadcast_unit = 0;

// One frame by value. `bytes` beyond `size` are not initialised.
struct RtuFrame {
    std::array<std::uint8_t, max_rtu_frame_size> bytes;
    std::uint16_t size = 0;
    ByteView view() const { return {bytes.data(), size}; }
};
RtuFrame encode_rtu(std::uint8_t unit, ByteView pdu);

struct RtuContent {
    std::uint8_t unit = 0;
    ByteView pdu;  // points into the frame
};
// Exactly one whole frame. Nothing when it is too short or too long, or its checksum is wrong.
std::optional<RtuContent> decode_rtu(ByteView frame);

// Bytes of the whole answer to `request`, judged by what has arrived: an exception is 5 bytes whatever was asked.
std::size_t rtu_answer_size(ByteView arrived, const Request& request);

// Bytes of the whole request, judged by its beginning. Nothing while that cannot be told yet. Functions that are not in
// our list have no known length: then `arrived` is taken for the whole, and the slave relies on the silence behind it.
std::optional<std::size_t> rtu_request_size(ByteView arrived);

// Time of one character; bits = start + data + parity + stop (8N1 is 10, 8E1 and 8N2 are 11).
std::chrono::nanoseconds rtu_character_time(std::uint32_t baud, unsigned bits);
// Least silence between two frames: 3.5 characters, 1.75 ms above 19200 baud.
std::chrono::nanoseconds rtu_gap(std::uint32_t baud, unsigned bits);

}  // namespace busbar::wire
