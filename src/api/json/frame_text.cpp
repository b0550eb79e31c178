#include "api/json/frame_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "wire/modbus_pdu.hpp"

namespace busbar::api {
namespace {
using wire::Function;
constexpr std::size_t most_values = 8;  // in one line

std::string_view what(Function function, std::size_t count) {
    const bool is_one = count == 1;
    switch (function) {
        case Function::read_coils:
        case Function::write_coil:
        case Function::write_coils:
            return is_one ? "coil" : "coils";
        case Function::read_discretes:
            return is_one ? "discrete input" : "discrete inputs";
        case Function::read_input:
            return is_one ? "input register" : "input registers";
        default:
            return is_one ? "holding register" : "holding registers";
    }
}

std::string words_in(ByteView data) {
    std::string text;
    for (std::size_t i = 0; i + 1 < data.size() && i / 2 < most_values; i += 2)
        text += fmt::format("{}{}", i ? ", " : "", data[i] << 8 | data[i + 1]);
    return data.size() / 2 > most_values ? text + ", ..." : text;
}

std::string request_text(ByteView pdu) {
    const auto decoded = wire::decode_request(pdu);
    if (!decoded) return fmt::format("function {}", pdu[0]);
    const wire::Request& r = *decoded;
    switch (r.function) {
        case Function::write_coil:
            return fmt::format("switch coil {} {}", r.address, r.value == wire::coil_on ? "on" : "off");
        case Function::write_register:
            return fmt::format("write {} to {}", r.value, r.address);
        case Function::write_registers:
            return fmt::format("write {} to {}", words_in(r.data), r.address);
        case Function::write_coils:
            return fmt::format("write {} coils from {}", r.count, r.address);
        case Function::mask_write:
            return fmt::format("mask register {}", r.address);
        case Function::read_write:
            return fmt::format("write {} to {}, read {} from {}", words_in(r.data), r.write_address, r.count,
                               r.address);
        default:
            return fmt::format("read {} {} from {}", r.count, what(r.function, r.count), r.address);
    }
}

std::string answer_text(ByteView pdu) {
    if ((pdu[0] & wire::exception_bit) != 0)
        return pdu.size() < 2 ? "refused" : fmt::format("refused, code {}: {}", pdu[1], wire::exception_name(pdu[1]));
    const bool has_registers = pdu[0] == 3 || pdu[0] == 4 || pdu[0] == 23;
    if (has_registers && pdu.size() >= 2 && pdu.size() == 2u + pdu[1]) return words_in(pdu.subspan(2));
    if (pdu[0] == 1 || pdu[0] == 2) return pdu.size() >= 2 ? fmt::format("{} bytes of bits", pdu[1]) : "bits";
    const bool is_echo = pdu.size() == 5 && (pdu[0] == 5 || pdu[0] == 6 || pdu[0] == 15 || pdu[0] == 16);
    return is_echo ? "done" : fmt::format("function {}", pdu[0]);
}
}  // namespace

std::string frame_text(ByteView frame, Framing framing, bool is_request) {
    const std::size_t before = framing == Framing::rtu ? 1 : 7, behind = framing == Framing::rtu ? 2 : 0;
    if (frame.size() <= before + behind) return {};
    const ByteView pdu = frame.subspan(before, frame.size() - before - behind);
    return fmt::format("unit {}: {}", frame[before - 1], is_request ? request_text(pdu) : answer_text(pdu));
}

}  // namespace busbar::api
