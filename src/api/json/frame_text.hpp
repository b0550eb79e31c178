#pragma once
// One frame of a Modbus line in words, for people at the monitor: "unit 11: read 2 holding registers from 0". The bytes
// are as they were heard: cut, merged or foul ones say only what is certain. Pure.
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace busbar::api {

enum class Framing : std::uint8_t { rtu, tcp };  // address and checksum around the PDU, or an MBAP header before it

// Empty when the bytes say nothing. Checksums are not looked at: the bus said whether they fit.
std::string frame_text(ByteView frame, Framing framing, bool is_request);

}  // namespace busbar::api
