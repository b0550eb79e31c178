#include "profile/firmware.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/phrases.hpp"

namespace busbar::profile {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A run of digits without leading zeros, or of other characters.
struct Part {
    std::string_view text;
    bool is_number = false;
};
Part next_part(std::string_view& rest) {
    const bool is_number = is_digit(rest.front());
    std::size_t end = 1;
    while (end < rest.size() && is_digit(rest[end]) == is_number) ++end;
    Part part{rest.substr(0, end), is_number};
    rest.remove_prefix(end);
    while (is_number && part.text.size() > 1 && part.text.front() == '0') part.text.remove_prefix(1);
    return part;
}

std::weak_ordering compare_parts(const Part& a, const Part& b) {
    if (a.is_number && b.is_number && a.text.size() != b.text.size()) return a.text.size() <=> b.text.size();
    return a.text <=> b.text;
}

std::string quoted(std::string_view text) {
    std::string safe;
    for (const char c : text.substr(0, 64)) safe += c >= 0x20 && c < 0x7F ? c : '?';
    return safe;
}

bool lists(const std::vector<std::string>& versions, std::string_view version) {
    return std::any_of(versions.begin(), versions.end(), [&](const std::string& v) { return v == version; });
}

const FirmwareRule* rule_for(const std::vector<FirmwareRule>& rules, std::string_view model) {
    const FirmwareRule* best = nullptr;
    std::size_t longest = 0;
    for (const FirmwareRule& rule : rules)
        for (const std::string& begin : rule.models)
            if (model.starts_with(begin) && (best == nullptr || begin.size() > longest)) {
                best = &rule;
                longest = begin.size();
            }
    return best;
}

std::string with_note(std::string sentence, const FirmwareRule& rule) {
    return rule.note.empty() ? sentence : sentence + " " + rule.note;
}

}  // namespace

std::string_view to_string(FirmwareVerdict verdict) {
    switch (verdict) {
        case FirmwareVerdict::unknown:
            return "unknown";
        case FirmwareVerdict::supported:
            return "supported";
        case FirmwareVerdict::unsupported:
            return "unsupported";
    }
    return "unknown";
}

std::weak_ordering compare_versions(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        const auto order = compare_parts(next_part(a), next_part(b));
        if (order != std::weak_ordering::equivalent) return order;
    }
    if (a.empty() && b.empty()) return std::weak_ordering::equivalent;
    const bool is_a_longer = b.empty();
    const bool came_before = (is_a_longer ? a : b).front() == '-';  // 1.1.0-beta3 came before 1.1.0
    return is_a_longer == came_before ? std::weak_ordering::less : std::weak_ordering::greater;
}

FirmwareSupport firmware_support(const std::vector<FirmwareRule>& rules, std::string_view model,
                                 std::string_view version) {
    const FirmwareRule* rule = rule_for(rules, model);
    if (rule == nullptr) return {};
    if (version.empty()) return {FirmwareVerdict::unknown, "The device does not say which firmware it has."};
    const std::string name = quoted(version);
    const auto unsupported = [&](std::string why) {
        return FirmwareSupport{FirmwareVerdict::unsupported, with_note(std::move(why), *rule)};
    };
    if (lists(rule->known_bad, version)) return unsupported(say<phrases::version_fails>(name));
    if (lists(rule->known_good, version))
        return {FirmwareVerdict::supported, fmt::format("Firmware {} is known to work.", name)};
    if (!rule->too_old_below.empty() && compare_versions(version, rule->too_old_below) < 0)
        return unsupported(say<phrases::version_old>(name, rule->too_old_below));
    if (rule->is_complete)
        return unsupported(
            say<phrases::version_unlisted>(name, quoted(model), fmt::format("{}", fmt::join(rule->known_good, ", "))));
    if (rule->known_good.empty() && !rule->too_old_below.empty())
        return {FirmwareVerdict::supported, fmt::format("Firmware {} is new enough.", name)};
    return {FirmwareVerdict::unknown, with_note(fmt::format("Firmware {} was not tried.", name), *rule)};
}

}  // namespace busbar::profile
