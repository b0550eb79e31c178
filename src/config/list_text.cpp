#include "config/list_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "profile/load/yaml_tree.hpp"

namespace busbar::config {
namespace {

using profile::Entry;
using profile::Node;
using Lines = std::vector<std::string>;

Error by_hand(std::string_view why) { return fail(Errc::unsupported, std::string(why)); }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
std::size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }
// Neither blank nor a comment.
bool has_content(std::string_view line) {
    const auto at = std::find_if_not(line.begin(), line.end(), is_blank);
    return at != line.end() && *at != '#';
}
bool begins_entry(std::string_view line) {
    const std::size_t at = indent_of(line);
    return at < line.size() && line[at] == '-' && (at + 1 == line.size() || is_blank(line[at + 1]));
}
bool ends_document(std::string_view line) { return line.starts_with("...") || line.starts_with("---"); }

// Just behind the closing quote or bracket that belongs to the opening one at `at`; npos when it is on another line.
std::size_t behind(std::string_view line, std::size_t at) {
    int depth = 0;
    for (std::size_t i = at; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' || c == '\'') {
            std::size_t end = i + 1;
            while (end < line.size() && line[end] != c) end += c == '"' && line[end] == '\\' ? 2 : 1;
            if (end >= line.size()) return std::string_view::npos;
            i = end;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        }
        if (depth == 0) return i + 1;
    }
    return std::string_view::npos;
}

// Where a value that begins at `at` ends: before the blanks of a comment or of the line's end.
std::size_t end_of_value(std::string_view line, std::size_t at) {
    if (at < line.size() && (line[at] == '"' || line[at] == '\'' || line[at] == '{' || line[at] == '['))
        return behind(line, at);
    std::size_t end = std::min(line.find(" #", at), line.size());
    while (end > at && is_blank(line[end - 1])) --end;
    return end;
}

// The file as lines, and what the parser knows about the list in it.
class File {
public:
    static Result<File> read(std::string_view yaml, std::string_view list) {
        BUSBAR_TRY(Node root, profile::parse_yaml(yaml, "site.yaml"));
        File file;
        file.split(yaml);
        if (root.kind != Node::Kind::map) return by_hand("the file is no map of keys");
        file.end_ = file.lines.size();
        for (std::size_t i = 0; i < file.lines.size(); ++i)
            if (i > 0 && ends_document(file.lines[i]) && file.end_ == file.lines.size() && i >= last_line(root))
                file.end_ = i;
        for (std::size_t i = 0; i < root.entries.size(); ++i) {
            if (root.entries[i].key != list) continue;
            file.key_line = static_cast<std::size_t>(root.entries[i].line - 1);
            if (i + 1 < root.entries.size()) file.end_ = static_cast<std::size_t>(root.entries[i + 1].line - 1);
            file.node = std::move(root.entries[i].value);
            break;
        }
        file.list = list;
        return file;
    }

    bool has_list() const { return node.has_value(); }
    std::size_t size() const { return node && node->kind == Node::Kind::list ? node->items.size() : 0; }
    // What stands behind the list's key on its line, without comment.
    std::string_view beside_key() const {
        const std::string_view line = lines[*key_line];
        const std::size_t at = std::min(line.find_first_not_of(" \t", list.size() + 1), line.size());
        const std::size_t end = end_of_value(line, at);
        return line[std::min(at, line.size() - 1)] == '#' ? "" : line.substr(at, end == line.npos ? end : end - at);
    }
    bool is_key_plain() const { return lines[*key_line].starts_with(list + ":"); }

    // The line of the first entry with this id, used or not; 0: there is none.
    int line_of(std::string_view id) const {
        for (std::size_t i = 0; i < size(); ++i)
            for (const Entry& entry : node->items[i].entries)
                if (entry.key == "id" && entry.value.text == id) return entry.line;
        return 0;
    }
    std::optional<std::size_t> find(std::string_view id) const {
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < size(); ++i)
            for (const Entry& entry : node->items[i].entries)
                if (entry.key == "id" && entry.value.text == id) {
                    if (found) return std::nullopt;  // twice: which one is meant?
                    found = i;
                }
        return found;
    }
    // The line with the entry's dash.
    std::optional<std::size_t> first_line(std::size_t item) const {
        auto at = static_cast<std::size_t>(node->items[item].line - 1);
        while (at > *key_line && !begins_entry(lines[at])) --at;
        if (at <= *key_line) return std::nullopt;
        return at;
    }
    // Behind the entry's last line that is neither blank nor a comment.
    std::optional<std::size_t> end_line(std::size_t item) const {
        const auto first = first_line(item);
        const auto next = item + 1 < size() ? first_line(item + 1) : std::optional(end_);
        if (!first || !next || *next <= *first) return std::nullopt;
        std::size_t end = *next;
        while (end > *first + 1 && !has_content(lines[end - 1])) --end;
        return end;
    }

    std::string text() const {
        std::string all;
        for (std::size_t i = 0; i < lines.size(); ++i)
            all += lines[i] + (i + 1 < lines.size() || ends_with_newline_ ? eol_ : "");
        return all;
    }
    void insert(std::size_t at, std::string line) {
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), line);
    }
    void erase(std::size_t first, std::size_t end) {
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
                    lines.begin() + static_cast<std::ptrdiff_t>(end));
    }
    std::size_t end() const { return end_; }

    Lines lines;
    std::string list;
    std::optional<std::size_t> key_line;
    std::optional<Node> node;

private:
    static std::size_t last_line(const Node& node) {
        std::size_t last = static_cast<std::size_t>(std::max(node.line, 1));
        for (const Node& item : node.items) last = std::max(last, last_line(item));
        for (const Entry& entry : node.entries) last = std::max(last, last_line(entry.value));
        return last;
    }
    void split(std::string_view yaml) {
        eol_ = yaml.find("\r\n") == std::string_view::npos ? "\n" : "\r\n";
        while (!yaml.empty()) {
            const std::size_t end = yaml.find('\n');
            std::string_view line = yaml.substr(0, end);
            if (eol_.size() == 2 && line.ends_with('\r')) line.remove_suffix(1);
            lines.emplace_back(line);
            ends_with_newline_ = end != std::string_view::npos;
            yaml.remove_prefix(ends_with_newline_ ? end + 1 : yaml.size());
        }
    }
    std::string eol_ = "\n";
    bool ends_with_newline_ = true;
    std::size_t end_ = 0;  // of the list: the line of the next key
};

// Text that reads back as itself without quotes, also between the braces of a map.
bool is_plain(std::string_view text) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
               static_cast<unsigned char>(c) >= 0x80;
    };
    const auto is_inner = [&](char c) {
        return is_word(c) || c == ' ' || c == '_' || c == '.' || c == '-' || c == '+' || c == '(' || c == ')';
    };
    if (text.empty() || !is_word(text.front()) || text.back() == ' ') return false;
    if (text == "null" || text == "Null" || text == "NULL") return false;
    return std::all_of(text.begin(), text.end(), is_inner);
}

const std::string* value_of(const Fields& fields, std::string_view key) {
    for (const auto& [name, value] : fields)
        if (name == key) return &value;
    return nullptr;
}

Error not_found(std::string_view list, std::string_view id) {
    return by_hand(fmt::format("'{}' is not to be found once under '{}'", id, list));
}

// "  - {id: roof, ...}  # comment", on one line or several.
Result<std::string> change_braces(File file, std::size_t first, std::size_t end, const Fields& fields) {
    std::string& line = file.lines[first];
    const std::size_t brace = line.find('{');
    const std::size_t close = behind(line, brace);
    if (close != std::string::npos) {
        line.replace(brace, close - brace, entry_text(fields));
        return file.text();
    }
    for (std::size_t i = first; i < end; ++i)
        if (file.lines[i].find('#') != std::string::npos)
            return by_hand("its entry goes over several lines with comments in between");
    line.replace(brace, std::string::npos, entry_text(fields));
    file.erase(first + 1, end);
    return file.text();
}

// One "key: value" on a line of its own; the key's first character is at `column`.
Status change_line(std::string& line, std::size_t column, std::string_view key, std::string_view value) {
    if (line.compare(column, key.size() + 1, std::string(key) + ":") != 0)
        return by_hand(fmt::format("the line of '{}' is not written as 'key: value'", key));
    const std::size_t at = line.find_first_not_of(' ', column + key.size() + 1);
    if (at == std::string::npos || line[at] == '#' || line[at] == '|' || line[at] == '>')
        return by_hand(fmt::format("the value of '{}' is not on its line", key));
    const std::size_t end = end_of_value(line, at);
    if (end == std::string::npos) return by_hand(fmt::format("the value of '{}' goes over several lines", key));
    line.replace(at, end - at, scalar_text(value));
    return ok();
}

// "  - id: roof" and the keys below it, each on its line.
Result<std::string> change_keys(File file, std::size_t item, std::size_t end, const Fields& fields) {
    const std::vector<Entry> entries = file.node->items[item].entries;
    const std::string& head = file.lines[static_cast<std::size_t>(entries.front().line - 1)];
    const std::size_t column = head.find(entries.front().key + ":");
    if (column == std::string::npos) return by_hand("its first key is not written as 'key: value'");
    for (const auto& [key, value] : fields) {
        const auto known = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
        if (known == entries.end() || known->value.text == value) continue;
        std::string& line = file.lines[static_cast<std::size_t>(known->line - 1)];
        if (const Status changed = change_line(line, column, key, value); !changed) return changed.error();
    }
    for (const auto& [key, value] : fields)
        if (std::none_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; }))
            file.insert(end++, std::string(column, ' ') + key + ": " + scalar_text(value));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        if (value_of(fields, entry->key) != nullptr) continue;
        const auto at = static_cast<std::size_t>(entry->line - 1);
        if (begins_entry(file.lines[at])) return by_hand(fmt::format("'{}' stands beside the dash", entry->key));
        file.erase(at, at + 1);
    }
    return file.text();
}

}  // namespace

std::string scalar_text(std::string_view text) {
    if (is_plain(text)) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += fmt::format("\\{}", c);
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            quoted += c;
    }
    return quoted + '"';
}

std::string entry_text(const Fields& fields) {
    std::string text;
    for (const auto& [key, value] : fields) text += (text.empty() ? "{" : ", ") + key + ": " + scalar_text(value);
    return text + "}";
}

Result<std::string> add_entry(std::string_view yaml, std::string_view list, const Fields& fields) {
    BUSBAR_TRY(File file, File::read(yaml, list));
    if (!file.has_list()) {
        const std::string head = std::string(list) + ":";
        file.insert(file.end(), head);
        file.insert(file.end() + 1, "  - " + entry_text(fields));
        return file.text();
    }
    if (!file.is_key_plain()) return by_hand(fmt::format("'{}:' does not begin its line", list));
    if (const std::string* id = value_of(fields, "id"))
        if (const int line = file.line_of(*id); line != 0)
            return fail(Errc::denied,
                        fmt::format("line {}: there is an entry '{}' under '{}:' already; correct or remove "
                                    "it there, or choose another id",
                                    line, *id, list));
    if (file.size() == 0) {
        std::string& line = file.lines[*file.key_line];
        const std::string_view beside = file.beside_key();
        if (beside == "[]")
            line.erase(line.find(" []", list.size()), 3);
        else if (!beside.empty())
            return by_hand(fmt::format("'{}:' is no list of lines", list));
        file.insert(*file.key_line + 1, "  - " + entry_text(fields));
        return file.text();
    }
    const auto first = file.first_line(file.size() - 1), end = file.end_line(file.size() - 1);
    if (!first || !end) return by_hand(fmt::format("the list '{}' is not written with a line for each entry", list));
    file.insert(*end, std::string(indent_of(file.lines[*first]), ' ') + "- " + entry_text(fields));
    return file.text();
}

Result<std::string> put_section(std::string_view yaml, std::string_view key, const std::vector<std::string>& lines) {
    BUSBAR_TRY(File file, File::read(yaml, key));
    std::size_t at = file.end();
    if (file.has_list()) {
        if (!file.is_key_plain()) return by_hand(fmt::format("'{}:' does not begin its line", key));
        at = *file.key_line;
        std::size_t end = std::max(file.end(), at + 1);
        while (end > at + 1 && !has_content(file.lines[end - 1])) --end;
        file.erase(at, end);
    }
    for (const std::string& line : lines) file.insert(at++, line);
    return file.text();
}

Result<std::string> remove_entry(std::string_view yaml, std::string_view list, std::string_view id) {
    BUSBAR_TRY(File file, File::read(yaml, list));
    const auto item = file.find(id);
    if (!item) return not_found(list, id);
    const auto first = file.first_line(*item), end = file.end_line(*item);
    if (!first || !end || !file.is_key_plain())
        return by_hand(fmt::format("the list '{}' is not written with a line for each entry", list));
    const bool is_last = file.size() == 1;
    file.erase(*first, *end);
    if (is_last) file.lines[*file.key_line].insert(list.size() + 1, " []");
    return file.text();
}

Result<std::string> change_entry(std::string_view yaml, std::string_view list, std::string_view id,
                                 const Fields& fields) {
    BUSBAR_TRY(File file, File::read(yaml, list));
    const auto item = file.find(id);
    if (!item) return not_found(list, id);
    const auto first = file.first_line(*item), end = file.end_line(*item);
    if (!first || !end) return by_hand(fmt::format("the list '{}' is not written with a line for each entry", list));
    const std::string& line = file.lines[*first];
    const std::size_t at = line.find_first_not_of(" \t", indent_of(line) + 1);
    if (at != std::string::npos && line[at] == '{') return change_braces(std::move(file), *first, *end, fields);
    return change_keys(std::move(file), *item, *end, fields);
}

}  // namespace busbar::config
