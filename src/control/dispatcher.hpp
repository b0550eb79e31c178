#pragma once
// Carries setpoints to devices and keeps them alive there. The cycle states each second what is wanted; one task per
// device writes what changed, refreshes leases, reads back (inside Device::apply), and releases what nobody wants any
// more. A slow or silent device delays only itself. Field loop only; lives until its loop has stopped running.
//
// Rules: a lease lasts three refreshes at most; a value is written when it changed or its lease needs it; when a
// device holds another value the same register is written at most three times a minute, so that two masters never
// fight; one that says no is asked again after a fifth of its lease, twice, so that it either obeys or is given up (an
// alarm, and control goes on without it) before what it was told last runs out.
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/loop.hpp"
#include "control/decision_log.hpp"
#include "control/fault_book.hpp"
#include "device/device.hpp"
#include "model/setpoint.hpp"
#include "model/snapshot.hpp"

namespace busbar::control {

inline constexpr Duration lease_time = std::chrono::seconds(15);
inline constexpr Duration refresh_time = std::chrono::seconds(5);

// What is known about one setpoint of one device.
struct Actuator {
    model::Target target;
    device::SetpointInfo range;
    device::Fallback fallback;
    std::optional<model::Held> held;  // being written or confirmed; what the device is assumed to do
    std::optional<double> confirmed;  // last value read back
    std::optional<Instant> confirmed_at;
    bool is_refusing = false;  // said no three times in a row
};

class Dispatcher {
public:
    Dispatcher(Loop& loop, DecisionLog& log, FaultBook& faults) : loop_(loop), log_(log), faults_(faults) {}

    // At any time; no other device has this index now. Its setpoints are taken from DeviceInfo when it opened.
    void add_device(std::uint16_t index, std::shared_ptr<device::Device> device);
    // Takes the device out of control: from now on it is told nothing new and is no actuator; what it may hold is
    // released. Returns when that is done, at the deadline at the latest; what it may still hold then is logged. False:
    // it may hold something. The others are not concerned. True for an index without device.
    Task<bool> remove_device(std::uint16_t index, Instant deadline);
    // Looks for setpoints of devices that have opened since; cheap, called every cycle.
    void refresh_devices();
    // The complete list of what is wanted now. A target that is missing for three seconds is released.
    void dispatch(std::span<const model::Setpoint> setpoints);
    // Every device releases its own, side by side; returns when all are done or at the deadline. No release begins
    // afterwards; what may still hold a setpoint then is logged. Once.
    Task<void> shut_down(Instant deadline);

    std::vector<Actuator> actuators() const;

private:
    struct Slot {
        Actuator known;
        std::optional<model::Setpoint> wanted;
        std::optional<Instant> unwanted_since;
        std::optional<Instant> last_try;
        bool must_release = false;  // the device may hold a setpoint that is not in known.held: of our last life, or
                                    // because it refused to let go
        bool has_refused_release = false;
        int refusals = 0, timeouts = 0;
        bool has_said_no = false;  // the last refusal: its own, not another value in force
        std::uint64_t decision = 0;
    };
    struct Lane {
        std::uint16_t index;
        std::shared_ptr<device::Device> device;
        std::vector<Slot> slots;
        Event wake;
        bool is_busy = false;
        // Handing back, once it is time for that: until when, and when the last attempt may begin.
        std::optional<Instant> stop_by;
        Instant last_turn{};
        bool has_tried = false, is_done = false;
    };

    Task<void> serve(std::shared_ptr<Lane> lane);
    Task<void> write(Lane& lane, Slot& slot);
    Task<void> release(Lane& lane, Slot& slot);
    Task<void> hand_back(Lane& lane);
    Task<void> release_all(Lane& lane);
    bool has_all(bool Lane::*state) const;
    static void stop(Lane& lane, Instant last_turn, Instant deadline);
    static void say_what_is_held(const Lane& lane);
    void note_release(const model::DeviceId& device, model::Target target, bool is_done);
    static bool may_hold(const Slot& slot) { return slot.known.held || slot.must_release; }
    Slot* find(model::Target target);
    bool needs_write(const Slot& slot) const;
    bool needs_release(const Slot& slot) const;
    static Duration pause_after_refusal(const Slot& slot);
    void want(Slot& slot, const model::DeviceId& device, const model::Setpoint& setpoint);
    void accept(Lane& lane, Slot& slot, double asked, double in_force);
    void say_refused(Lane& lane, const Slot& slot, model::FaultKind kind, const Error& error, std::string_view text);
    void fail(Lane& lane, Slot& slot, std::optional<model::Held> before, std::optional<double> shown,
              const Error& error);

    Loop& loop_;
    DecisionLog& log_;
    FaultBook& faults_;
    std::vector<std::shared_ptr<Lane>> lanes_;  // each lane's task holds it too and may outlast its removal
    bool is_stopping_ = false;
};

}  // namespace busbar::control
