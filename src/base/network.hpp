#pragma once
// IPv4 networks in which devices are searched for, and which of them may be: one rule for the API that takes the wish
// and the search that opens connections. Pure.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace busbar {

inline constexpr int widest_network = 22;  // 1022 hosts

struct Network {
    std::uint32_t address = 0;  // host byte order, host bits zero
    int bits = 32;              // widest_network..32
    bool operator==(const Network&) const = default;
};
std::string to_string(const Network& network);  // "192.168.1.0/24"
std::string address_text(std::uint32_t address);

// "192.168.1.0/24", also with host bits set; a plain address is a /32. Errors: malformed; out_of_range for a network
// that is too large, or that is none of a site: loopback, link-local, multicast, public addresses.
Result<Network> parse_network(std::string_view text);

bool contains(const Network& network, std::uint32_t address);

// Whether a search may connect there: private addresses (10/8, 172.16/12, 192.168/16) and 100.64/10.
bool is_private(std::uint32_t address);

// Every address a host may have: without the network's own and its broadcast address.
std::vector<std::uint32_t> hosts_of(const Network& network);

}  // namespace busbar
