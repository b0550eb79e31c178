#include "discovery/judge/device_text.hpp"

#include <algorithm>

namespace busbar::discovery {

std::string text_problem(std::span<const std::uint16_t> words) {
    const bool is_absent = std::ranges::all_of(words, [](std::uint16_t w) { return w == 0xFFFF; });
    if (is_absent) return {};
    for (std::size_t i = 0; i < 2 * words.size(); ++i) {
        const unsigned c = i % 2 == 0 ? words[i / 2] >> 8u : words[i / 2] & 0xFFu;
        if (c == 0) return {};
        if (c < 0x20 || c >= 0x7F) return "holds unprintable characters";
    }
    return {};
}

std::string printable(std::string_view text) {
    constexpr std::size_t longest = 64;
    std::string clean;
    for (const char c : text.substr(0, 4 * longest))
        if (c >= 0x20 && c < 0x7F && clean.size() < longest) clean.push_back(c);
    const auto begin = clean.find_first_not_of(' ');
    if (begin == std::string::npos) return {};
    return clean.substr(begin, clean.find_last_not_of(' ') - begin + 1);
}

}  // namespace busbar::discovery
