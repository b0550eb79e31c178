#pragma once
// Opening a serial port with any baud rate, straight on the kernel's interface. Used by SerialLink only; waits for
// nothing.
#include <string>

#include "base/result.hpp"
#include "bus/link/link_settings.hpp"

namespace busbar::bus {

// A non-blocking descriptor, locked for this process, raw, input flushed. `owner`: the bus, for who comes later.
// Errors: unavailable (absent, no serial port, no right, taken and by whom), unsupported (the port does not know the
// settings).
Result<int> open_serial_port(const SerialSettings& settings, const std::string& owner = {});
void close_serial_port(int fd);

}  // namespace busbar::bus
