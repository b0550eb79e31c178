#pragma once
// YAML text -> a small tree that knows the line of everything. Sits between yaml-cpp and load: the parser's events are
// bounded here (depth, nodes, key length), anchors, aliases, tags and repeated keys are refused before anything is
// built.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace busbar::profile {

struct Entry;
struct Node {
    enum class Kind : std::uint8_t { null, scalar, list, map };
    Kind kind = Kind::null;
    int line = 0;                // 1-based
    std::string text;            // scalar
    std::vector<Node> items;     // list
    std::vector<Entry> entries;  // map, in the file's order
};
struct Entry {
    std::string key;
    int line = 0;
    Node value;
};

inline constexpr int max_yaml_depth = 16;
inline constexpr int max_yaml_nodes = 20'000;

// Exactly one document. Errors: malformed, "file:line: what; remedy".
Result<Node> parse_yaml(std::string_view text, std::string_view file_name);

}  // namespace busbar::profile
