#pragma once
// Who announces what on the local network (mDNS, RFC 6762 and 6763): the question to ask and the reading of answers.
// Pure. Answers come from anybody: bounded, checked, texts printable.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace busbar::discovery {

struct Announcement {
    std::string name;           // "shellypro3em-0a1b2c"
    std::string service;        // "_shelly._tcp"
    std::uint32_t address = 0;  // IPv4, host byte order; 0: it did not say
    std::uint16_t port = 0;
    std::string model{}, firmware{};  // "Plus2PM", "1.0.8": as it says, if it does
    bool operator==(const Announcement&) const = default;
};

// The services a search asks for.
std::span<const std::string_view> announced_services();
// One question for all of them, answers wanted to the sender's own port.
Bytes mdns_question();

// The announcements of those services in one packet. `from`: the sender, taken for an announcement without an address.
// Nothing from a packet that is no answer or does not follow the format; at most 32 per packet.
std::vector<Announcement> read_mdns_answer(ByteView packet, std::uint32_t from);

}  // namespace busbar::discovery
