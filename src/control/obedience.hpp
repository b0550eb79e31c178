#pragma once
// Does a device do what its setpoint says? Compares the power measured with the setpoints of the last seconds. A device
// that accepts and does not obey is found within 10 s and must show for a minute that it obeys before it is trusted
// again, or not be asked anything for ten minutes. Pure; the cycle asks once per snapshot and actuator.
#include <array>
#include <optional>

#include "model/snapshot.hpp"

namespace busbar::control {

struct ObedienceMemory {
    std::array<model::Held, 16> sent{};  // newest last
    std::size_t count = 0;
    std::optional<Instant> deviating_since, obeying_since, idle_since;
    bool is_uncontrollable = false;
};

// What is expected of the measured power.
enum class Bound : std::uint8_t {
    follow,   // equals the setpoint (battery); less of the right sign is the battery's own protection, not disobedience
    at_most,  // a cap: anything below is fine
};

struct ObedienceInput {
    Instant now{};
    std::optional<model::Held> setpoint;  // W; nullopt: nothing is asked of it
    std::optional<model::Measured> power_w;
    Bound bound = Bound::follow;
    double tolerance_w = 0;
    bool may_rest = false;  // nearly full or nearly empty: standing still is fine
};

ObedienceMemory judge(const ObedienceInput& input, ObedienceMemory memory);

}  // namespace busbar::control
