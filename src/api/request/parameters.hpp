#pragma once
// Query parameters, checked: every wrong one is a 400 that names it and says what is allowed. Pure.
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/request/problem.hpp"
#include "net/http.hpp"

namespace busbar::api {

// Times the API takes: 1970 to 2200.
inline constexpr std::int64_t latest_ms = 7'258'118'400'000;

struct Span {
    std::int64_t from_ms = 0, to_ms = 0;  // [from, to), not empty
};

Outcome<std::optional<std::int64_t>> integer_parameter(const net::Request& request, std::string_view name,
                                                       std::int64_t low, std::int64_t high);
Outcome<Span> span_parameters(const net::Request& request);
// 1..8 point ids, each at most 100 bytes.
Outcome<std::vector<std::string>> series_parameters(const net::Request& request);
// Index in `words`; nullopt when absent.
Outcome<std::optional<std::size_t>> word_parameter(const net::Request& request, std::string_view name,
                                                   std::initializer_list<std::string_view> words);

}  // namespace busbar::api
