#pragma once
// What the writing and the reading side of a column's blocks share. For column.cpp and column_decode.cpp alone.
#include <cstdint>

namespace busbar::history {

// Block head: mode in bits 7-6, parameter in bits 5-0.
enum class BlockMode : std::uint8_t {
    steps = 0,  // parameter = number of changes (0..63): position, difference each; for what mostly stands still
    flat = 1,   // parameter = width: value - lowest value; for noise around a level
    slope = 2,  // parameter = width: difference - lowest difference; for counters and ramps
    rice = 3,   // parameter = k: zigzag differences, k low bits packed, the rest unary; for wandering noise
};
inline constexpr unsigned steps_max = 63;
inline constexpr unsigned escape_quotient = 15;  // longer unary codes are written as varints behind the block
inline constexpr unsigned rice_k_max = 40;

// Widths 57..63 would need two loads per value when unpacking; they are rounded up to 64 (code 63).
inline unsigned width_code(unsigned width) { return width <= 56 ? width : 63; }
inline unsigned code_width(unsigned code) { return code <= 56 ? code : (code == 63 ? 64u : 65u); }

}  // namespace busbar::history
