#pragma once
// What a refused write means. Pure; used by the dispatcher.
#include <string_view>

#include "base/error.hpp"

namespace busbar::device {

// Of a write that was `refused`: the device itself said no, with an exception. Else it took the write and holds another
// value: perhaps it has another master.
inline bool says_no(const Error& refused) {
    // The bus puts the exception code into the text (modbus_bus.hpp).
    return refused.kind == Errc::refused && refused.text.find("exception ") != std::string_view::npos;
}

}  // namespace busbar::device
