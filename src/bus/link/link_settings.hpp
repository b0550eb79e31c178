#pragma once
// What a bus is plugged into, as plain data: from the site's configuration, a user's change, or a search that tries
// other baud rates.
#include <cstdint>
#include <string>
#include <variant>

#include "base/result.hpp"

namespace busbar::bus {

struct SerialSettings {
    std::string path;           // "/dev/ttyUSB0"
    std::uint32_t baud = 9600;  // any the hardware can
    char parity = 'N';          // N, E, O
    int stop_bits = 1;          // 1, 2
    bool operator==(const SerialSettings&) const = default;

    // Start, data, parity and stop: what a character takes on the line.
    unsigned character_bits() const { return 9u + (parity == 'N' ? 0u : 1u) + static_cast<unsigned>(stop_bits); }
};

struct TcpSettings {
    std::string host;  // address or name
    std::uint16_t port = 502;
    bool operator==(const TcpSettings&) const = default;
};

using LinkSettings = std::variant<SerialSettings, TcpSettings>;

// Errors: out_of_range, with what would be right.
Status check(const LinkSettings& settings);

}  // namespace busbar::bus
