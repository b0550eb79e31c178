#include "config/address_range.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace busbar::config {
namespace {

using Bytes16 = std::array<std::uint8_t, 16>;
constexpr int v4_prefix = 96;
constexpr std::size_t longest_text = 45;  // an IPv6 address that ends in an IPv4 one

std::optional<Bytes16> bytes_of(std::string_view text) {
    if (text.empty() || text.size() > longest_text) return std::nullopt;
    const std::string terminated(text);
    Bytes16 bytes{};
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
    bytes = {};
    bytes[10] = bytes[11] = 0xFF;
    if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + 12) == 1) return bytes;
    return std::nullopt;
}

bool is_v4(const Bytes16& bytes) {
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) && bytes[10] == 0xFF &&
           bytes[11] == 0xFF;
}

bool bit(const Bytes16& bytes, int i) {
    const auto at = static_cast<std::size_t>(i);
    return (bytes[at / 8] >> (7 - at % 8) & 1) != 0;
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto bytes = bytes_of(text.substr(0, slash));
    if (!bytes) return std::nullopt;
    AddressRange range;
    range.bytes_ = *bytes;
    if (slash == std::string_view::npos) return range;
    const std::string_view digits = text.substr(slash + 1);
    int prefix = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    const int widest = is_v4(*bytes) ? 32 : 128;
    if (error != std::errc{} || end != digits.data() + digits.size() || prefix < 0 || prefix > widest)
        return std::nullopt;
    range.prefix_ = is_v4(*bytes) ? v4_prefix + prefix : prefix;
    for (int i = range.prefix_; i < 128; ++i)
        if (bit(range.bytes_, i)) return std::nullopt;
    return range;
}

bool AddressRange::contains(std::string_view address) const {
    const auto bytes = bytes_of(address);
    if (!bytes || is_v4(*bytes) != is_v4(bytes_)) return false;
    for (int i = 0; i < prefix_; ++i)
        if (bit(*bytes, i) != bit(bytes_, i)) return false;
    return true;
}

bool AddressRange::is_private() const {
    static const auto homes = [] {
        std::vector<AddressRange> all;
        for (const char* text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
                                 "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1"})
            all.push_back(*parse(text));
        return all;
    }();
    AddressRange first = *this;
    first.prefix_ = 128;
    return std::any_of(homes.begin(), homes.end(), [&](const AddressRange& home) {
        return prefix_ >= home.prefix_ && home.contains(first.text());
    });
}

std::string AddressRange::text() const {
    char out[INET6_ADDRSTRLEN] = {};
    const bool v4 = is_v4(bytes_);
    inet_ntop(v4 ? AF_INET : AF_INET6, bytes_.data() + (v4 ? 12 : 0), out, sizeof out);
    if (prefix_ == 128) return out;
    return std::string(out) + "/" + std::to_string(v4 ? prefix_ - v4_prefix : prefix_);
}

bool is_ip_address(std::string_view text) { return bytes_of(text).has_value(); }

}  // namespace busbar::config
