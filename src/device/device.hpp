#pragma once
// One physical device as the poll loop and the dispatcher see it. All calls come from the field loop's thread;
// implementations await their bus and never block. open() and poll() never overlap each other, but polls of different
// classes may. apply() and release() never overlap each other, but an apply() may start while open() or a poll is in
// flight, because a setpoint must not wait for them (the bus puts its frame next). A device keeps no history and knows
// no strategy.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "model/capability.hpp"
#include "model/poll_class.hpp"
#include "model/reading.hpp"
#include "profile/firmware.hpp"

namespace busbar::profile {
struct Profile;
}

namespace busbar::device {

using model::PollClass;

struct PointInfo {
    model::RoleKey role;
    PollClass every = PollClass::telemetry;
    double resolution = 1;   // smallest step of this device's value, in the role's unit; what history keeps
    Duration stale_after{};  // older than this, a reading is no value any more
    std::vector<std::pair<std::uint32_t, std::string>> names{};  // codes (state) or bit numbers (alarm) in words
};

// One setpoint the device accepts; from its profile's controls.
struct SetpointInfo {
    model::RoleKey role;
    double min = 0, max = 0;  // accepted values, in the role's unit
    double resolution = 1;    // smallest step the device can hold
};

// One setting the device keeps; from its profile. Values are in `unit`, or the code of a choice.
struct SettingInfo {
    std::string key, text, unit;
    double min = 0, max = 0, step = 0;                          // step 0: any value between
    std::vector<std::pair<std::int64_t, std::string>> choices;  // not empty: only these
    bool is_owners = false;                                     // else installers only
    bool is_writable = true;                                    // else only shown
    std::string applies;                                        // when it holds, if not at once: "after a restart"
    std::string danger;  // what must be known and confirmed before it is written; empty: nothing
};
struct SettingValue {
    std::string key;
    std::optional<double> value;
    std::string problem;  // why there is none: "this device does not have it"
};
struct SettingWritten {
    std::optional<double> before;
    double value = 0;  // in force, as read back; as written where it cannot be read back
};

// The site's time as a device's clock is held to it.
struct SiteTime {
    std::function<std::chrono::seconds(WallTime)> utc_offset;  // of the site's zone at that instant; must not be empty
    bool is_trusted = false;                                   // the gateway's own clock is synchronised
};
struct ClockReport {
    bool has_clock = false;       // false: this device has none that we know
    std::optional<double> off_s;  // before setting; + it is ahead. nullopt: not known
    bool was_set = false;
    bool is_right = false;      // it shows the right time, perhaps because it was set just now
    bool needs_person = false;  // it is wrong, and its profile does not let it be set from here
    std::string text;           // for people and the log: "off by -75 s; set to 2026-11-21 14:00:03"
};

enum class UpgradePhase : std::uint8_t {
    none,
    transferring,
    checking,     // all is there, the device computes its check value
    installing,   // committed: it restarts, and cannot be stopped any more
    done,         // it says that it runs the new version
    interrupted,  // the link was lost; goes on where it stopped when started again with this state
    cancelled,    // by a person; the device runs what it ran
    failed,
};
std::string_view to_string(UpgradePhase phase);  // "transferring"

// Everything an upgrade needs to go on after the gateway restarted: the caller keeps it on disk.
struct UpgradeState {
    UpgradePhase phase = UpgradePhase::none;
    std::string model, from, to;        // versions; as the device and the image say
    std::uint32_t image_check = 0;      // which image; another one begins anew
    std::uint32_t sent = 0, total = 0;  // records
    std::string text;                   // for people: what it does, or why it failed and what to do
    int percent() const { return total == 0 ? 0 : static_cast<int>(100ull * sent / total); }
};

// One upgrade as its caller orders it. Shared by the caller, who may cancel, and the device while it runs.
struct UpgradeOrder {
    std::vector<std::uint8_t> image;
    UpgradeState resume;  // of an upgrade that was interrupted, or of a gateway that restarted
    // Before the first byte: control must let go of this device and keep off it until upgrade() returns.
    std::function<Task<Status>()> release;
    // Awaited before the first byte and before the device is told to install: written down, so that a gateway which
    // restarts then knows. An error ends the upgrade before that step.
    std::function<Task<Status>(UpgradeState)> keep;
    // Each phase and each percent; to be shown. Must not block.
    std::function<void(const UpgradeState&)> changed;
    bool is_cancelled = false;  // set by the caller; heeded until the device was told to install
};

struct DeviceInfo {
    model::DeviceId id;
    std::string name, maker, model, serial, firmware;  // device strings: hostile, length-limited, printable only
    std::string profile;                               // "huawei/sun2000"
    std::vector<PointInfo> points;                     // constant once open() succeeded
    std::vector<SetpointInfo> setpoints;               // constant once open() succeeded
    model::Capabilities capabilities;
    // Constant once open() succeeded; nullptr: none. Shared, because the codes of a grid code are hundreds of texts and
    // this struct is copied into reports.
    std::shared_ptr<const std::vector<SettingInfo>> settings{};
    bool is_upgradable = false;                   // takes firmware through the gateway
    profile::FirmwareSupport firmware_support{};  // whether its firmware is known to work; from its profile
};

struct PointReading {
    std::uint16_t point = 0;  // index into DeviceInfo::points
    model::Reading reading;
};

struct PollResult {
    std::vector<PointReading> readings;
    std::vector<Error> failures;  // one per block that failed, with the place
};

// What the dispatcher hands down. `lease` is how long the device should obey without a refresh, where it can.
struct SetpointWrite {
    model::RoleKey role;
    double value = 0;
    Duration lease{};
};

// What holds when we fall silent; from the profile, read back where the device can tell.
struct Fallback {
    bool reverts = false;  // false: it keeps the last setpoint for ever
    Duration after{};
    std::string to;  // "own self-consumption"
};

class Device {
public:
    virtual ~Device() = default;

    virtual const DeviceInfo& info() const = 0;
    // Checks that the other end is what the profile says, walks models, reads settings. Errors: timeout (nobody),
    // unsupported (somebody else: "expected a SunSpec device, found ...").
    virtual Task<Status> open() = 0;
    // Nothing is written to it from now on, over each open(), until this is called with nullopt; `why` is told to
    // whoever tries. For who sees all devices and knows what none of them can.
    virtual void keep_off(std::optional<Error> why);
    // What answers there may be written to: by its family's means it has proven who it is, as far as that is asked.
    virtual bool is_trusted() const { return true; }
    // Reads what is due in these classes. Partial success is normal.
    virtual Task<PollResult> poll(PollClass due) = 0;
    // Writes, reads back, returns the value in force (devices round and clip). Errors: denied, out_of_range, timeout,
    // refused (read back a different value: "wrote 3000, device holds 5000").
    virtual Task<Result<double>> apply(SetpointWrite setpoint) = 0;
    // What the last apply() for `role` found standing in the device when it read back, role's unit; nullopt when it did
    // not come to that, or the device shows no such number.
    virtual std::optional<double> shown(model::RoleKey role) const;
    // Hands control back to the device's own logic: at shutdown and when nobody wishes anything any more.
    virtual Task<Status> release(model::RoleKey role) = 0;
    virtual Fallback fallback(model::RoleKey role) const = 0;
    // Every setting of info().settings in that order, read now, behind what control needs. Errors: timeout (nobody
    // answered at all), unavailable (not open).
    virtual Task<Result<std::vector<SettingValue>>> read_settings();
    // Checks range and step before a byte is sent, writes where the value differs, reads back. Errors: unsupported (no
    // such setting), denied (only shown), out_of_range, unavailable (not open; another one is being written), refused
    // (the device says no, or "wrote 3000 W, the device holds 2800 W"), timeout. After a time-out in the middle the
    // text says whether the old value stands or nobody knows. Who may write what is the caller's business. One at a
    // time; may overlap everything else: its registers are never those of a setpoint.
    virtual Task<Result<SettingWritten>> write_setting(std::string key, double value);
    // Compares the device's own clock and sets it where the rule of clock_keeper.hpp allows. To be called about once an
    // hour while the device is online. Errors: as for write_setting; refused when it shows another time than was set.
    virtual Task<Result<ClockReport>> keep_clock(SiteTime time);
    // The profile with this device's own addresses, for whoever speaks to it beside us (northbound); nullptr before
    // open() succeeded, and for what is no Modbus device. Its registers are nobody else's business above this line.
    virtual std::shared_ptr<const profile::Profile> placed() const { return nullptr; }
    // Brings `order->image` to the device and sees it run; polls go on beside it. The end is in the state's phase and
    // text. One at a time.
    virtual Task<UpgradeState> upgrade(std::shared_ptr<UpgradeOrder> order);
    // The device grew since open(), for example by a battery, or runs another firmware: info() would tell more after
    // another open().
    virtual bool wants_reopen() const { return false; }
};

}  // namespace busbar::device
