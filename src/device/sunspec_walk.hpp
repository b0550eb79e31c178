#pragma once
// Finds a SunSpec device's models: tries the base addresses for "SunS", then follows the chain id, length, id, length,
// ... to the end model. Reads only; a few dozen short requests, once per open().
#include <vector>

#include "device/modbus_unit.hpp"
#include "profile/sunspec/sunspec.hpp"

namespace busbar::device {

// Errors: unsupported ("no SunSpec mark at 40000, 50000 or 0 ..."), malformed (a chain that never ends), timeout.
Task<Result<std::vector<profile::ModelBlock>>> walk_models(const ModbusUnit& unit, const profile::SunSpec& sunspec);

// Reads the exponents that lie too far from their values for one answer (profile: has_far_exponent) and puts them into
// the points. A point whose exponent is not there or not implemented is left out, as the standard wants. Errors:
// timeout.
Task<Status> read_far_exponents(const ModbusUnit& unit, profile::Profile& placed);

}  // namespace busbar::device
