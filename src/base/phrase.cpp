#include "base/phrase.hpp"

#include "base/phrases.hpp"
#include "base/phrases_running.hpp"

namespace busbar {
namespace {

constexpr std::size_t longest_text = 2000;  // more is no sentence of ours
constexpr int deepest = 4;
constexpr int most_places = 6;  // "line1: unit 3: holding 40: <sentence>"

// Up to the next blank; `rest` goes on behind it.
std::string_view literal(std::string_view& rest) {
    const std::string_view text = rest.substr(0, rest.find('{'));
    rest.remove_prefix(text.size());
    return text;
}
std::string_view blank(std::string_view& rest) {
    const std::size_t end = rest.find('}');
    const std::string_view name = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return name;
}

std::optional<Said> recognise_behind_places(std::string_view text, int depth);

// Each blank takes as little as it can, the last one all that is left.
std::optional<Said> match(const Phrase& phrase, std::string_view text, int depth) {
    std::string_view rest = phrase.text;
    const std::string_view head = literal(rest);
    if (!text.starts_with(head)) return std::nullopt;
    text.remove_prefix(head.size());
    Said said{&phrase, {}, {}};
    while (!rest.empty()) {
        const std::string_view name = blank(rest), next = literal(rest);
        const bool is_last = rest.empty();
        if (is_last && !text.ends_with(next)) return std::nullopt;
        const std::size_t size = is_last ? text.size() - next.size() : text.find(next);
        if (size == std::string_view::npos) return std::nullopt;
        said.values.push_back({std::string(name), std::string(text.substr(0, size)), {}});
        text.remove_prefix(size + next.size());
    }
    if (!text.empty()) return std::nullopt;
    for (Said::Value& value : said.values) value.said = recognise_behind_places(value.text, depth + 1);
    return said;
}

std::optional<Said> recognise(std::string_view text, int depth) {
    if (text.empty() || text.size() > longest_text || depth > deepest) return std::nullopt;
    for (const Phrase* phrase : phrases::all)
        if (auto said = match(*phrase, text, depth)) return said;
    for (const Phrase* phrase : phrases::running)
        if (auto said = match(*phrase, text, depth)) return said;
    return std::nullopt;
}

// Errors put places in front, each with a colon (because()).
std::optional<Said> recognise_behind_places(std::string_view text, int depth) {
    auto said = recognise(text, depth);
    std::size_t from = 0;
    for (int places = 0; !said && places < most_places; ++places) {
        const std::size_t colon = text.find(": ", from);
        if (colon == std::string_view::npos) break;
        from = colon + 2;
        said = recognise(text.substr(from), depth);
        if (said) said->where = std::string(text.substr(0, colon));
    }
    return said;
}

}  // namespace

std::string filled(const Phrase& phrase, const std::vector<std::string>& values) {
    std::string text;
    std::string_view rest = phrase.text;
    text += literal(rest);
    for (const std::string& value : values) {
        if (rest.empty()) break;
        blank(rest);
        text += value;
        text += literal(rest);
    }
    return text;
}

std::optional<Said> recognise(std::string_view text) { return recognise_behind_places(text, 0); }

}  // namespace busbar
