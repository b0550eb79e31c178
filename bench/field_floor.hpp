#pragma once
// The least a program can do for the same duty as the gateway with its 60 devices: each second one request to each
// device, the answers turned into numbers, one record of them made durable. No checks, no control, no history to look
// at. What stands between this and the gateway is the gateway; what this costs is the kernel.
#include <cstdint>
#include <string>
#include <vector>

namespace busbar::bench {

inline constexpr std::uint8_t floor_unit = 2;  // so that the devices can tell its requests from the gateway's

// Never returns; ends the process when something is wrong. Says "floor runs" once every device has answered.
[[noreturn]] void run_floor(const std::vector<std::uint16_t>& ports, const std::string& file);

}  // namespace busbar::bench
