#pragma once
// What a read costs its line: the measure by which reads are planned, judged by the tests and measured by bench/. Pure.
#include <cstddef>

#include "profile/profile.hpp"

namespace busbar::profile {

// Assumed of every device; meters take 5 to 20 ms.
inline constexpr Duration usual_turnaround = std::chrono::milliseconds(10);

// From the first byte of the request until the next one may begin: request, turnaround and answer at the family's baud
// rate with 10 bits for a character, both silences between frames, and the pause the family asks for. A family on
// Modbus TCP alone counts with 9600 baud too, so that no plan reads over what costs a serial server behind it more than
// another request would.
Duration read_time(const BusRules& rules, std::size_t registers);

}  // namespace busbar::profile
