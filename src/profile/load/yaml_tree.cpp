#include "profile/load/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

namespace busbar::profile {
namespace {

// What the builder throws to leave the parser; never leaves parse_yaml().
struct Refused {
    int line;
    std::string text;
};

class Builder final : public YAML::EventHandler {
public:
    Node root;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add(leaf(Node::Kind::null, mark, anchor, {}), {});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        throw Refused{line_of(mark), "aliases (*name) are not allowed here; write the value out"};
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        Node node = leaf(Node::Kind::scalar, mark, anchor, tag);
        // A plain ~ or empty value arrives as OnNull; "!" only marks a quoted scalar.
        node.text = value;
        add(std::move(node), tag);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(leaf(Node::Kind::list, mark, anchor, tag));
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(leaf(Node::Kind::map, mark, anchor, tag));
    }
    void OnMapEnd() override { close(); }

private:
    struct Level {
        Node node;
        std::optional<std::pair<std::string, int>> key;  // a map's key that waits for its value
        std::map<std::string, int> lines;                // of all keys so far
    };

    static int line_of(const YAML::Mark& mark) { return mark.line + 1; }

    Node leaf(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
        const int line = line_of(mark);
        if (anchor != 0) throw Refused{line, "anchors (&name) are not allowed here; write the value where it is used"};
        if (!tag.empty() && tag != "?" && tag != "!")
            throw Refused{line, fmt::format("tag '{}' is not allowed here; remove it", tag.substr(0, 40))};
        if (++nodes_ > max_yaml_nodes)
            throw Refused{line, fmt::format("more than {} values; split the file", max_yaml_nodes)};
        Node node;
        node.kind = kind;
        node.line = line;
        return node;
    }
    void open(Node node) {
        if (levels_.size() >= max_yaml_depth)
            throw Refused{node.line, fmt::format("nested deeper than {} levels; flatten it", max_yaml_depth)};
        if (!levels_.empty() && levels_.back().node.kind == Node::Kind::map && !levels_.back().key)
            throw Refused{node.line, "a key must be a plain word"};
        levels_.push_back({std::move(node), std::nullopt, {}});
    }
    void close() {
        Node done = std::move(levels_.back().node);
        levels_.pop_back();
        add(std::move(done), {});
    }
    void add(Node node, const std::string&) {
        if (levels_.empty()) {
            root = std::move(node);
            return;
        }
        Level& level = levels_.back();
        if (level.node.kind == Node::Kind::list) {
            level.node.items.push_back(std::move(node));
        } else if (!level.key) {
            take_key(level, node);
        } else {
            level.node.entries.push_back({std::move(level.key->first), level.key->second, std::move(node)});
            level.key.reset();
        }
    }
    static void take_key(Level& level, const Node& node) {
        if (node.kind != Node::Kind::scalar || node.text.size() > 64)
            throw Refused{node.line, "a key must be a plain word of at most 64 characters"};
        const auto [first, is_new] = level.lines.emplace(node.text, node.line);
        if (!is_new)
            throw Refused{node.line,
                          fmt::format("'{}' stands twice (first in line {}); remove one", node.text, first->second)};
        level.key = {node.text, node.line};
    }

    std::vector<Level> levels_;
    int nodes_ = 0;
};

}  // namespace

Result<Node> parse_yaml(std::string_view text, std::string_view file_name) {
    const auto refuse = [&](int line, std::string_view why) {
        return fail(Errc::malformed, fmt::format("{}:{}: {}", file_name, std::max(line, 1), why));
    };
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        Builder builder;
        if (!parser.HandleNextDocument(builder)) return refuse(1, "the file is empty");
        Builder rest;
        if (parser.HandleNextDocument(rest))
            return refuse(rest.root.line, "a second document begins here; one file holds one profile");
        return std::move(builder.root);
    } catch (const Refused& refused) {
        return refuse(refused.line, refused.text);
    } catch (const YAML::Exception& e) {
        return refuse(e.mark.line + 1,
                      fmt::format("not YAML: {}; check indentation, quotes and brackets near here", e.msg));
    }
}

}  // namespace busbar::profile
