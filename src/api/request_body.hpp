#pragma once
// A request body taken apart: JSON of limited depth and size, every field asked for by name and type, unknown fields
// refused (nobody sets what was not meant to be settable). Errors name the dotted field and the remedy.
//
//   auto body = RequestBody::parse(request);
//   const auto mode = body->text("feed_in_limit.mode");
//   if (auto problem = body->problem()) return *problem;     // first thing that was wrong
//
// After a failed read the value is empty or 0 and problem() says why; fields may be read on without harm.
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/problem.hpp"

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
    bool boolean(std::string_view field);
    // The index in `words` of the text there.
    std::size_t one_of(std::string_view field, std::initializer_list<std::string_view> words);

    // The first error met, or one for a field nobody asked for. Call it after the last read.
    std::optional<Problem> problem();

private:
    struct Tree;
    explicit RequestBody(std::unique_ptr<Tree> tree);
    void note(Problem problem);

    std::unique_ptr<Tree> tree_;
    std::optional<Problem> problem_;
    std::set<std::string, std::less<>> asked_;
};

}  // namespace busbar::api
