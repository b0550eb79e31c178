#pragma once
// The few primitives that passwords, sessions and setup codes are made of; OpenSSL stays behind them. Any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace busbar::net {

// Fills `out` from the system's generator; false when it has no randomness (then nothing may be made of it).
[[nodiscard]] bool random_bytes(std::span<std::uint8_t> out);
std::array<std::uint8_t, 32> sha256(std::string_view text);
// RFC 4648, with its padding, without line breaks; nullopt: it is not that.
std::optional<std::string> base64_decoded(std::string_view text);
// Takes the same time wherever the two differ. Different lengths: false at once.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace busbar::net
