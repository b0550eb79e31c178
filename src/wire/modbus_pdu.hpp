#pragma once
// Modbus protocol data units (function code and data, without address, checksum or MBAP header), both directions: the
// bus encodes requests and checks answers, the simulated devices decode requests and encode answers. Pure: bytes in,
// values out, no allocation, no time. Source: MODBUS Application Protocol V1.1b3.
//
// Every `decode`/`check` takes bytes from outside and refuses what does not fit. Every `encode` takes values of ours:
// counts outside the protocol's limits are a programming error (BUSBAR_ASSERT), so callers check first.
#include <array>
#include <boost/system/result.hpp>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace busbar::wire {

inline constexpr std::size_t max_pdu_size = 253;
inline constexpr std::uint16_t max_read_registers = 125;
inline constexpr std::uint16_t max_write_registers = 123;
inline constexpr std::uint16_t max_exchange_write_registers = 121;  // function 23
inline constexpr std::uint16_t max_read_bits = 2000;
inline constexpr std::uint16_t max_write_bits = 1968;
inline constexpr std::uint16_t coil_on = 0xFF00, coil_off = 0x0000;
inline constexpr std::uint8_t exception_bit = 0x80;

enum class Function : std::uint8_t {
    read_coils = 1,
    read_discretes = 2,
    read_holding = 3,
    read_input = 4,
    write_coil = 5,
    write_register = 6,
    write_coils = 15,
    write_registers = 16,
    mask_write = 22,
    read_write = 23,
};

// What a server says instead of an answer. Devices also send codes that are not in this list (Huawei 0x80 "no
// permission"), so an exception from outside stays a plain byte until shown.
enum class ExceptionCode : std::uint8_t {
    illegal_function = 1,
    illegal_data_address = 2,
    illegal_data_value = 3,
    device_failure = 4,
    acknowledge = 5,
    device_busy = 6,
    gateway_path_unavailable = 10,
    gateway_target_failed = 11,
};
std::string_view exception_name(std::uint8_t code);  // "illegal data address"; "unknown" for codes not in the list

// One PDU by value. `bytes` beyond `size` are not initialised.
struct Pdu {
    std::array<std::uint8_t, max_pdu_size> bytes;
    std::uint16_t size = 0;
    ByteView view() const { return {bytes.data(), size}; }
};

// A request in both directions. Which members mean something depends on the function.
struct Request {
    Function function = Function::read_holding;
    std::uint16_t address = 0;        // first coil or register read (1-4, 23) or written (5, 6, 15, 16, 22); 0-based
    std::uint16_t count = 1;          // how many are read (1-4, 23) or written (15, 16); 1 for 5, 6, 22
    std::uint16_t value = 0;          // 5: coil_on or coil_off, 6: the register, 22: the AND mask
    std::uint16_t or_mask = 0;        // 22: new = (old AND value) OR (or_mask AND NOT value)
    std::uint16_t write_address = 0;  // 23
    std::uint16_t write_count = 0;    // 23
    // 15: packed bits, first coil = lowest bit of the first byte; 16, 23: registers, big-endian. Points into the bytes
    // that were decoded, or to be encoded.
    ByteView data{};

    std::uint16_t data_word(std::size_t i) const {
        return static_cast<std::uint16_t>(data[2 * i] << 8 | data[2 * i + 1]);
    }
    bool data_bit(std::size_t i) const { return (data[i / 8] >> (i % 8) & 1) != 0; }
    bool is_read() const { return function <= Function::read_input || function == Function::read_write; }
};

// ---- client side ----

Pdu encode_read(Function function, std::uint16_t address, std::uint16_t count);            // functions 1-4
Pdu encode_write_register(std::uint16_t address, std::uint16_t value);                     // function 6
Pdu encode_write_registers(std::uint16_t address, std::span<const std::uint16_t> values);  // function 16, 1..123 values
Pdu encode_request(const Request& request);                                                // any function of the list

// Size of the PDU of a good answer; an exception is always 2 bytes.
std::size_t answer_size(const Request& request);

struct AnswerCheck {
    enum class Kind : std::uint8_t {
        good,
        exception,  // the server refused; `exception` is its code
        mismatch,   // not an answer to this request: other function, length or echo
    };
    Kind kind = Kind::mismatch;
    std::uint8_t exception = 0;
    bool operator==(const AnswerCheck&) const = default;
};
// Compares an answer with the request it should belong to, as far as the protocol lets one tell.
AnswerCheck check_answer(ByteView pdu, const Request& request);

// Registers of a good answer to 3, 4 or 23 in host order; writes min(count in the answer, words.size()) of them.
void copy_registers(ByteView pdu, std::span<std::uint16_t> words);
// Bit `i` of a good answer to 1 or 2.
inline bool answer_bit(ByteView pdu, std::size_t i) { return (pdu[2 + i / 8] >> (i % 8) & 1) != 0; }

// ---- server side ----

// A request that must be served, or the exception to send back.
using DecodedRequest = boost::system::result<Request, ExceptionCode>;
DecodedRequest decode_request(ByteView pdu);

Pdu encode_registers_answer(Function function, std::span<const std::uint16_t> words);  // 3, 4, 23
Pdu encode_bits_answer(Function function, ByteView packed_bits);                       // 1, 2; unused bits zero
Pdu encode_write_answer(const Request& request);                                       // 5, 6, 15, 16, 22
Pdu encode_exception(std::uint8_t function, ExceptionCode code);

}  // namespace busbar::wire
