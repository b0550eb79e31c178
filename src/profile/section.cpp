#include "profile/section.hpp"

#include <algorithm>
#include <numeric>

#include "profile/scan.hpp"

namespace busbar::profile {
namespace {

std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known) {
    std::optional<std::string_view> best;
    std::size_t fewest = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string_view candidate : known) {
        const std::size_t edits = edits_between(word, candidate);
        if (edits < fewest) {
            fewest = edits;
            best = candidate;
        }
    }
    return best;
}

Section::Section(const Node& node, Report& report, std::string what, std::initializer_list<std::string_view> known)
    : node_(node), report_(report), what_(std::move(what)) {
    if (node.kind != Node::Kind::map) {
        problem(fmt::format("expected keys with values ({})", fmt::join(known, ", ")));
        return;
    }
    const std::vector<std::string_view> keys(known);
    for (const Entry& e : node.entries) {
        if (std::find(keys.begin(), keys.end(), e.key) != keys.end()) continue;
        const auto guess = nearest(e.key, keys);
        report_.add(e.line,
                    guess ? fmt::format("{}: unknown key '{}'; did you mean '{}'?", what_, e.key, *guess)
                          : fmt::format("{}: unknown key '{}'; known are {}", what_, e.key, fmt::join(keys, ", ")));
    }
}

const Node* Section::find(std::string_view key) const {
    for (const Entry& e : node_.entries)
        if (e.key == key) return &e.value;
    return nullptr;
}

void Section::problem(std::string_view what) const { report_.add(node_.line, fmt::format("{}: {}", what_, what)); }
void Section::problem(std::string_view key, std::string_view what) const {
    const Node* node = find(key);
    report_.add(node != nullptr ? node->line : node_.line, fmt::format("{}: {}: {}", what_, key, what));
}

std::optional<std::string> Section::text(std::string_view key) const {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (node->kind == Node::Kind::scalar && !node->text.empty() && node->text.size() <= 400) return node->text;
    problem(key, "expected a text of 1 to 400 characters");
    return std::nullopt;
}

std::optional<std::string> Section::required_text(std::string_view key) const {
    if (find(key) == nullptr) problem(fmt::format("'{}' is missing; add it", key));
    return text(key);
}

std::optional<std::int64_t> Section::integer(std::string_view key, std::int64_t min, std::int64_t max) const {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->kind == Node::Kind::scalar ? scan_integer(node->text) : std::nullopt;
    if (value && *value >= min && *value <= max) return value;
    problem(key, fmt::format("expected a whole number from {} to {}", min, max));
    return std::nullopt;
}

std::optional<bool> Section::flag(std::string_view key) const {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (node->text == "true" || node->text == "false") return node->text == "true";
    problem(key, "expected true or false");
    return std::nullopt;
}

}  // namespace busbar::profile
