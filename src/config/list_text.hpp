#pragma once
// The text of a YAML file whose lists of maps are edited as a careful person would: one entry is added, removed or
// changed, every other line, comment and blank stays as it is. Knows nothing of sites; edit.hpp uses it and checks the
// result by loading it.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace busbar::config {

// Keys and values of one entry, in the order in which they are written.
using Fields = std::vector<std::pair<std::string, std::string>>;

// "{id: roof, name: South roof}", with quotes where YAML needs them.
std::string entry_text(const Fields& fields);

// One value, with quotes where YAML needs them.
std::string scalar_text(std::string_view text);

// `list` is a key of the file's outermost map; the entry is the one whose `id` is this. Errors: unsupported when the
// text is written in a way that cannot be edited line by line; what and why is in the text; denied when an entry has
// the id of a new one, also one that is not used because it is wrong.
Result<std::string> add_entry(std::string_view yaml, std::string_view list, const Fields& fields);
// A key of the outermost map, with everything below it, becomes these lines: the first has the key. Comments before it
// stay. No lines: it goes, if it is there.
Result<std::string> put_section(std::string_view yaml, std::string_view key, const std::vector<std::string>& lines);
Result<std::string> remove_entry(std::string_view yaml, std::string_view list, std::string_view id);
Result<std::string> change_entry(std::string_view yaml, std::string_view list, std::string_view id,
                                 const Fields& fields);

}  // namespace busbar::config
