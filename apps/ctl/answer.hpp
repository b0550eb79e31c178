#pragma once
// Reading the API's answers for people: a missing or null field is "unknown", never 0, and no text of a device reaches
// the terminal's command set. Pure.
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace busbar::ctl {

// nullptr: missing or null.
const boost::json::value* field(const boost::json::value& in, const char* name);
// Printable; `otherwise` when missing, null, empty or no text.
std::string text_of(const boost::json::value& in, const char* name, const std::string& otherwise = "-");
// The same for the API's fixed words: "in_force" -> "in force".
std::string words_of(const boost::json::value& in, const char* name);
std::optional<double> number_of(const boost::json::value& in, const char* name);
std::string count_of(const boost::json::value& in, const char* name);  // "12,345"; "-" when unknown
std::string age_of(const boost::json::value& in, const char* name);    // of milliseconds: "1.2 s"
std::string time_of(const boost::json::value& in, const char* name);   // of milliseconds since the epoch, local
const boost::json::array& list_of(const boost::json::value& in, const char* name);

}  // namespace busbar::ctl
