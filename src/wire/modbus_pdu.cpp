#include "wire/modbus_pdu.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.hpp"
#include "base/phrases_running.hpp"

namespace busbar::wire {
namespace {

void put_u8(Pdu& pdu, std::uint8_t v) { pdu.bytes[pdu.size++] = v; }
void put_u16(Pdu& pdu, std::uint16_t v) {
    put_u8(pdu, static_cast<std::uint8_t>(v >> 8));
    put_u8(pdu, static_cast<std::uint8_t>(v & 0xFF));
}
void put_bytes(Pdu& pdu, ByteView data) {
    std::copy(data.begin(), data.end(), pdu.bytes.begin() + pdu.size);
    pdu.size = static_cast<std::uint16_t>(pdu.size + data.size());
}
Pdu begin(Function function) {
    Pdu pdu;
    put_u8(pdu, static_cast<std::uint8_t>(function));
    return pdu;
}

constexpr std::size_t bit_bytes(std::size_t count) { return (count + 7) / 8; }
constexpr bool within(std::uint16_t count, std::uint16_t most) { return count >= 1 && count <= most; }
// A range may end at 65535 but not wrap to 0.
constexpr bool fits(std::uint16_t address, std::uint16_t count) { return std::uint32_t{address} + count <= 65536; }

std::uint16_t most_readable(Function function) {
    return function <= Function::read_discretes ? max_read_bits : max_read_registers;
}

bool is_encodable(const Request& r) {
    switch (r.function) {
        case Function::read_coils:
        case Function::read_discretes:
        case Function::read_holding:
        case Function::read_input:
            return within(r.count, most_readable(r.function));
        case Function::write_coil:
        case Function::write_register:
        case Function::mask_write:
            return true;
        case Function::write_coils:
            return within(r.count, max_write_bits) && r.data.size() == bit_bytes(r.count);
        case Function::write_registers:
            return within(r.count, max_write_registers) && r.data.size() == 2u * r.count;
        case Function::read_write:
            return within(r.count, max_read_registers) && within(r.write_count, max_exchange_write_registers) &&
                   r.data.size() == 2u * r.write_count;
    }
    return false;
}

AnswerCheck good_if(bool matches) { return {matches ? AnswerCheck::Kind::good : AnswerCheck::Kind::mismatch, 0}; }

DecodedRequest decode_read(Request r, ByteReader in) {
    r.address = in.u16_be();
    r.count = in.u16_be();
    if (!in.ok() || in.left() != 0 || !within(r.count, most_readable(r.function)))
        return ExceptionCode::illegal_data_value;
    if (!fits(r.address, r.count)) return ExceptionCode::illegal_data_address;
    return r;
}

DecodedRequest decode_single(Request r, ByteReader in) {
    r.address = in.u16_be();
    r.value = in.u16_be();
    if (r.function == Function::mask_write) r.or_mask = in.u16_be();
    if (!in.ok() || in.left() != 0) return ExceptionCode::illegal_data_value;
    if (r.function == Function::write_coil && r.value != coil_on && r.value != coil_off)
        return ExceptionCode::illegal_data_value;
    return r;
}

DecodedRequest decode_multiple(Request r, ByteReader in) {
    const bool bits = r.function == Function::write_coils;
    r.address = in.u16_be();
    r.count = in.u16_be();
    const std::size_t byte_count = in.u8();
    r.data = in.take(byte_count);
    const bool count_fits = within(r.count, bits ? max_write_bits : max_write_registers) &&
                            byte_count == (bits ? bit_bytes(r.count) : 2u * r.count);
    if (!in.ok() || in.left() != 0 || !count_fits) return ExceptionCode::illegal_data_value;
    if (!fits(r.address, r.count)) return ExceptionCode::illegal_data_address;
    return r;
}

DecodedRequest decode_read_write(Request r, ByteReader in) {
    r.address = in.u16_be();
    r.count = in.u16_be();
    r.write_address = in.u16_be();
    r.write_count = in.u16_be();
    const std::size_t byte_count = in.u8();
    r.data = in.take(byte_count);
    if (!in.ok() || in.left() != 0 || !within(r.count, max_read_registers) ||
        !within(r.write_count, max_exchange_write_registers) || byte_count != 2u * r.write_count)
        return ExceptionCode::illegal_data_value;
    if (!fits(r.address, r.count) || !fits(r.write_address, r.write_count)) return ExceptionCode::illegal_data_address;
    return r;
}

}  // namespace

std::string_view exception_name(std::uint8_t code) {
    switch (static_cast<ExceptionCode>(code)) {
        case ExceptionCode::illegal_function:
            return phrases::exception_function.text;
        case ExceptionCode::illegal_data_address:
            return phrases::exception_address.text;
        case ExceptionCode::illegal_data_value:
            return phrases::exception_value.text;
        case ExceptionCode::device_failure:
            return phrases::exception_failure.text;
        case ExceptionCode::acknowledge:
            return phrases::exception_working.text;
        case ExceptionCode::device_busy:
            return phrases::exception_busy.text;
        case ExceptionCode::gateway_path_unavailable:
            return phrases::exception_path.text;
        case ExceptionCode::gateway_target_failed:
            return phrases::exception_target.text;
    }
    return "unknown";
}

Pdu encode_read(Function function, std::uint16_t address, std::uint16_t count) {
    BUSBAR_ASSERT(function <= Function::read_input && within(count, most_readable(function)));
    Pdu pdu = begin(function);
    put_u16(pdu, address);
    put_u16(pdu, count);
    return pdu;
}

Pdu encode_write_register(std::uint16_t address, std::uint16_t value) {
    Pdu pdu = begin(Function::write_register);
    put_u16(pdu, address);
    put_u16(pdu, value);
    return pdu;
}

Pdu encode_write_registers(std::uint16_t address, std::span<const std::uint16_t> values) {
    BUSBAR_ASSERT(!values.empty() && values.size() <= max_write_registers);
    Pdu pdu = begin(Function::write_registers);
    put_u16(pdu, address);
    put_u16(pdu, static_cast<std::uint16_t>(values.size()));
    put_u8(pdu, static_cast<std::uint8_t>(2 * values.size()));
    for (std::uint16_t v : values) put_u16(pdu, v);
    return pdu;
}

Pdu encode_request(const Request& r) {
    BUSBAR_ASSERT(is_encodable(r));
    Pdu pdu = begin(r.function);
    put_u16(pdu, r.address);
    switch (r.function) {
        case Function::write_coil:
        case Function::write_register:
            put_u16(pdu, r.value);
            return pdu;
        case Function::mask_write:
            put_u16(pdu, r.value);
            put_u16(pdu, r.or_mask);
            return pdu;
        default:
            put_u16(pdu, r.count);
    }
    if (r.function == Function::read_write) {
        put_u16(pdu, r.write_address);
        put_u16(pdu, r.write_count);
    }
    if (!r.data.empty()) {
        put_u8(pdu, static_cast<std::uint8_t>(r.data.size()));
        put_bytes(pdu, r.data);
    }
    return pdu;
}

std::size_t answer_size(const Request& r) {
    switch (r.function) {
        case Function::read_coils:
        case Function::read_discretes:
            return 2 + bit_bytes(r.count);
        case Function::read_holding:
        case Function::read_input:
        case Function::read_write:
            return 2 + 2u * r.count;
        case Function::mask_write:
            return 7;
        default:
            return 5;
    }
}

AnswerCheck check_answer(ByteView pdu, const Request& r) {
    if (pdu.size() < 2) return {};
    const auto function = static_cast<std::uint8_t>(r.function);
    if (pdu[0] == (function | exception_bit) && pdu.size() == 2) return {AnswerCheck::Kind::exception, pdu[1]};
    if (pdu[0] != function || pdu.size() != answer_size(r)) return {};
    if (r.is_read()) return good_if(pdu[1] == pdu.size() - 2);
    ByteReader in(pdu.subspan(1));
    const bool single = r.function != Function::write_coils && r.function != Function::write_registers;
    bool same = in.u16_be() == r.address;
    same &= in.u16_be() == (single ? r.value : r.count);
    if (r.function == Function::mask_write) same &= in.u16_be() == r.or_mask;
    return good_if(same);
}

void copy_registers(ByteView pdu, std::span<std::uint16_t> words) {
    if (pdu.size() < 2) return;
    const std::size_t n = std::min((pdu.size() - 2) / 2, words.size());
    if (n == 0) return;
    // Copied whole and turned in place, which compilers do eight and more registers at a time.
    std::memcpy(words.data(), pdu.data() + 2, 2 * n);
    if constexpr (std::endian::native == std::endian::little)
        for (std::uint16_t& word : words.first(n)) word = static_cast<std::uint16_t>(word << 8 | word >> 8);
}

DecodedRequest decode_request(ByteView pdu) {
    if (pdu.empty()) return ExceptionCode::illegal_function;
    ByteReader in(pdu);
    Request r;
    r.function = static_cast<Function>(in.u8());
    switch (r.function) {
        case Function::read_coils:
        case Function::read_discretes:
        case Function::read_holding:
        case Function::read_input:
            return decode_read(r, in);
        case Function::write_coil:
        case Function::write_register:
        case Function::mask_write:
            return decode_single(r, in);
        case Function::write_coils:
        case Function::write_registers:
            return decode_multiple(r, in);
        case Function::read_write:
            return decode_read_write(r, in);
    }
    return ExceptionCode::illegal_function;
}

Pdu encode_registers_answer(Function function, std::span<const std::uint16_t> words) {
    BUSBAR_ASSERT(!words.empty() && words.size() <= max_read_registers);
    Pdu pdu = begin(function);
    put_u8(pdu, static_cast<std::uint8_t>(2 * words.size()));
    for (std::uint16_t w : words) put_u16(pdu, w);
    return pdu;
}

Pdu encode_bits_answer(Function function, ByteView packed_bits) {
    BUSBAR_ASSERT(!packed_bits.empty() && packed_bits.size() <= bit_bytes(max_read_bits));
    Pdu pdu = begin(function);
    put_u8(pdu, static_cast<std::uint8_t>(packed_bits.size()));
    put_bytes(pdu, packed_bits);
    return pdu;
}

Pdu encode_write_answer(const Request& r) {
    Pdu pdu = begin(r.function);
    put_u16(pdu, r.address);
    const bool multiple = r.function == Function::write_coils || r.function == Function::write_registers;
    put_u16(pdu, multiple ? r.count : r.value);
    if (r.function == Function::mask_write) put_u16(pdu, r.or_mask);
    return pdu;
}

Pdu encode_exception(std::uint8_t function, ExceptionCode code) {
    Pdu pdu;
    put_u8(pdu, function | exception_bit);
    put_u8(pdu, static_cast<std::uint8_t>(code));
    return pdu;
}

}  // namespace busbar::wire
