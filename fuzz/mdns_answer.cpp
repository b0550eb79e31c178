// Any bytes as an mDNS answer: printable names of bounded length, or nothing.
#include <algorithm>
#include <cstdlib>

#include "discovery/network/announcement.hpp"

using namespace busbar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto found = discovery::read_mdns_answer({data, size}, 0xC0A80105);
    if (found.size() > 32) std::abort();
    for (const discovery::Announcement& a : found) {
        if (a.name.empty()) std::abort();
        for (const std::string& text : {a.name, a.model, a.firmware}) {
            const bool is_printable = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
            if (text.size() > 64 || !is_printable) std::abort();
        }
    }
    return 0;
}
