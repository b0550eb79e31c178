#include "api/access/setup_code.hpp"

#include <array>

#include "net/crypto.hpp"

namespace busbar::api {
namespace {
constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // 32 without I, L, O, U
constexpr std::size_t length = 16;

std::string canonical(std::string_view typed) {
    std::string out;
    for (char c : typed) {
        if (c == '-' || c == ' ') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        out += c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    }
    return out;
}
}  // namespace

std::string new_setup_code() {
    std::array<std::uint8_t, length> bytes{};
    if (!net::random_bytes(bytes)) return {};
    std::string out;
    for (std::size_t i = 0; i < length; ++i) {
        if (i > 0 && i % 4 == 0) out += '-';
        out += letters[bytes[i] & 31];
    }
    return out;
}

bool is_setup_code(std::string_view typed, std::string_view code) {
    const auto a = canonical(typed.substr(0, 64)), b = canonical(code);
    return b.size() == length && net::equal_in_constant_time(a, b);
}

}  // namespace busbar::api
