#pragma once
// Asks a device who it is, and compares with what its profile expects. Once per open().
#include <string>

#include "device/modbus_unit.hpp"

namespace busbar::device {

// Cleaned: printable ASCII, at most 64 characters; empty when the device does not say.
struct Identity {
    std::string maker, model, serial, firmware;
};

// Errors: unsupported ("model reads 'X', expected SUN2000...: another device ..."), timeout, unavailable.
// `profile` has absolute addresses.
Task<Result<Identity>> identify(const ModbusUnit& unit, const profile::Profile& profile);
// Its serial number alone; empty when it does not say, or its family never does.
Task<Result<std::string>> read_serial(const ModbusUnit& unit, const profile::Profile& profile);

}  // namespace busbar::device
