#pragma once
// What a Modbus request of somebody else changes in a device, as far as it can be told, and whether that is in the way
// of the gateway's own control. One answer for all who pass on foreign requests: the multiplexer's clients and people
// who ask by hand. Pure.
#include "northbound/device_rules.hpp"

namespace busbar::northbound {

struct Effect {
    enum class Kind : std::uint8_t {
        none,       // it only reads
        registers,  // it writes `span`, and nothing else
        unknown,    // a function of the maker's, a restart, a file, or a write that follows no format: anything
    };
    Kind kind = Kind::none;
    Span span{};
    bool operator==(const Effect&) const = default;
};

// `pdu`: function code and data, hostile.
Effect effect_of(ByteView pdu);
inline Effect writes(const Span& span) { return {Effect::Kind::registers, span}; }

// Two masters on one register: each would undo what the other does. So this must wait while control holds the device.
bool meets_control(const DeviceRules& rules, const Effect& effect);

}  // namespace busbar::northbound
