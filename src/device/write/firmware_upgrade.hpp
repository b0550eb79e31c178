#pragma once
// One upgrade of one device's firmware, as its profile describes it: checks the image, transfers it record by record
// behind what control needs, lets the device check it, commits, waits for the restart and believes only the version the
// device then says. Made by ModbusDevice::upgrade(); explained in docs/explanation/firmware-upgrade.md.
//
// It goes on by itself after lost answers and short absences: the device's own count of records decides what is sent
// next. Before the commit every end leaves the device with the firmware it has; after it only time tells.
#include <memory>

#include "base/loop.hpp"
#include "device/device.hpp"
#include "device/modbus_unit.hpp"
#include "profile/upgrade_image.hpp"

namespace busbar::device {

class FirmwareUpgrade {
public:
    // `profile` has an upgrade part. Loop and bus outlive the run.
    FirmwareUpgrade(Loop& loop, ModbusUnit unit, std::shared_ptr<const profile::Profile> profile,
                    std::shared_ptr<UpgradeOrder> order);

    Task<UpgradeState> run();

private:
    Task<Status> prepare();
    Task<Status> keep();
    Task<Status> begin();
    Task<Status> transfer();
    Task<Status> send_record(std::uint32_t i);
    Task<Status> check();
    Task<Status> commit();
    Task<Status> await_new_version();
    Task<void> abort(UpgradePhase phase, std::string why);
    Task<Status> write_steps(const std::vector<profile::WriteStep>& steps) const;
    Task<Result<std::uint32_t>> read_number(const profile::Address& at, profile::ValueType type) const;
    Task<Result<std::string>> read_text(const profile::TextRead& text) const;
    void show(UpgradePhase phase, std::string text);
    void end(UpgradePhase phase, std::string text);
    bool has_ended() const;

    const profile::Upgrade& rules() const { return *profile_->upgrade; }

    Loop& loop_;
    ModbusUnit unit_;
    std::shared_ptr<const profile::Profile> profile_;
    std::shared_ptr<UpgradeOrder> order_;  // shared with whoever ordered it, who may cancel
    profile::ImageInfo image_;
    UpgradeState state_;
    bool may_have_records_ = false;  // of this image, from before; it is asked
    int restarts_ = 0;  // how often the device forgot what it had
};

}  // namespace busbar::device
