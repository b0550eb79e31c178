#include "control/obedience.hpp"

#include <algorithm>
#include <cmath>

namespace busbar::control {
namespace {

using namespace std::chrono_literals;

constexpr Duration settling = 5s;  // ramps and lags: setpoints this young may still be on their way
constexpr Duration doubt = 3s;     // settling + doubt + a cycle and a poll stay under 10 s
constexpr Duration probation = 60s;
constexpr Duration forgiving = 10min;

void note(ObedienceMemory& memory, model::Held setpoint, Instant now) {
    if (memory.count > 0 && memory.sent[memory.count - 1].value == setpoint.value) return;
    // Of the setpoints older than the settling time only the newest still matters.
    std::size_t drop = 0;
    while (drop + 1 < memory.count && now - memory.sent[drop + 1].since > settling) ++drop;
    if (memory.count - drop == memory.sent.size()) ++drop;
    std::move(memory.sent.begin() + static_cast<std::ptrdiff_t>(drop),
              memory.sent.begin() + static_cast<std::ptrdiff_t>(memory.count), memory.sent.begin());
    memory.count -= drop;
    memory.sent[memory.count++] = setpoint;
}

bool deviates(const ObedienceInput& input, const ObedienceMemory& memory) {
    double low = memory.sent[memory.count - 1].value, high = low;
    for (std::size_t i = memory.count - 1; i > 0 && input.now - memory.sent[i].since < settling; --i) {
        low = std::min(low, memory.sent[i - 1].value);
        high = std::max(high, memory.sent[i - 1].value);
    }
    // The first setpoint gets its settling time too.
    if (memory.count == 1 && input.now - memory.sent[0].since < settling) return false;
    const double power = input.power_w->value;
    if (input.bound == Bound::at_most) return power > high + input.tolerance_w;
    const double lowest = std::min(low, 0.0), highest = std::max(high, 0.0);
    if (power < lowest - input.tolerance_w || power > highest + input.tolerance_w)
        return true;  // wrong way or too much
    if (low <= input.tolerance_w && high >= -input.tolerance_w) return false;
    const double least = low > 0 ? low : -high;  // smallest magnitude asked of it
    const double moved = low > 0 ? power : -power;
    return !input.may_rest && moved < std::max(0.1 * least, 0.0) && least > input.tolerance_w;
}

}  // namespace

ObedienceMemory judge(const ObedienceInput& input, ObedienceMemory memory) {
    if (!input.setpoint) {
        ObedienceMemory idle;
        idle.idle_since = memory.idle_since.value_or(input.now);
        idle.is_uncontrollable = memory.is_uncontrollable && input.now - *idle.idle_since < forgiving;
        return idle;
    }
    memory.idle_since.reset();
    note(memory, *input.setpoint, input.now);
    if (!input.power_w) return memory;  // silence is judged elsewhere
    if (deviates(input, memory)) {
        memory.obeying_since.reset();
        if (!memory.deviating_since) memory.deviating_since = input.now;
        if (input.now - *memory.deviating_since >= doubt) memory.is_uncontrollable = true;
    } else {
        memory.deviating_since.reset();
        if (!memory.obeying_since) memory.obeying_since = input.now;
        if (input.now - *memory.obeying_since >= probation) memory.is_uncontrollable = false;
    }
    return memory;
}

}  // namespace busbar::control
