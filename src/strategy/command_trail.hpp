#pragma once
// Remembers the last setpoints sent to a group of devices and says how much of them cannot have arrived yet when a
// meter reading was taken. That is how self_consumption tells "the load changed" from "my own last step is still on its
// way": the answer is an interval, because dead time, lag and the meter's age are only known within bounds. Pure value.
#include <array>
#include <cstddef>
#include <optional>

#include "base/clock.hpp"
#include "model/snapshot.hpp"

namespace busbar::strategy {

// Bounds of a first-order response after a dead time, seen from sending the setpoint to the arrival of a reading that
// shows it. Defaults cover battery inverters with 0..1 s command delay and 0.1..0.7 s lag behind meters 0..0.6 s old.
struct Response {
    Duration dead_min = std::chrono::milliseconds(0);
    Duration dead_max = std::chrono::milliseconds(1400);
    Duration lag_min = std::chrono::milliseconds(150);
    Duration lag_max = std::chrono::milliseconds(700);
};

struct Range {
    double low = 0, high = 0;
    double width() const { return high - low; }
};

class CommandTrail {
public:
    static constexpr std::size_t capacity = 32;  // at 0.25 s cycles still 8 s, longer than any response

    void note(model::Held command);  // ignored when it equals the newest value
    // Change still to come at instant t, in W, of everything sent before t.
    Range in_flight(Instant t, const Response& response) const;
    // Smallest and largest value that was in force at any instant since `from`.
    Range since(Instant from) const;
    // The measured power when it is less than every setpoint of the last seconds asked for: a battery that is warm,
    // nearly full or nearly empty gives what it can. nullopt: it follows, or still may.
    std::optional<double> shortfall(Instant now, double measured_w) const;
    bool empty() const { return count_ == 0; }

private:
    const model::Held& at(std::size_t i) const { return ring_[(first_ + i) % capacity]; }

    std::array<model::Held, capacity> ring_{};
    std::size_t first_ = 0, count_ = 0;
};

}  // namespace busbar::strategy
