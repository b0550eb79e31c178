#pragma once
// Reading a map of the tree with good manners: every key known, every error with its line. load*.cpp only.
#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/load/yaml_tree.hpp"

namespace busbar::profile {

// Collects what is wrong with one file, so that an author sees all of it at once.
class Report {
public:
    explicit Report(std::string_view file_name) : file_name_(file_name) {}
    void add(int line, std::string_view what) {
        if (problems_.size() < 20) problems_.push_back(fmt::format("{}:{}: {}", file_name_, line, what));
    }
    void add(const Report& part) {  // of the same file, after what is here
        problems_.insert(problems_.end(), part.problems_.begin(), part.problems_.end());
    }
    bool empty() const { return problems_.empty(); }
    std::string text() const { return fmt::format("{}", fmt::join(problems_, "\n")); }

private:
    std::string file_name_;
    std::vector<std::string> problems_;
};

// The word of `known` with the fewest edits to `word`, if that is near enough to be a typing slip.
std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known);

// One map. The constructor reports a node that is no map and every key that is not known; find() then looks keys up.
class Section {
public:
    Section(const Node& node, Report& report, std::string what, std::initializer_list<std::string_view> known);

    const Node* find(std::string_view key) const;
    // A scalar's text; reports a missing required key and a list or map in its place.
    std::optional<std::string> text(std::string_view key) const;
    std::optional<std::string> required_text(std::string_view key) const;
    // An integer between min and max, decimal or 0x...; reports anything else.
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max) const;
    std::optional<bool> flag(std::string_view key) const;

    void problem(std::string_view key, std::string_view what) const;  // at the key's line, or the section's
    void problem(std::string_view what) const;
    int line() const { return node_.line; }
    const std::string& what() const { return what_; }
    Report& report() const { return report_; }

private:
    const Node& node_;
    Report& report_;
    std::string what_;
};

}  // namespace busbar::profile
