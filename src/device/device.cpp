#include "device/device.hpp"

namespace busbar::device {

void Device::keep_off(std::optional<Error>) {}

Task<Result<std::vector<SettingValue>>> Device::read_settings() { co_return std::vector<SettingValue>{}; }

std::optional<double> Device::shown(model::RoleKey) const { return std::nullopt; }

Task<Result<SettingWritten>> Device::write_setting(std::string key, double) {
    co_return fail(Errc::unsupported, key.substr(0, 40) + ": this device has no settings");
}

Task<Result<ClockReport>> Device::keep_clock(SiteTime) { co_return ClockReport{}; }

Task<UpgradeState> Device::upgrade(std::shared_ptr<UpgradeOrder> order) {
    UpgradeState state = order->resume;
    state.phase = UpgradePhase::failed;
    state.text = "this device takes no firmware through the gateway";
    co_return state;
}

std::string_view to_string(UpgradePhase phase) {
    switch (phase) {
        case UpgradePhase::none:
            return "none";
        case UpgradePhase::transferring:
            return "transferring";
        case UpgradePhase::checking:
            return "checking";
        case UpgradePhase::installing:
            return "installing";
        case UpgradePhase::done:
            return "done";
        case UpgradePhase::interrupted:
            return "interrupted";
        case UpgradePhase::cancelled:
            return "cancelled";
        case UpgradePhase::failed:
            return "failed";
    }
    return "unknown";
}

}  // namespace busbar::device
