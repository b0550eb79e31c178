#include "northbound/effect.hpp"

namespace busbar::northbound {
namespace {

using wire::Function;

// Of those that are in no table of registers: status, counters and logs, who one is, a file or a queue that is read,
// device identification. Diagnostics only while it echoes: its other codes restart or mute the device.
bool only_tells(ByteView pdu) {
    switch (pdu[0]) {
        case 7:
        case 11:
        case 12:
        case 17:
        case 20:
        case 24:
            return true;
        case 8:
            return pdu.size() >= 3 && pdu[1] == 0 && pdu[2] == 0;
        case 43:
            return pdu.size() >= 2 && pdu[1] == 14;
        default:
            return false;
    }
}

Span span_from(bus::Table table, std::uint16_t first, std::uint16_t count) {
    return {table, first, static_cast<std::uint16_t>(first + count - 1)};
}

}  // namespace

Effect effect_of(ByteView pdu) {
    if (pdu.empty()) return {};
    if (pdu[0] >= 1 && pdu[0] <= 4) return {};  // a malformed read is still no write
    if (only_tells(pdu)) return {};
    const wire::DecodedRequest request = wire::decode_request(pdu);
    if (!request) return {Effect::Kind::unknown, {}};
    switch (request->function) {
        case Function::write_coil:
            return writes(span_from(bus::Table::coil, request->address, 1));
        case Function::write_coils:
            return writes(span_from(bus::Table::coil, request->address, request->count));
        case Function::write_register:
        case Function::mask_write:
            return writes(span_from(bus::Table::holding, request->address, 1));
        case Function::write_registers:
            return writes(span_from(bus::Table::holding, request->address, request->count));
        case Function::read_write:
            return writes(span_from(bus::Table::holding, request->write_address, request->write_count));
        default:
            return {Effect::Kind::unknown, {}};
    }
}

bool meets_control(const DeviceRules& rules, const Effect& effect) {
    if (effect.kind != Effect::Kind::registers) return effect.kind == Effect::Kind::unknown;
    return touches(rules.controlled, effect.span);
}

}  // namespace busbar::northbound
