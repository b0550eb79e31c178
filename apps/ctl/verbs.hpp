#pragma once
// The verbs of busbarctl, in the order of its help: what each takes, and the function that does it.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"

namespace busbar::ctl {

struct Verb {
    std::string_view name;   // "devices", "devices add"
    std::string_view words;  // behind it, as the help shows them
    std::string_view text;
    std::size_t least = 0, most = 0;           // words behind the name
    std::vector<std::string_view> options;     // "from=" takes a value, "add" none
    Status (*show)(const Context&) = nullptr;  // nullptr: about the session itself
};
std::span<const Verb> verbs();

// The verb that the words begin with, the longest name first; nullptr: none.
const Verb* verb_of(const std::vector<std::string>& words);

}  // namespace busbar::ctl
