#pragma once
// Keeps one device's own clock in step with the gateway's (day counters, load profiles and event logs go by it). The
// rule is a pure function, judge_clock(); ClockKeeper reads, asks it, sets and reads back. ModbusDevice owns the
// keeper, the wiring calls Device::keep_clock() each hour.
//
// A clock is set when it is off by more than its profile's tolerance, but never
// - while the gateway's own time is not trusted,
// - within two minutes of midnight, by either clock, or across midnight: day counters would jump,
// - while the site's zone changes between summer and winter time: the device may be about to follow by itself,
// - twice within an hour.
// One whose profile says `set: never` is never set: it is said to be wrong, with the remedy.
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/loop.hpp"
#include "device/device.hpp"
#include "device/modbus_unit.hpp"
#include "profile/clock.hpp"

namespace busbar::device {

struct ClockMoment {
    profile::ClockFace ours{};                  // what the device should show
    std::optional<profile::ClockFace> shown{};  // nullopt: no valid time, it was never set
    bool is_trusted = false;
    bool zone_changes = false;            // the offset to UTC is another one within ten minutes
    std::optional<Duration> since_set{};  // nullopt: not set since start
};
enum class ClockVerdict : std::uint8_t {
    right,
    wait,
    set,
    needs_person,  // wrong, and its profile does not let it be set from here
};
struct ClockJudgement {
    ClockVerdict verdict = ClockVerdict::wait;
    std::string why;  // for people: "off by -75 s", "waits: near midnight, day counters would jump"
};
ClockJudgement judge_clock(const profile::Clock& clock, const ClockMoment& moment);

class ClockKeeper {
public:
    explicit ClockKeeper(Loop& loop) : loop_(loop) {}

    // As Device::keep_clock.
    Task<Result<ClockReport>> keep(ModbusUnit unit, profile::Clock clock, SiteTime time);

private:
    Task<Result<profile::ClockFace>> set(const ModbusUnit& unit, const profile::Clock& clock, const SiteTime& time,
                                         std::vector<std::uint16_t> shown);
    profile::ClockFace face_now(const profile::Clock& clock, const SiteTime& time, Duration later) const;

    Loop& loop_;
    std::optional<Instant> set_at_;
    bool is_keeping_ = false;
};

}  // namespace busbar::device
