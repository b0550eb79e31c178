#include "api/request/request_body.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "api/json/number.hpp"
#include "base/phrases_running.hpp"

namespace busbar::api {
namespace json = boost::json;

struct RequestBody::Tree {
    json::value root;

    static const json::value* member(const json::value& in, std::string_view name) {
        if (const auto* object = in.if_object()) return object->if_contains(name);
        const auto* array = in.if_array();
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
        const bool is_index = error == std::errc() && end == name.data() + name.size();
        return array && is_index && index < array->size() ? &(*array)[index] : nullptr;
    }

    // nullptr: absent.
    const json::value* find(std::string_view field) const {
        const json::value* at = &root;
        while (!field.empty()) {
            const auto dot = field.find('.');
            at = member(*at, field.substr(0, dot));
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
std::optional<std::string> stranger(const json::value& value, const std::string& field,
                                    const std::set<std::string, std::less<>>& asked) {
    const std::string prefix = field.empty() ? "" : field + ".";
    const auto below = asked.lower_bound(prefix);
    const bool is_parent = field.empty() || (below != asked.end() && below->starts_with(prefix));
    if (is_parent && value.is_object()) {
        for (const auto& member : value.get_object())
            if (auto found = stranger(member.value(), prefix + std::string(member.key()), asked)) return found;
    } else if (is_parent && value.is_array()) {
        const auto& items = value.get_array();
        for (std::size_t i = 0; i < items.size(); ++i)
            if (auto found = stranger(items[i], prefix + std::to_string(i), asked)) return found;
    } else if (!asked.contains(field)) {
        return field.substr(0, 100);
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
        note(bad_field(std::string(field), say<phrases::field_long>(max_length), "shorten it"));
        return std::nullopt;
    }
    return std::string(*text);
}

std::string RequestBody::text(std::string_view field, std::size_t max_length) {
    auto value = optional_text(field, max_length);
    if (!value) note(bad_field(std::string(field), say<phrases::field_missing>(), "send this field"));
    return value.value_or("");
}

bool RequestBody::has(std::string_view field) {
    asked_.emplace(field);
    const auto* value = tree_->find(field);
    return value && !value->is_null();
}

void RequestBody::note_missing(std::string_view field) {
    if (!has(field)) note(bad_field(std::string(field), say<phrases::field_missing>(), "send this field"));
}

std::optional<double> RequestBody::optional_number(std::string_view field, double low, double high) {
    asked_.emplace(field);
    const auto* value = tree_->find(field);
    if (!value || value->is_null()) return std::nullopt;
    if (!value->is_number()) {
        note(bad_field(std::string(field), say<phrases::field_no_number>(), "send a number"));
        return std::nullopt;
    }
    const double number = value->to_number<double>();
    const auto remedy = fmt::format("choose {} to {}", plain(low), plain(high));
    if (!std::isfinite(number)) {  // 1e999 is a number in JSON, but none of ours
        note(bad_field(std::string(field), say<phrases::field_unbounded>(), remedy));
        return std::nullopt;
    }
    if (number >= low && number <= high) return number;
    const auto what = number < low ? say<phrases::field_below>(plain(number), plain(low))
                                   : say<phrases::field_above>(plain(number), plain(high));
    note(bad_field(std::string(field), what, remedy));
    return std::nullopt;
}

double RequestBody::number(std::string_view field, double low, double high) {
    note_missing(field);
    return optional_number(field, low, high).value_or(0);
}

std::optional<std::int64_t> RequestBody::optional_integer(std::string_view field, std::int64_t low, std::int64_t high) {
    const auto number = optional_number(field, static_cast<double>(low), static_cast<double>(high));
    if (!number) return std::nullopt;
    if (*number == std::floor(*number)) return static_cast<std::int64_t>(*number);
    note(bad_field(std::string(field), say<phrases::field_no_whole_number>(),
                   fmt::format("choose {} to {}", low, high)));
    return std::nullopt;
}

std::int64_t RequestBody::integer(std::string_view field, std::int64_t low, std::int64_t high) {
    note_missing(field);
    return optional_integer(field, low, high).value_or(low);
}

bool RequestBody::boolean(std::string_view field) {
    note_missing(field);
    return boolean_or(field, false);
}

bool RequestBody::boolean_or(std::string_view field, bool otherwise) {
    asked_.emplace(field);
    const auto* value = tree_->find(field);
    if (!value || value->is_null()) return otherwise;
    if (value->is_bool()) return value->get_bool();
    note(bad_field(std::string(field), "not true or false", "send true or false"));
    return otherwise;
}

std::size_t RequestBody::one_of(std::string_view field, std::initializer_list<std::string_view> words) {
    note_missing(field);
    return one_of_or(field, words, 0);
}

std::size_t RequestBody::one_of_or(std::string_view field, std::initializer_list<std::string_view> words,
                                   std::size_t otherwise) {
    const auto word = optional_text(field, 32);
    if (!word) return otherwise;
    const auto found = std::find(words.begin(), words.end(), *word);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    note(bad_field(std::string(field), say<phrases::field_unknown_word>(*word),
                   fmt::format("choose one of {}", fmt::join(words, ", "))));
    return otherwise;
}

std::size_t RequestBody::items(std::string_view field, std::size_t most) {
    asked_.emplace(field);
    const auto* value = tree_->find(field);
    if (!value || value->is_null()) return 0;
    const auto* list = value->if_array();
    if (!list) note(bad_field(std::string(field), "not a list", "send a list: [...]"));
    if (!list || list->size() <= most) return list ? list->size() : 0;
    note(bad_field(std::string(field), say<phrases::field_too_many>(list->size(), most), "send fewer of them"));
    return 0;
}

std::optional<Problem> RequestBody::problem() {
    if (problem_) return problem_;
    const auto unknown = stranger(tree_->root, "", asked_);
    if (!unknown) return std::nullopt;
    return Problem{
        400, Errc::malformed, *unknown + ": unknown field", "leave it out; openapi.yaml lists the fields", *unknown,
        {}};
}

}  // namespace busbar::api
