// A simulated device whose profile says how it takes new firmware: registers and commands of the upgrade.
#include <algorithm>

#include "plant/devices/simulated_device.hpp"

namespace busbar::plant {
namespace {

using profile::Table;
using wire::ExceptionCode;

std::vector<const profile::WriteStep*> steps_of(const profile::Upgrade& upgrade) {
    std::vector<const profile::WriteStep*> steps;
    for (const auto* program : {&upgrade.start, &upgrade.commit, &upgrade.abort})
        for (const auto& step : *program) steps.push_back(&step);
    return steps;
}

}  // namespace

void SimulatedDevice::lay_out_upgrade() {
    if (!profile_.upgrade) return;
    const profile::Upgrade& upgrade = *profile_.upgrade;
    upgrade_.emplace(upgrade, "1.0");
    const auto map = [&](const profile::Address& at, std::uint16_t count, bool is_written) {
        registers_.map(at.table, at.offset, count);
        for (std::uint32_t i = 0; i < count && is_written; ++i) writable_[at.offset + i] = true;
    };
    map(upgrade.next, words_of(upgrade.next_type), false);
    map(upgrade.received_check, upgrade.check == profile::CheckSum::crc16 ? 1 : 2, false);
    if (upgrade.size) map(*upgrade.size, 2, true);
    for (const auto* step : steps_of(upgrade)) map(step->to, words_of(step->encoding.type), true);
}

void SimulatedDevice::show_upgrade() {
    const profile::Upgrade& upgrade = *profile_.upgrade;
    const auto show_number = [&](const profile::Address& at, profile::ValueType type, std::uint32_t value) {
        if (const auto words = profile::encode_raw(type, upgrade.words, value))
            registers_.set({at.table, at.offset, *words});
    };
    show_number(upgrade.next, upgrade.next_type, upgrade_->next());
    const bool is_short = upgrade.check == profile::CheckSum::crc16;
    show_number(upgrade.received_check, is_short ? profile::ValueType::u16 : profile::ValueType::u32,
                upgrade_->received_check());
    show_text(profile_.identify.firmware, upgrade_->version());
}

// Records, and that nothing else is answered while it restarts.
std::optional<wire::Pdu> SimulatedDevice::answer_upgrade(ByteView request_pdu) {
    if (!upgrade_ || request_pdu.empty()) return std::nullopt;
    const auto refuse = [&](ExceptionCode code) {
        ++counts_.exceptions;
        return wire::encode_exception(request_pdu[0], code);
    };
    if (upgrade_->is_restarting(view_.site().time_s())) return refuse(ExceptionCode::device_busy);
    if (request_pdu[0] != wire::read_file_record && request_pdu[0] != wire::write_file_record) return std::nullopt;
    const auto record = wire::decode_file_request(request_pdu);
    if (!record) return refuse(record.error());
    if (const auto refused = upgrade_->take(*record)) return refuse(*refused);
    ++counts_.writes;
    return wire::encode_file_answer(*record, {});
}

// A command is obeyed when its constants stand, and clears itself. False: it is refused.
bool SimulatedDevice::takes_command(std::uint16_t address, std::uint16_t count) {
    if (!upgrade_) return true;
    const profile::Upgrade& upgrade = *profile_.upgrade;
    const auto is_said = [&](const std::vector<profile::WriteStep>& program) {
        const auto& last = program.back().to;
        return last.offset >= address && last.offset < std::uint32_t{address} + count && constants_stand(program);
    };
    bool is_taken = true, is_command = true;
    if (is_said(upgrade.start)) {
        const auto size = upgrade.size ? registers_.read(upgrade.size->table, upgrade.size->offset, 2) : std::nullopt;
        const bool is_high_first = upgrade.words == profile::WordOrder::high_first;
        const std::uint32_t bytes =
            !size ? upgrade.max_bytes
                  : std::uint32_t{(*size)[is_high_first ? 0 : 1]} << 16 | (*size)[is_high_first ? 1 : 0];
        upgrade_->begin(bytes);
    } else if (is_said(upgrade.commit)) {
        is_taken = upgrade_->commit(view_.site().time_s());
    } else if (is_said(upgrade.abort)) {
        upgrade_->abort();
    } else {
        is_command = false;
    }
    for (const auto* step : steps_of(upgrade))
        for (std::uint32_t i = 0; is_command && i < words_of(step->encoding.type); ++i)
            registers_.set(Table::holding, static_cast<std::uint16_t>(step->to.offset + i), 0);
    return is_taken;
}

}  // namespace busbar::plant
