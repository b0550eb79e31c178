#pragma once
// The one-time code that proves presence at the box: 80 random bits as "ABCD-EFGH-JKMN-PQRS", made at each start while
// there is no account, printed by the app, never stored.
#include <string>
#include <string_view>

namespace busbar::api {

// Empty when the system has no randomness.
std::string new_setup_code();
// Forgives case, spaces, dashes, and O for 0, I and L for 1. Constant time. False when `code` is empty.
bool is_setup_code(std::string_view typed, std::string_view code);

}  // namespace busbar::api
