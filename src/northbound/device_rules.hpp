#pragma once
// What one device model bears and means, as clients of the gateway have to respect it: how much may be read at once,
// what must not be read at all, which registers make one value, which ones control writes. The wiring fills it from
// the profile when the device has opened. Pure.
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "bus/modbus_bus.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::northbound {

struct Span {
    bus::Table table = bus::Table::holding;
    std::uint16_t first = 0, last = 0;  // wire addresses, both included
    bool operator==(const Span&) const = default;
};

struct DeviceRules {
    std::uint16_t max_registers = 125;  // per read, 1..125
    std::uint16_t block = 0;            // no read may cross a multiple of this; 0 = no such rule
    std::uint16_t align = 1;            // start and count of a read are multiples of this, 1..4
    std::vector<Span> forbidden;        // never read
    std::vector<Span> values;           // registers that make one value
    std::vector<Span> controlled;       // written by the gateway's own control programs
    bus::DeviceTiming timing;
};

// Between these two registers one value ends and another begins, for sure: two readings of different instants may meet
// here. Where nothing is known, a value may lie across.
bool is_seam(const DeviceRules& rules, bus::Table table, std::uint16_t left, std::uint16_t right);

// The reads that answer a client's read, as few as the rules allow, and none that tears a value. An exception when
// there are none: illegal data address for forbidden registers, illegal data value for more than the device bears.
using Reads = boost::system::result<std::vector<bus::RegisterBlock>, wire::ExceptionCode>;
Reads plan_read(const DeviceRules& rules, bus::RegisterBlock asked);

// True when a write of this span changes only a part of some value.
bool cuts_value(const DeviceRules& rules, const Span& written);
bool touches(const std::vector<Span>& spans, const Span& span);

inline Span span_of(const bus::RegisterBlock& block) {
    return {block.table, block.address, static_cast<std::uint16_t>(block.address + block.count - 1)};
}

}  // namespace busbar::northbound
