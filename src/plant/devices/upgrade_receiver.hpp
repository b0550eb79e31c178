#pragma once
// What a simulated device does with new firmware: takes records in order, computes the check value, restarts with the
// new version. No registers and no time of its own: SimulatedDevice maps both.
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "profile/upgrade_image.hpp"
#include "wire/file_record.hpp"

namespace busbar::plant {

class UpgradeReceiver {
public:
    static constexpr double restart_s = 20;

    UpgradeReceiver(profile::Upgrade upgrade, std::string version)
        : upgrade_(std::move(upgrade)), version_(std::move(version)) {}

    void begin(std::uint32_t bytes);
    void abort() { *this = UpgradeReceiver(upgrade_, version_, damaged_, keeps_old_); }
    // Nothing: taken.
    std::optional<wire::ExceptionCode> take(const wire::FileRecord& record);
    // Installs when what came is whole and its check value holds; restarts then. False: refused.
    bool commit(double now_s);

    std::uint32_t next() const { return next_; }
    std::uint32_t received_check() const;  // 0 until all is there
    bool is_restarting(double now_s) const { return now_s < restarted_at_s_; }
    const std::string& version() const { return version_; }

    // One record is stored wrong although it was confirmed.
    void damage(std::uint32_t record) { damaged_ = record; }
    // Says yes to the new firmware and starts the old one.
    void keep_old_version() { keeps_old_ = true; }

private:
    UpgradeReceiver(profile::Upgrade upgrade, std::string version, std::optional<std::uint32_t> damaged, bool keeps_old)
        : upgrade_(std::move(upgrade)), version_(std::move(version)), damaged_(damaged), keeps_old_(keeps_old) {}

    profile::Upgrade upgrade_;
    std::string version_;
    Bytes received_;
    std::uint32_t bytes_ = 0, next_ = 0;
    bool is_open_ = false;
    double restarted_at_s_ = -1;
    std::optional<std::uint32_t> damaged_;
    bool keeps_old_ = false;
};

}  // namespace busbar::plant
