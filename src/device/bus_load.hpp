#pragma once
// What a device costs its bus: the reads its poll plans make, as a load for bus/health/budget.hpp. From its profile
// before it was ever opened (the gateway refuses or re-plans what does not fit), or from the device once its models and
// points are known. Pure.
#include "bus/health/budget.hpp"
#include "device/modbus_device.hpp"
#include "device/registry.hpp"

namespace busbar::device {

// `device`: id, for the budget's text. SunSpec: as if the device had every model the profile knows.
bus::budget::Load load_of(const profile::Profile& profile, const PollTiming& timing, std::string device = {});
// What it really reads now; as its profile says while it is not open.
bus::budget::Load load_of(const ModbusDevice& device, const PollTiming& timing);

}  // namespace busbar::device
