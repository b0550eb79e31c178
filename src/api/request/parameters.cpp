#include "api/request/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace busbar::api {

Outcome<std::optional<std::int64_t>> integer_parameter(const net::Request& request, std::string_view name,
                                                       std::int64_t low, std::int64_t high) {
    const auto text = request.parameter(name);
    if (!text) return std::optional<std::int64_t>();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size())
        return bad_field(std::string(name), "not a whole number", "send a whole number");
    if (value < low || value > high)
        return bad_field(std::string(name),
                         fmt::format("{} is {} {}", value, value < low ? "below" : "above", value < low ? low : high),
                         fmt::format("choose {} to {}", low, high));
    return std::optional(value);
}

Outcome<Span> span_parameters(const net::Request& request) {
    const auto from = integer_parameter(request, "from", 0, latest_ms),
               to = integer_parameter(request, "to", 0, latest_ms);
    if (!from) return from.error();
    if (!to) return to.error();
    const std::string remedy = "send from and to as milliseconds since 1970";
    if (!*from) return bad_field("from", "missing", remedy);
    if (!*to) return bad_field("to", "missing", remedy);
    if (**from >= **to) return bad_field("to", "not after from", "choose an end after the start");
    return Span{**from, **to};
}

Outcome<std::vector<std::string>> series_parameters(const net::Request& request) {
    std::vector<std::string> out;
    for (const auto& [name, value] : request.query) {
        if (name != "series") continue;
        if (value.empty() || value.size() > 100)
            return bad_field("series", "not a point id", "take ids from /api/v1/history/series");
        out.push_back(value);
    }
    if (out.empty()) return bad_field("series", "missing", "take ids from /api/v1/history/series");
    if (out.size() > 8) return bad_field("series", "more than 8", "ask in several requests");
    return out;
}

Outcome<std::optional<std::size_t>> word_parameter(const net::Request& request, std::string_view name,
                                                   std::initializer_list<std::string_view> words) {
    const auto text = request.parameter(name);
    if (!text) return std::optional<std::size_t>();
    const auto found = std::find(words.begin(), words.end(), *text);
    if (found == words.end())
        return bad_field(std::string(name), "unknown word", fmt::format("choose one of {}", fmt::join(words, ", ")));
    return std::optional(static_cast<std::size_t>(found - words.begin()));
}

}  // namespace busbar::api
