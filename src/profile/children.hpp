#pragma once
// What a logger or energy manager says about the devices behind it: they answer on their own unit addresses of the same
// connection, and some loggers tell of each address whether somebody is there. Read by the search for devices; the
// simulated plant plays it. Part of Profile; checked when loaded.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace busbar::profile {

// A holding register at a child's unit, and what it means.
struct Presence {
    std::uint16_t register_address = 0;
    std::vector<std::uint16_t> online, offline;  // codes; any other: nobody
};
// A text at a child's unit.
struct ChildText {
    std::uint16_t register_address = 0;
    std::uint16_t count = 0;  // registers, 1..32
};

struct Children {
    std::uint8_t first_unit = 1, last_unit = 247;  // where they may stand, both included; the parent itself is none
    std::optional<Presence> presence;              // nothing: each address must be asked who it is
    std::optional<ChildText> serial, name;
    std::optional<std::uint16_t> changes;  // holding register of the parent that counts changes of its list
    std::vector<std::uint16_t> counts;     // holding registers of the parent whose sum is the number of children
    // Object of the parent's device identification where its list of children begins, see wire/device_list.hpp.
    std::optional<std::uint8_t> list;
    std::vector<std::string> profiles;  // families that may be found there
};

}  // namespace busbar::profile
