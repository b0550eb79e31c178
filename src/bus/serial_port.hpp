#pragma once
// Opening a serial port with any baud rate, straight on the kernel's interface. Used by SerialLink only; waits for
// nothing.
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace busbar::bus {

struct SerialSettings {
    std::string path;           // "/dev/ttyUSB0"
    std::uint32_t baud = 9600;  // any the hardware can
    char parity = 'N';          // N, E, O
    int stop_bits = 1;          // 1, 2

    // Start, data, parity and stop: what a character takes on the line.
    unsigned character_bits() const { return 9u + (parity == 'N' ? 0u : 1u) + static_cast<unsigned>(stop_bits); }
};

// A non-blocking descriptor, locked for this process, raw, input flushed. Errors: unavailable (absent, no right,
// taken), unsupported (the port does not know the settings).
Result<int> open_serial_port(const SerialSettings& settings);

}  // namespace busbar::bus
