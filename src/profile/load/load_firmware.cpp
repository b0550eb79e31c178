// The part `firmware` of a profile, and the same list in a file of its own.
#include "profile/load/load.hpp"
#include "profile/load/load_parts.hpp"

namespace busbar::profile {
namespace {

constexpr std::size_t max_rules = 200, max_entries = 100;

std::vector<std::string> read_texts(const Section& section, std::string_view key) {
    std::vector<std::string> texts;
    const Node* node = section.find(key);
    if (node == nullptr) return texts;
    for (const Node& item : node->items)
        if (item.kind == Node::Kind::scalar && !item.text.empty() && item.text.size() <= 64)
            texts.push_back(item.text);
        else
            section.report().add(item.line,
                                 fmt::format("{}: {}: expected texts of 1 to 64 characters", section.what(), key));
    if (node->kind != Node::Kind::list || node->items.empty() || node->items.size() > max_entries)
        section.problem(key, fmt::format("expected a list of 1 to {} texts", max_entries));
    return texts;
}

FirmwareRule read_rule(const Node& node, Report& report) {
    FirmwareRule rule;
    rule.line = node.line;
    const Section section(node, report, "firmware",
                          {"models", "known_good", "known_bad", "too_old_below", "others", "note"});
    if (node.kind != Node::Kind::map) return rule;
    rule.models = read_texts(section, "models");
    if (section.find("models") == nullptr) section.problem("'models' is missing; how do their names begin?");
    rule.known_good = read_texts(section, "known_good");
    rule.known_bad = read_texts(section, "known_bad");
    rule.too_old_below = section.text("too_old_below").value_or("").substr(0, 64);
    rule.note = section.text("note").value_or("");
    if (const auto others = section.text("others")) {
        rule.is_complete = *others == "unsupported";
        if (!rule.is_complete && *others != "unknown") section.problem("others", "expected unknown or unsupported");
        if (rule.is_complete && rule.known_good.empty())
            section.problem("others", "without 'known_good' every version would be unsupported");
    }
    if (rule.known_good.empty() && rule.known_bad.empty() && rule.too_old_below.empty())
        section.problem("says nothing; add known_good, known_bad or too_old_below");
    for (const std::string& bad : rule.known_bad)
        for (const std::string& good : rule.known_good)
            if (bad == good) section.problem("known_bad", fmt::format("{} is also known to be good", good));
    return rule;
}

}  // namespace

std::vector<FirmwareRule> read_firmware(const Node& node, Report& report) {
    std::vector<FirmwareRule> rules;
    if (node.kind != Node::Kind::list || node.items.empty() || node.items.size() > max_rules)
        report.add(node.line, fmt::format("firmware: expected a list of 1 to {} rules, as in "
                                          "[{{models: [A1], known_good: [\"1.2\"]}}]",
                                          max_rules));
    for (const Node& item : node.items)
        if (rules.size() < max_rules) rules.push_back(read_rule(item, report));
    return rules;
}

Result<std::vector<FirmwareRule>> load_firmware_table(std::string_view yaml, std::string_view file_name) {
    if (yaml.size() > max_profile_bytes)
        return fail(Errc::malformed, fmt::format("{}:1: {} bytes, at most {} are read; is this a table of firmware?",
                                                 file_name, yaml.size(), max_profile_bytes));
    Report report(file_name);
    BUSBAR_TRY(const Node root, parse_yaml(yaml, file_name));
    const Section top(root, report, "table", {"source", "firmware"});
    (void)top.required_text("source");
    std::vector<FirmwareRule> rules;
    const Node* node = top.find("firmware");
    if (node != nullptr)
        rules = read_firmware(*node, report);
    else
        top.problem("'firmware' is missing; add it");
    if (!report.empty()) return fail(Errc::malformed, report.text());
    return rules;
}

}  // namespace busbar::profile
