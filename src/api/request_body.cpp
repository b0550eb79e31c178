#include "api/request_body.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

#include "api/number.hpp"

namespace busbar::api {
namespace json = boost::json;

struct RequestBody::Tree {
    json::value root;

    // nullptr: absent.
    const json::value* find(std::string_view field) const {
        const json::value* at = &root;
        while (!field.empty()) {
            const auto dot = field.find('.');
            const auto* object = at->if_object();
            if (!object) return nullptr;
            at = object->if_contains(field.substr(0, dot));
            if (!at || dot == std::string_view::npos) return at;
            field.remove_prefix(dot + 1);
        }
        return at;
    }
};

namespace {
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string plain(double value) {
    std::string out;
    append_number(out, value, Decimals(0.001));
    return out;
}

// The first leaf that nobody asked for. Depth was bounded by the parser.
std::optional<std::string> stranger(const json::object& object, const std::string& prefix,
                                    const std::set<std::string, std::less<>>& asked) {
    for (const auto& member : object) {
        const std::string field = prefix + std::string(member.key());
        if (asked.contains(field)) continue;
        const auto below = asked.lower_bound(field + ".");
        const bool is_parent = below != asked.end() && below->starts_with(field + ".");
        if (!is_parent || !member.value().is_object()) return field.substr(0, 100);
        if (auto found = stranger(member.value().get_object(), field + ".", asked)) return found;
    }
    return std::nullopt;
}
}  // namespace

RequestBody::RequestBody(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
RequestBody::RequestBody(RequestBody&&) noexcept = default;
RequestBody::~RequestBody() = default;

Outcome<RequestBody> RequestBody::parse(const net::Request& request) {
    auto type = request.header("content-type");
    type = type.substr(0, type.find(';'));
    if (type != "application/json")
        return Problem{415,
                       Errc::unsupported,
                       "body: content type is not application/json",
                       "send JSON and say so in Content-Type",
                       {},
                       {}};
    return parse_text(request.body);
}

Outcome<RequestBody> RequestBody::parse_text(std::string_view text) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::error_code error;
    json::value root = json::parse(text, error, {}, options);
    if (error == json::error::too_deep)
        return malformed(fmt::format("body: nested deeper than {} levels", max_depth),
                         "send what openapi.yaml describes");
    if (error) return malformed("body: not valid JSON: " + error.message(), "check quotes, commas and braces");
    if (!root.is_object()) return malformed("body: not a JSON object", "send an object: {...}");
    auto tree = std::make_unique<Tree>();
    tree->root = std::move(root);
    return RequestBody(std::move(tree));
}

void RequestBody::note(Problem problem) {
    if (!problem_) problem_ = std::move(problem);
}

std::optional<std::string> RequestBody::optional_text(std::string_view field, std::size_t max_length) {
    asked_.emplace(field);
    const auto* value = tree_->find(field);
    if (!value || value->is_null()) return std::nullopt;
    const auto* text = value->if_string();
    if (!text) {
        note(bad_field(std::string(field), "not a text", "send a text in quotes"));
        return std::nullopt;
    }
    if (characters(*text) > max_length) {
        note(bad_field(std::string(field), fmt::format("longer than {} characters", max_length), "shorten it"));
        return std::nullopt;
    }
    return std::string(*text);
}

std::string RequestBody::text(std::string_view field, std::size_t max_length) {
    auto value = optional_text(field, max_length);
    if (!value) note(bad_field(std::string(field), "missing", "send this field"));
    return value.value_or("");
}

double RequestBody::number(std::string_view field, double low, double high) {
    asked_.emplace(field);
    const auto* value = tree_->find(field);
    if (!value || !value->is_number()) {
        note(bad_field(std::string(field), value ? "not a number" : "missing", "send a number"));
        return 0;
    }
    const double number = value->to_number<double>();
    if (!std::isfinite(number)) {  // 1e999 is a number in JSON, but none of ours
        note(bad_field(std::string(field), "larger than any number can be",
                       fmt::format("choose {} to {}", plain(low), plain(high))));
        return 0;
    }
    if (!(number >= low && number <= high)) {
        const auto what = fmt::format("{} is {} {}", plain(number), number < low ? "below" : "above",
                                      plain(number < low ? low : high));
        note(bad_field(std::string(field), what, fmt::format("choose {} to {}", plain(low), plain(high))));
        return 0;
    }
    return number;
}

bool RequestBody::boolean(std::string_view field) {
    asked_.emplace(field);
    const auto* value = tree_->find(field);
    if (value && value->is_bool()) return value->get_bool();
    note(bad_field(std::string(field), value ? "not true or false" : "missing", "send true or false"));
    return false;
}

std::size_t RequestBody::one_of(std::string_view field, std::initializer_list<std::string_view> words) {
    const auto word = text(field, 32);
    const auto found = std::find(words.begin(), words.end(), word);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    note(bad_field(std::string(field), "unknown word '" + word + "'",
                   fmt::format("choose one of {}", fmt::join(words, ", "))));
    return 0;
}

std::optional<Problem> RequestBody::problem() {
    if (problem_) return problem_;
    const auto unknown = stranger(tree_->root.get_object(), "", asked_);
    if (!unknown) return std::nullopt;
    return Problem{
        400, Errc::malformed, *unknown + ": unknown field", "leave it out; openapi.yaml lists the fields", *unknown,
        {}};
}

}  // namespace busbar::api
