#include "base/network.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace busbar {
namespace {

bool is_in(std::uint32_t address, std::uint32_t network, int bits) { return (address ^ network) >> (32 - bits) == 0; }
constexpr std::uint32_t ip(unsigned a, unsigned b) { return a << 24 | b << 16; }

std::string shown(std::string_view text) {
    std::string clean;
    for (const char c : text.substr(0, 40)) clean.push_back(c >= 0x20 && c < 0x7F ? c : '?');
    return clean;
}

}  // namespace

std::string address_text(std::uint32_t address) {
    return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

std::string to_string(const Network& network) {
    return fmt::format("{}/{}", address_text(network.address), network.bits);
}

bool contains(const Network& network, std::uint32_t address) {
    return network.bits == 0 || is_in(address, network.address, network.bits);
}

bool is_private(std::uint32_t address) {
    return is_in(address, ip(10, 0), 8) || is_in(address, ip(172, 16), 12) || is_in(address, ip(192, 168), 16) ||
           is_in(address, ip(100, 64), 10);
}

Result<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, std::min<std::size_t>(slash, 16)));
    in_addr parsed{};
    int bits = 32;
    bool is_well_formed = ::inet_pton(AF_INET, address.c_str(), &parsed) == 1;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        is_well_formed = is_well_formed && problem == std::errc{} && end == digits.data() + digits.size();
    }
    if (!is_well_formed || bits < 0 || bits > 32)
        return fail(Errc::malformed, fmt::format("'{}' is no network; write 192.168.1.0/24", shown(text)));
    if (bits < widest_network)
        return fail(Errc::out_of_range,
                    fmt::format("{}: too large to search; at most /{}, 1022 hosts", shown(text), widest_network));
    const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
    const Network network{ntohl(parsed.s_addr) & mask, bits};
    if (!is_private(network.address))
        return fail(
            Errc::out_of_range,
            fmt::format("{}: not a private network; those of a site are 10.x, 172.16-31.x, 192.168.x and 100.64-127.x",
                        shown(text)));
    return network;
}

std::vector<std::uint32_t> hosts_of(const Network& network) {
    const std::uint32_t size = std::uint32_t{1} << (32 - network.bits);
    const bool has_ends = network.bits < 31;  // own and broadcast address
    std::vector<std::uint32_t> hosts;
    for (std::uint32_t i = has_ends ? 1 : 0; i < size - (has_ends ? 1 : 0); ++i) hosts.push_back(network.address + i);
    return hosts;
}

}  // namespace busbar
