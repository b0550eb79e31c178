#pragma once
#include <cstdint>

#include "base/bytes.hpp"

namespace busbar {

// CRC-16/MODBUS: poly 0xA001 reflected, init 0xFFFF; "123456789" -> 0x4B37. Sent low byte first.
std::uint16_t crc16_modbus(ByteView bytes);

// CRC-32 as in Ethernet and zip files; "123456789" -> 0xCBF43926.
std::uint32_t crc32(ByteView bytes);

// CRC-32C (Castagnoli) of stored records; "123456789" -> 0xE3069283. `seed` continues an earlier result.
std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0);

}  // namespace busbar
