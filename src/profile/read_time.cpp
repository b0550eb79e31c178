#include "profile/read_time.hpp"

#include <algorithm>

namespace busbar::profile {

using namespace std::chrono_literals;

Duration read_time(const BusRules& rules, std::size_t registers) {
    constexpr int bits = 10;
    constexpr int request = 8, around_registers = 5;  // bytes
    const Duration character = Duration(1s) * bits / rules.baud;
    const Duration silence = rules.baud > 19'200 ? Duration(1750us) : character * 7 / 2;
    const auto bytes = static_cast<std::int64_t>(request + around_registers + 2 * registers);
    return bytes * character + 2 * silence + usual_turnaround + rules.pause;
}

}  // namespace busbar::profile
