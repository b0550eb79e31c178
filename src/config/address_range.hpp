#pragma once
// Whom a line of the site file means: one network address or a block of them, "192.168.1.7", "192.168.1.0/24",
// "fd00::/8". Pure.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace busbar::config {

class AddressRange {
public:
    // nullopt when it is none, or has bits beyond its prefix ("192.168.1.7/24" may mean either).
    static std::optional<AddressRange> parse(std::string_view text);

    // `address` as text, IPv4 or IPv6; what is no address is in no range. IPv4 inside IPv6 counts as IPv4.
    bool contains(std::string_view address) const;
    int prefix() const { return prefix_; }  // 0..128, IPv4 counted from 96: the greater, the fewer addresses
    // Networks at home or at work, and this machine: RFC 1918, 3927, 4193, 6598, loopback. Not the internet.
    bool is_private() const;
    std::string text() const;
    bool operator==(const AddressRange&) const = default;

private:
    std::array<std::uint8_t, 16> bytes_{};  // IPv4 as ::ffff:a.b.c.d
    int prefix_ = 128;
};

// An address that a program can listen on, as 0.0.0.0 or ::1.
bool is_ip_address(std::string_view text);

}  // namespace busbar::config
