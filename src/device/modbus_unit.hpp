#pragma once
// One unit address on one Modbus bus, with its profile's timing: what the parts of ModbusDevice read and write through.
// Errors name the place ("read holding 32064..32095: timeout"). A value type; the bus outlives it.
#include <span>
#include <string>

#include "bus/modbus_bus.hpp"
#include "profile/codec/encode.hpp"
#include "profile/profile.hpp"
#include "profile/read_plan.hpp"

namespace busbar::device {

class ModbusUnit {
public:
    ModbusUnit(bus::ModbusBus& bus, std::uint8_t unit, const profile::BusRules& rules);

    Task<Result<bus::Registers>> read(profile::Table table, std::uint16_t first, std::uint16_t count,
                                      bus::Urgency urgency) const;
    Task<Status> write(std::uint16_t address, std::span<const std::uint16_t> words,
                       bus::Urgency urgency = bus::Urgency::setpoint) const;
    // Any function; an exception is an answer.
    Task<Result<bus::RawAnswer>> raw(std::span<const std::uint8_t> pdu, bus::Urgency urgency) const;

private:
    bus::ModbusBus* bus_;
    std::uint8_t unit_;
    bus::DeviceTiming timing_;
    profile::WriteFunction form_;
};

// The device answered, and its answer was that these registers do not exist: exception 2, or 3 as some firmware says
// it.
bool says_absent(const Error& error);
// "Not now": exception 5 or 6. The same request may succeed a moment later; it is no word about the register.
bool says_busy(const Error& error);
// Nobody answered: no use asking for the next block at once.
inline bool is_silence(const Error& error) { return error.retryable(); }

}  // namespace busbar::device
