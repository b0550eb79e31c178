#pragma once
// Keeps the clocks of the site's devices in step: each device is asked to compare its own about once an hour while it
// is online, one device after the other. When a clock may be set, and how, device/write/clock_keeper.hpp decides.
//
// Field loop only. Nobody waits for run(), so a slow device holds up nothing but the other clocks.
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "base/loop.hpp"
#include "control/fault_book.hpp"
#include "device/device.hpp"
#include "views/local_time.hpp"

namespace busbar::gateway {

// Whether the system says that its clock follows a time server. False when it cannot be asked.
bool is_system_clock_synchronised();

class ClockUpkeep {
public:
    static constexpr Duration first = std::chrono::minutes(1), every = std::chrono::hours(1);
    struct Hooks {
        // Null: it is not there, or silent.
        std::function<std::shared_ptr<device::Device>(const model::DeviceId&)> online;
        std::function<bool()> is_synchronised = is_system_clock_synchronised;  // our own clock
    };
    ClockUpkeep(Loop& loop, LocalTime zone, control::FaultBook& faults, Hooks hooks)
        : loop_(loop), zone_(zone), faults_(faults), hooks_(std::move(hooks)) {}

    // It has just opened, perhaps not for the first time: a power cut may have cost it its clock.
    void opened(const model::DeviceId& id);
    void removed(const model::DeviceId& id);
    // Ends soon after stop(), or when the answer in flight has come.
    Task<void> run();
    void stop();

private:
    Task<void> keep(model::DeviceId id);

    Loop& loop_;
    LocalTime zone_;
    control::FaultBook& faults_;
    Hooks hooks_;
    std::map<model::DeviceId, Instant> due_;
    Event changed_;
    bool is_stopping_ = false;
};

}  // namespace busbar::gateway
