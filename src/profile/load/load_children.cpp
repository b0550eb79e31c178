// The part `children` of a profile: the devices behind a logger.
#include "model/profile_name.hpp"
#include "profile/load/load_parts.hpp"
#include "profile/scan.hpp"

namespace busbar::profile {
namespace {

constexpr std::size_t max_families = 32, max_counts = 8, max_codes = 8;

// "holding 65534", no SunSpec.
std::optional<std::uint16_t> holding(const Node& node, const Section& section, std::string_view key) {
    const auto at = node.kind == Node::Kind::scalar ? scan_address(node.text) : std::nullopt;
    if (at && at->size() == 1 && at->front().model == 0 && at->front().table == Table::holding)
        return at->front().offset;
    section.report().add(node.line, fmt::format("children: {}: expected a register as in 'holding 65521'", key));
    return std::nullopt;
}

std::optional<std::uint16_t> holding(const Section& section, std::string_view key) {
    const Node* node = section.find(key);
    return node == nullptr ? std::nullopt : holding(*node, section, key);
}

std::vector<std::uint16_t> read_codes(const Section& section, std::string_view key) {
    std::vector<std::uint16_t> codes;
    const Node* node = section.find(key);
    if (node == nullptr) return codes;
    for (const Node& item : node->items) {
        const auto code = scan_integer(item.text);
        if (code && *code >= 0 && *code <= 0xFFFF) codes.push_back(static_cast<std::uint16_t>(*code));
    }
    if (codes.size() != node->items.size() || codes.empty() || codes.size() > max_codes)
        section.problem(key, "expected 1 to 8 codes from 0 to 65535, as in [0xB001]");
    return codes;
}

std::optional<Presence> read_presence(const Section& children, Report& report) {
    const Node* node = children.find("presence");
    if (node == nullptr) return std::nullopt;
    const Section section(*node, report, "children: presence", {"read", "online", "offline"});
    const auto at = holding(section, "read");
    if (section.find("read") == nullptr) section.problem("'read' is missing; name the register that tells it");
    if (section.find("online") == nullptr)
        section.problem("'online' is missing; give the codes of a child that answers");
    return Presence{at.value_or(0), read_codes(section, "online"), read_codes(section, "offline")};
}

std::optional<ChildText> read_child_text(const Section& children, std::string_view key, Report& report) {
    const Node* node = children.find(key);
    if (node == nullptr) return std::nullopt;
    const Section section(*node, report, fmt::format("children: {}", key), {"read", "count"});
    const auto at = holding(section, "read");
    const auto count = section.integer("count", 1, 32);
    if (!count) section.problem("'count' is missing; give the number of registers, 1 to 32");
    if (at && count && *at + *count > 0x10000) section.problem("read", "ends beyond register 65535; correct it");
    return ChildText{at.value_or(0), static_cast<std::uint16_t>(count.value_or(1))};
}

void read_units(const Section& section, Children& children) {
    const Node* node = section.find("units");
    if (node == nullptr) return;
    const auto number = [&](std::size_t i) {
        return node->items.size() == 2 ? scan_integer(node->items[i].text) : std::nullopt;
    };
    const auto first = number(0), last = number(1);
    if (first && last && *first >= 0 && *first <= *last && *last <= 255) {
        children.first_unit = static_cast<std::uint8_t>(*first);
        children.last_unit = static_cast<std::uint8_t>(*last);
    } else {
        section.problem("units", "expected the lowest and the highest unit, as in [1, 247]");
    }
}

}  // namespace

Children read_children(const Node& node, Report& report) {
    Children children;
    const Section section(node, report, "children",
                          {"units", "presence", "serial", "name", "changes", "counts", "list", "profiles"});
    read_units(section, children);
    children.presence = read_presence(section, report);
    children.serial = read_child_text(section, "serial", report);
    children.name = read_child_text(section, "name", report);
    children.changes = holding(section, "changes");
    if (const Node* counts = section.find("counts")) {
        for (const Node& item : counts->items)
            if (const auto at = holding(item, section, "counts")) children.counts.push_back(*at);
        if (counts->items.empty() || counts->items.size() > max_counts)
            section.problem("counts", "expected 1 to 8 registers, as in [holding 30801]");
    }
    if (const auto object = section.integer("list", 0, 255)) children.list = static_cast<std::uint8_t>(*object);
    if (const Node* families = section.find("profiles"))
        for (const Node& item : families->items) children.profiles.push_back(item.text);
    if (children.profiles.empty() || children.profiles.size() > max_families)
        section.problem("profiles", "expected 1 to 32 families that may be found there, as in [maker/family]");
    for (const auto& family : children.profiles)
        if (!model::is_profile_name(family))
            section.problem("profiles",
                            fmt::format("'{}' is no profile name such as eastron/sdm630", family.substr(0, 64)));
    return children;
}

}  // namespace busbar::profile
