#pragma once
// Requests to devices that answer late, short, long, twice, for others, garbled, in pieces or not at all, on virtual
// time. Every register encodes its unit and address, so a value taken for another's is seen. Only tests use it: the
// bus's own for a while, the program of ./dev adversary at length.
#include <array>
#include <cstdint>
#include <string_view>

namespace busbar::bus {

enum class Medium : std::uint8_t {
    line,           // RTU at 115200 baud
    raw_tcp,        // RTU through a serial server: its TCP connection hands bytes over at once
    tcp,            // Modbus/TCP, one request at a time
    tcp_pipelined,  // eight at once
};
inline constexpr std::array all_media{Medium::line, Medium::raw_tcp, Medium::tcp, Medium::tcp_pipelined};
std::string_view name_of(Medium medium);

enum class Mischief : std::uint8_t {
    none,
    silent,
    late,
    about_the_timeout,
    cut_short,
    too_long,
    bit_flipped,
    wrong_unit,
    wrong_function,
    wrong_number,  // RTU has none: another count of registers
    twice,
    split,
    behind_noise,
    merged,  // behind an answer of before
};
inline constexpr std::size_t mischiefs = static_cast<std::size_t>(Mischief::merged) + 1;
std::string_view name_of(Mischief mischief);

struct Fight {
    std::uint64_t requests = 0;                      // on the wire
    std::array<std::uint64_t, mischiefs> answers{};  // by what was done to them
    std::uint64_t right = 0;                         // values that came to who asked for them
    std::uint64_t wrong = 0;                         // values of another register, unit or length: none may be
    // Within a minute after the devices behave again: all answered, and many of them.
    bool is_in_step = false;
};

// Until so many requests were made.
Fight fight(Medium medium, std::uint32_t seed, std::uint64_t requests);

}  // namespace busbar::bus
