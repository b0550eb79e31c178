#pragma once
// Finds a SunSpec device's models: tries the base addresses for "SunS", then follows the chain id, length, id, length,
// ... to the end model. Reads only; a few dozen short requests, once per open().
#include <vector>

#include "device/modbus_unit.hpp"
#include "profile/sunspec.hpp"

namespace busbar::device {

// Errors: unsupported ("no SunSpec mark at 40000, 50000 or 0 ..."), malformed (a chain that never ends), timeout.
Task<Result<std::vector<profile::ModelBlock>>> walk_models(const ModbusUnit& unit, const profile::SunSpec& sunspec);

}  // namespace busbar::device
