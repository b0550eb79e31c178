#pragma once
// The devices of a site and their polling. One pair of coroutines per device: one opens it and keeps its critical
// points fresh, one reads telemetry and slow points beside it. A device that does not open, falls silent or turns out
// to be another one is retried with back-off and never delays the others; one whose profile is broken stands
// quarantined.
//
// Field loop only. Results go to the callbacks given by the wiring (live state, history, control); this file knows none
// of them. Must outlive the loop's run.
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/loop.hpp"
#include "device/device.hpp"
#include "model/device_state.hpp"

namespace busbar::device {

using model::DeviceState;

struct Health {
    DeviceState state = DeviceState::starting;
    std::string problem;  // for people, with the remedy; empty when all is well
    Instant since{};      // when this state began
    bool operator==(const Health&) const = default;
};

struct PollTiming {
    Duration critical = std::chrono::seconds(1);  // start to start; the grid meter may want 500 ms
    Duration telemetry = std::chrono::seconds(10);
    Duration slow = std::chrono::minutes(10);
};

// All on the field loop, in the order things happened. They must not block and not destroy the registry.
struct RegistryEvents {
    std::function<void(std::size_t device)>
        opened;  // info() has its points now; again after each return, perhaps others
    std::function<void(std::size_t device, const PollResult&)> polled;
    std::function<void(std::size_t device, const Health&)> health_changed;
};

class Registry {
public:
    Registry(Loop& loop, RegistryEvents events);
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    // Devices are added before start(); the index is the order of adding.
    std::size_t add(std::unique_ptr<Device> device, PollTiming timing = {});
    // A device that could not even be made. `known` is what the configuration says about it.
    std::size_t add_quarantined(DeviceInfo known, std::string problem);

    void start();
    // No new requests; tasks end at their next step. Setpoints are released by the dispatcher, not here.
    void stop();

    std::size_t size() const;
    Device* device(std::size_t index);  // nullptr when quarantined at start
    const DeviceInfo& info(std::size_t index) const;
    const Health& health(std::size_t index) const;

private:
    struct Slot;
    Task<void> keep_open(Slot& slot);
    Task<void> poll_critical(Slot& slot);
    Task<void> poll_rest(Slot& slot);
    Task<void> poll_once(Slot& slot, PollClass due);
    void set_health(Slot& slot, DeviceState state, std::string problem);

    Loop& loop_;
    RegistryEvents events_;
    std::vector<std::unique_ptr<Slot>> slots_;
    bool is_stopping_ = false;
};

}  // namespace busbar::device
