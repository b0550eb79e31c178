#pragma once
// Names and numbers people type, held against what there is, before anything is changed: a slip is told with the
// nearest names. Errors of all: malformed, or what the API answered.
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "commands.hpp"

namespace busbar::ctl {

// The API's object of that device, bus or profile.
Result<boost::json::value> device_named(const Session& session, const std::string& word);
Result<boost::json::value> bus_named(const Session& session, const std::string& word);
Result<boost::json::value> profile_named(const Session& session, const std::string& word);

// What a new device is at this site, from what its kind is as a rule: a second meter is not the grid's.
Result<std::string> usual_use(const Session& session, const std::string& use);

// A whole number; `what` names it: "--count", "UNIT".
Result<std::int64_t> whole_number(const std::string& what, const std::string& text, std::int64_t low,
                                  std::int64_t high);
// nullopt: the option was not given.
Result<std::optional<std::int64_t>> option_number(const Arguments& arguments, const std::string& name, std::int64_t low,
                                                  std::int64_t high);

// Asks on the terminal; `instead` says what to add where nobody can be asked. Errors: denied (no).
Status confirm(const std::string& question, const std::string& instead);

}  // namespace busbar::ctl
