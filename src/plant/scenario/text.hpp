#pragma once
// Small checked readers of text shared by the scenario and the trace parser. No locale, no exceptions.
#include <optional>
#include <string>
#include <string_view>

namespace busbar::plant {

std::string_view trim(std::string_view text);
// A piece of hostile text for an error message: printable ASCII, at most 40 characters.
std::string clipped(std::string_view text);
// Finite decimal number that fills the whole text.
std::optional<double> parse_number(std::string_view text);
// "2024-06-15T11:00[:00][Z]" -> seconds since 1970; without Z it is taken as it stands (local wall clock).
std::optional<double> parse_instant_s(std::string_view text);

}  // namespace busbar::plant
