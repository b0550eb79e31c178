#pragma once
// A device that a profile describes, on a Modbus bus. Created by the wiring in apps/, polled by Registry, written by
// the dispatcher. Its parts: identify, sunspec_walk, PointReader, SetpointWriter,
// SettingWriter, ClockKeeper,
// FirmwareUpgrade.
#include <memory>
#include <optional>
#include <span>

#include "base/loop.hpp"
#include "bus/modbus_bus.hpp"
#include "device/device.hpp"
#include "device/modbus_unit.hpp"
#include "device/write/clock_keeper.hpp"
#include "profile/profile.hpp"

namespace busbar::device {

struct ModbusDeviceOptions {
    model::DeviceId id;
    std::string name;
    std::uint8_t unit = 1;
    std::optional<double> rated_power_w;  // ac.power.rated when the device does not say, or says it wrong
    // Another one is another device. Empty, or of a family that tells none: not checked. One that could tell and does
    // not is read, and nothing is written to it until it does.
    std::string expected_serial{};
};

// How old a reading of this class may get before it is no value any more.
Duration stale_after(PollClass every, const profile::BusRules& rules);

class ModbusDevice final : public Device {
public:
    // Loop and bus outlive the device.
    ModbusDevice(Loop& loop, bus::ModbusBus& bus, std::shared_ptr<const profile::Profile> profile,
                 ModbusDeviceOptions options);

    const DeviceInfo& info() const override { return info_; }
    Task<Status> open() override;
    void keep_off(std::optional<Error> why) override;
    bool is_trusted() const override { return !distrust_ && !kept_off_; }
    Task<PollResult> poll(PollClass due) override;
    Task<Result<double>> apply(SetpointWrite setpoint) override;
    std::optional<double> shown(model::RoleKey role) const override;
    Task<Status> release(model::RoleKey role) override;
    Fallback fallback(model::RoleKey role) const override;
    bool wants_reopen() const override;
    std::shared_ptr<const profile::Profile> placed() const override;

    // What it costs its bus (bus_load.hpp): the profile, and the points it reads, valid until the next open().
    const profile::Profile& profile() const { return *profile_; }
    std::span<const profile::Point> points() const;
    Task<Result<std::vector<SettingValue>>> read_settings() override;
    Task<Result<SettingWritten>> write_setting(std::string key, double value) override;
    Task<Result<ClockReport>> keep_clock(SiteTime time) override;
    Task<UpgradeState> upgrade(std::shared_ptr<UpgradeOrder> order) override;

private:
    struct Session;
    Task<Result<std::shared_ptr<const profile::Profile>>> place(ModbusUnit unit) const;
    Task<Status> open_expected();
    Status prove(const profile::Profile& placed, const std::string& serial);
    Task<void> ask_serial(const profile::Profile& placed, PollResult& result);
    // The session to write through; null, with the reason, while there is none or who answers has to be proven first.
    std::shared_ptr<Session> trusted(Error& why) const;
    void describe(const Session& session);

    Loop& loop_;
    bus::ModbusBus& bus_;
    std::shared_ptr<const profile::Profile> profile_;
    ModbusDeviceOptions options_;
    DeviceInfo info_;
    ClockKeeper clock_keeper_;
    bool is_upgrading_ = false;
    bool has_new_firmware_ = false;         // since open(): what it told then may not hold any more
    std::optional<Error> distrust_;         // why nothing is written to what answers there
    std::optional<Error> kept_off_;         // the same, said from outside
    std::optional<Instant> ask_serial_at_;  // it tells none, though it could
    bool has_told_serial_ = false;          // since open(): who it is can be proven now
    std::shared_ptr<Session> session_;      // shared with calls in flight: open() may replace it under an apply()
};

}  // namespace busbar::device
