#include "plant/devices/upgrade_receiver.hpp"

#include <algorithm>

namespace busbar::plant {

void UpgradeReceiver::begin(std::uint32_t bytes) {
    received_.clear();
    bytes_ = std::min(bytes, upgrade_.max_bytes);
    next_ = 0;
    is_open_ = true;
}

std::optional<wire::ExceptionCode> UpgradeReceiver::take(const wire::FileRecord& record) {
    using wire::ExceptionCode;
    constexpr std::uint32_t per_file = wire::last_record + 1u;
    const std::uint32_t number = (record.file - std::uint32_t{upgrade_.file}) * per_file + record.record;
    if (!record.is_write || record.file < upgrade_.file) return ExceptionCode::illegal_data_address;
    if (!is_open_ || record.count != upgrade_.record_words) return ExceptionCode::illegal_data_value;
    if (number + 1 == next_) return std::nullopt;  // the last one once more: its confirmation was lost
    if (number != next_ || received_.size() >= bytes_) return ExceptionCode::illegal_data_value;
    received_.insert(received_.end(), record.data.begin(), record.data.end());
    if (damaged_ == number) {
        received_.back() ^= 0x40;
        received_[received_.size() - record.data.size()] ^= 0x40;
        damaged_.reset();
    }
    ++next_;
    return std::nullopt;
}

std::uint32_t UpgradeReceiver::received_check() const {
    if (bytes_ == 0 || received_.size() < bytes_) return 0;
    return profile::check_value(upgrade_.check, ByteView(received_).first(bytes_));
}

bool UpgradeReceiver::commit(double now_s) {
    if (bytes_ == 0 || received_.size() < bytes_) return false;
    const auto image = profile::check_image(upgrade_, ByteView(received_).first(bytes_), "");
    // Its own model is the gateway's to compare; what is damaged it finds itself.
    if (!image && image.error().kind == Errc::malformed) return false;
    Bytes text(received_.begin() + upgrade_.version.at,
               received_.begin() + upgrade_.version.at + upgrade_.version.length);
    if (!keeps_old_) version_.assign(text.begin(), std::find(text.begin(), text.end(), std::uint8_t{0}));
    is_open_ = false;
    bytes_ = next_ = 0;
    received_.clear();
    restarted_at_s_ = now_s + restart_s;
    return true;
}

}  // namespace busbar::plant
