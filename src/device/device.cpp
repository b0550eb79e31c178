#include "device/device.hpp"

namespace busbar::device {

Task<Result<std::vector<SettingValue>>> Device::read_settings() { co_return std::vector<SettingValue>{}; }

Task<Result<SettingWritten>> Device::write_setting(std::string key, double) {
    co_return fail(Errc::unsupported, key.substr(0, 40) + ": this device has no settings");
}

Task<Result<ClockReport>> Device::keep_clock(SiteTime) { co_return ClockReport{}; }

}  // namespace busbar::device
