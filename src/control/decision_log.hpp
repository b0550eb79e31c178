#pragma once
// The last decisions with the whole chain of reasons: answers "why does the battery get 1,200 W?". The dispatcher adds
// an entry when a setpoint changes and updates it as the device answers; API and history get each change through the
// sink. Field loop only. Bounded ring: the oldest entry is overwritten.
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/loop.hpp"
#include "model/reading.hpp"
#include "model/setpoint.hpp"

namespace busbar::control {

struct Decision {
    enum class State : std::uint8_t {
        pending,      // decided, the device has not confirmed
        in_force,     // read back
        refused,      // the device said no, or holds another value
        unreachable,  // the device did not answer
        released,     // handed back to the device's own logic
    };
    std::uint64_t id = 0;  // grows by 1 per decision since start
    WallTime at{};
    model::DeviceId device;
    model::Target target;
    std::optional<double> value;  // nullopt: released
    WallTime expires{};           // as of the decision; leases are refreshed while the wish stands
    State state = State::pending;
    std::optional<double> read_back;
    std::vector<model::Step> chain;
};
std::string_view to_string(Decision::State state);

class DecisionLog {
public:
    static constexpr std::size_t capacity = 1000;
    using Sink = std::function<void(const Decision&)>;

    void set_sink(Sink sink) { sink_ = std::move(sink); }
    std::uint64_t add(Decision decision);  // returns its id
    // Unknown or overwritten ids are ignored; the same state again is not reported twice. `said`, when not empty,
    // becomes the last step of the chain, in place of what was said before.
    void update(std::uint64_t id, Decision::State state, std::optional<double> read_back, std::string said = {});
    const std::deque<Decision>& decisions() const { return decisions_; }  // oldest first

private:
    std::deque<Decision> decisions_;
    Sink sink_;
    std::uint64_t next_id_ = 1;
};

}  // namespace busbar::control
