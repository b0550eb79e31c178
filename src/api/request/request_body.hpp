#pragma once
// A request body taken apart: JSON of limited depth and size, every field asked for by name and type, unknown fields
// refused (nobody sets what was not meant to be settable). Errors name the dotted field and the remedy.
//
//   auto body = RequestBody::parse(request);
//   const auto mode = body->text("feed_in_limit.mode");
//   if (auto problem = body->problem()) return *problem;     // first thing that was wrong
//
// A part of a list is named by its number: "lines.0.bus".
//
// After a failed read the value is empty or 0 and problem() says why; fields may be read on without harm.
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/request/problem.hpp"

namespace busbar::api {

class RequestBody {
public:
    static constexpr std::size_t max_depth = 16;

    // Errors: 415 (not application/json), 400 (not JSON, not an object, too deep).
    static Outcome<RequestBody> parse(const net::Request& request);
    static Outcome<RequestBody> parse_text(std::string_view json);
    RequestBody(RequestBody&&) noexcept;
    ~RequestBody();

    // `field` is dotted. Lengths are counted in characters.
    std::string text(std::string_view field, std::size_t max_length);
    std::optional<std::string> optional_text(std::string_view field, std::size_t max_length);
    double number(std::string_view field, double low, double high);
    std::optional<double> optional_number(std::string_view field, double low, double high);
    std::int64_t integer(std::string_view field, std::int64_t low, std::int64_t high);
    std::optional<std::int64_t> optional_integer(std::string_view field, std::int64_t low, std::int64_t high);
    bool boolean(std::string_view field);
    bool boolean_or(std::string_view field, bool otherwise);
    // The index in `words` of the text there.
    std::size_t one_of(std::string_view field, std::initializer_list<std::string_view> words);
    std::size_t one_of_or(std::string_view field, std::initializer_list<std::string_view> words, std::size_t otherwise);
    bool has(std::string_view field);  // there, and not null
    // How many items the list there has; 0 when absent.
    std::size_t items(std::string_view field, std::size_t most);

    // For what the caller finds wrong with a value; the first one noted is the one told.
    void note(Problem problem);
    bool has_problem() const { return problem_.has_value(); }  // so far

    // The first error met, or one for a field nobody asked for. Call it after the last read.
    std::optional<Problem> problem();

private:
    struct Tree;
    void note_missing(std::string_view field);
    explicit RequestBody(std::unique_ptr<Tree> tree);

    std::unique_ptr<Tree> tree_;
    std::optional<Problem> problem_;
    std::set<std::string, std::less<>> asked_;
};

}  // namespace busbar::api
