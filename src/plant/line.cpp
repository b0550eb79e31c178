#include "plant/line.hpp"

#include <algorithm>

#include "wire/modbus_rtu.hpp"

namespace busbar::plant {

void Line::add(SimulatedDevice device, std::string use) {
    places_.push_back({device.id(), device.profile().name, std::move(use), device.unit()});
    devices_.push_back(std::move(device));
    wire_faults_.emplace_back();
}

SimulatedDevice* Line::device(std::string_view id) {
    const auto at = std::ranges::find(devices_, id, &SimulatedDevice::id);
    return at == devices_.end() ? nullptr : &*at;
}

void Line::set_fault(std::string_view id, FaultKind kind, double over_s, double share) {
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        if (devices_[i].id() != id) continue;
        devices_[i].set_fault(kind);
        wire_faults_[i] = {kind == FaultKind::slow ? over_s : 0, kind == FaultKind::garbled ? share : 0};
    }
}

std::optional<std::pair<wire::Pdu, std::size_t>> Line::ask(std::uint8_t unit, ByteView pdu) {
    const auto at = std::ranges::find(devices_, unit, &SimulatedDevice::unit);
    if (at == devices_.end()) {
        ++counts_.foreign;
        return std::nullopt;
    }
    ++counts_.requests;
    if (at->fault() == FaultKind::silent || at->fault() == FaultKind::restarting) return std::nullopt;
    ++counts_.answers;
    return std::pair{at->answer(pdu), static_cast<std::size_t>(at - devices_.begin())};
}

bool Line::is_garbled(std::size_t device) {
    const double share = wire_faults_[device].garbled_share;
    return share > 0 && random_.uniform() < share;
}

Reply Line::reply(Bytes bytes, std::size_t device) const {
    return {std::move(bytes), spec_.turnaround_s + wire_faults_[device].delay_s};
}

std::optional<Reply> Line::answer_rtu(ByteView frame) {
    const auto content = wire::decode_rtu(frame);
    if (!content) {
        ++counts_.broken;
        return std::nullopt;
    }
    const auto answer = ask(content->unit, content->pdu);
    if (!answer) return std::nullopt;
    const auto whole = wire::encode_rtu(content->unit, answer->first.view());
    Bytes bytes(whole.view().begin(), whole.view().end());
    if (is_garbled(answer->second)) {
        // What bad lines do: a flipped bit, a lost end, a character that never was.
        switch (random_.next() % 3) {
            case 0:
                bytes[random_.next() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random_.next() % 8);
                break;
            case 1:
                bytes.resize(1 + random_.next() % (bytes.size() - 1));
                break;
            default:
                bytes.insert(bytes.begin(), static_cast<std::uint8_t>(random_.next()));
                break;
        }
    }
    return reply(std::move(bytes), answer->second);
}

std::optional<Reply> Line::answer_tcp(const wire::TcpMessage& message) {
    const auto answer = ask(message.unit, message.pdu);
    if (!answer) return std::nullopt;
    auto transaction = message.transaction;
    const bool is_bad = is_garbled(answer->second);
    const auto way = is_bad ? random_.next() % 3 : 0;
    if (is_bad && way == 0) transaction = static_cast<std::uint16_t>(transaction - 1);  // somebody else's answer
    const auto whole = wire::encode_tcp(transaction, message.unit, answer->first.view());
    Bytes bytes(whole.view().begin(), whole.view().end());
    if (is_bad && way == 1) bytes[2] = 0x55;   // no Modbus any more
    if (is_bad && way == 2) bytes[7] ^= 0x04;  // another function
    return reply(std::move(bytes), answer->second);
}

}  // namespace busbar::plant
