#pragma once
// Reads and writes the settings of one device, as its profile describes them. Made by ModbusDevice with each open();
// knows nothing about who may write (the API asks) nor about the audit log (the API keeps it). Everything goes by
// hand: a setpoint of control never waits for a setting, and who waits for one has turns on a busy device, too.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.hpp"
#include "device/device.hpp"
#include "device/modbus_unit.hpp"

namespace busbar::device {

class SettingWriter {
public:
    // `profile` has absolute addresses.
    SettingWriter(Loop& loop, ModbusUnit unit, std::shared_ptr<const profile::Profile> profile);

    // As Device::read_settings and Device::write_setting.
    Task<Result<std::vector<SettingValue>>> read_all() const;
    Task<Result<SettingWritten>> write(std::string key, double value);

private:
    // What stands in the device. nullopt in `value`: it says "not available".
    struct Standing {
        std::optional<double> value;
        int exponent = 0;
    };
    Task<Result<Standing>> read(const profile::Setting& setting) const;
    Task<Status> unlock(const profile::Setting& setting) const;
    Task<Result<SettingWritten>> replace(const profile::Setting& setting, double value) const;
    Task<Result<SettingWritten>> confirm(const profile::Setting& setting, double value, std::optional<double> before,
                                         Status sent) const;
    const profile::Setting* find(const std::string& key) const;

    Loop& loop_;
    ModbusUnit unit_;
    std::shared_ptr<const profile::Profile> profile_;
    bool is_writing_ = false;
};

std::vector<SettingInfo> describe_settings(const profile::Profile& profile);

}  // namespace busbar::device
