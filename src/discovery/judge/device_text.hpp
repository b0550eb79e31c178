#pragma once
// Texts that devices and the network tell about themselves: hostile until looked at. Pure.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace busbar::discovery {

// What is wrong with registers that should hold a text: empty when nothing is. A text that is not there (all zero, all
// ones) is no problem; one with unprintable characters is.
std::string text_problem(std::span<const std::uint16_t> words);

// Printable ASCII of a text from the network, at most 64 characters, blanks trimmed.
std::string printable(std::string_view text);

}  // namespace busbar::discovery
