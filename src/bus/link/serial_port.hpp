#pragma once
// Opening a serial port with any baud rate, straight on the kernel's interface. Used by SerialLink only; waits for
// nothing.
#include "base/result.hpp"
#include "bus/link/link_settings.hpp"

namespace busbar::bus {

// A non-blocking descriptor, locked for this process, raw, input flushed. Errors: unavailable (absent, no right,
// taken), unsupported (the port does not know the settings).
Result<int> open_serial_port(const SerialSettings& settings);

}  // namespace busbar::bus
