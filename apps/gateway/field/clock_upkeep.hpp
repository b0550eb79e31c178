#pragma once
// Keeps the clocks of the site's devices in step: each device is asked to compare its own about once an hour while it
// is online, one device of a line after the other. When a clock may be set, and how, device/write/clock_keeper.hpp
// decides. A clock that is wrong and cannot be set, or may not be, is a fault until it is right.
//
// Field loop only. Nobody waits for run(): a slow device holds up nothing but the other clocks of its own line.
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

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
        // What it shares with others, so that only one of them is asked at a time.
        std::function<std::string(const model::DeviceId&)> line;
        std::function<bool()> is_synchronised = is_system_clock_synchronised;  // our own clock
    };
    ClockUpkeep(Loop& loop, LocalTime zone, control::FaultBook& faults, Hooks hooks)
        : loop_(loop), zone_(zone), faults_(faults), hooks_(std::move(hooks)) {}

    // A clock of this line is being compared, and perhaps set.
    bool is_at(const std::string& line) const { return busy_.contains(line); }
    // It has just opened, perhaps not for the first time: a power cut may have cost it its clock.
    void opened(const model::DeviceId& id);
    void removed(const model::DeviceId& id);
    // Ends soon after stop(), or when the answer in flight has come.
    Task<void> run();
    void stop();

private:
    // Begins what is due on lines where no clock is being compared; says when there is something to begin again.
    Instant begin_due();
    Task<void> keep_on(std::string line, model::DeviceId id);
    Task<void> keep(model::DeviceId id);

    Loop& loop_;
    LocalTime zone_;
    control::FaultBook& faults_;
    Hooks hooks_;
    std::map<model::DeviceId, Instant> due_;
    std::set<std::string> busy_;  // lines on which a clock is being compared
    Event changed_;
    bool is_stopping_ = false;
};

}  // namespace busbar::gateway
