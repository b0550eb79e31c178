#pragma once
// The devices of a site and their polling. One pair of coroutines per device: one opens it and keeps its critical
// points fresh, one reads telemetry and slow points beside it. A device that does not open, falls silent or turns out
// to be another one is retried with back-off and never delays the others; one whose profile is broken stands
// quarantined.
//
// Nobody is there twice: of two slots that turn out to be the same maker, model and serial number the first that opened
// is the device, while it is silent too; the other one stands quarantined, unpolled and unwritten, until the first is
// removed or somebody else answers in its place.
//
// A device stands in a slot, whose index stays the same for as long as the device is there. Devices come and go at any
// time; a free slot is given to the next one.
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
    std::string problem;     // for people, with the remedy; empty when all is well
    Instant since{};         // when this state began
    bool is_double = false;  // quarantined, because it is another device of the site once more
    bool operator==(const Health&) const = default;
};

// Polls begin on a beat that all devices share: at the multiples of their period on the loop's clock, critical ones
// `phase` later. What is asked at the same instant costs one wake-up, and control sees everybody's power of the same
// moment.
struct PollTiming {
    Duration critical = std::chrono::seconds(1);  // start to start; the grid meter may want 500 ms
    Duration telemetry = std::chrono::seconds(10);
    Duration slow = std::chrono::minutes(10);
    Duration phase{0};  // less than `critical`
};

// Telemetry and slow points so many times as rarely.
PollTiming stretched(PollTiming timing, double stretch);

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

    // The index is that of the first free slot. After start() it is polled from the loop's next step on.
    std::size_t add(std::shared_ptr<Device> device, PollTiming timing = {});
    // A device that could not even be made. `known` is what the configuration says about it.
    std::size_t add_quarantined(DeviceInfo known, std::string problem);
    // The slot is free at once and no event tells of the device any more. Requests in flight end by themselves; until
    // then the device is kept. Setpoints are released by the dispatcher before, not here.
    void remove(std::size_t index);

    // From its next polls on.
    void set_timing(std::size_t index, PollTiming timing);

    void start();
    // No new requests; tasks end at their next step. Setpoints are released by the dispatcher, not here.
    void stop();

    std::size_t size() const;  // slots, free ones included
    bool is_used(std::size_t index) const;
    // Of slots in use only.
    std::shared_ptr<Device> device(std::size_t index);  // nullptr when it could not be made
    const DeviceInfo& info(std::size_t index) const;
    const Health& health(std::size_t index) const;

private:
    struct Slot;
    using SlotPtr = std::shared_ptr<Slot>;  // also held by the slot's own coroutines, which may end after its removal
    std::size_t take_slot(SlotPtr slot);
    void begin(const SlotPtr& slot);
    bool is_over(const Slot& slot) const;
    Task<void> keep_open(SlotPtr slot);
    Task<void> poll_critical(Slot& slot);
    Task<void> poll_rest(SlotPtr slot);
    Task<void> poll_once(Slot& slot, PollClass due);
    Status accept(Slot& slot);
    void give_way(Slot& slot);
    void set_health(Slot& slot, DeviceState state, std::string problem);

    Loop& loop_;
    RegistryEvents events_;
    std::vector<SlotPtr> slots_;  // null: free
    bool is_started_ = false, is_stopping_ = false;
};

}  // namespace busbar::device
