#include "plant/devices/line.hpp"

#include <algorithm>

#include "wire/modbus_rtu.hpp"

namespace busbar::plant {

void Line::add(SimulatedDevice device, std::string use) {
    places_.push_back({device.id(), device.profile().name, std::move(use), device.unit()});
    devices_.push_back(std::move(device));
    wire_faults_.emplace_back();
    habits_.emplace_back();
}

void Line::know_children() {
    for (auto& parent : devices_) {
        if (!parent.profile().children) continue;
        const auto& children = *parent.profile().children;
        std::vector<SimulatedDevice::Child> behind;
        for (std::size_t i = 0; i < devices_.size(); ++i) {
            auto& child = devices_[i];
            if (&child == &parent || child.unit() < children.first_unit || child.unit() > children.last_unit) continue;
            child.stand_behind(children);
            behind.push_back({{child.told(IdentityText::model), child.told(IdentityText::firmware),
                               child.told(IdentityText::serial), child.unit()},
                              places_[i].use == "charger"});
        }
        parent.stand_before(behind);
    }
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
        habits_[i].breaks_off = kind == FaultKind::rebooting;
    }
}

std::uint8_t Line::clients() const {
    std::uint8_t fewest = 0;
    for (const auto& d : devices_)
        if (const auto n = d.quirks().clients; n != 0 && (fewest == 0 || n < fewest)) fewest = n;
    return fewest;
}

bool Line::newest_client_wins() const {
    return std::ranges::any_of(devices_, [](const SimulatedDevice& d) { return d.quirks().newest_client_wins; });
}

double Line::idle_s() const {
    double shortest_s = std::numeric_limits<double>::infinity();
    for (const auto& d : devices_)
        if (d.quirks().idle > Duration{}) shortest_s = std::min(shortest_s, to_seconds(d.quirks().idle));
    return shortest_s;
}

std::optional<Line::Answer> Line::ask(std::uint8_t unit, ByteView pdu, Arrival arrival) {
    auto at = std::ranges::find(devices_, unit, &SimulatedDevice::unit);
    if (at == devices_.end())
        at = std::ranges::find_if(devices_, [](const SimulatedDevice& d) { return d.quirks().any_unit; });
    if (at == devices_.end()) {
        ++counts_.foreign;
        return std::nullopt;
    }
    ++counts_.requests;
    const auto index = static_cast<std::size_t>(at - devices_.begin());
    auto& habits = habits_[index];
    const bool is_off = at->fault() == FaultKind::restarting || at->fault() == FaultKind::rebooting;
    if (at->fault() == FaultKind::silent || (is_off && !habits.breaks_off)) {
        const auto code = logger_says(*at);
        if (!code) return std::nullopt;
        return Answer{wire::encode_exception(pdu.empty() ? std::uint8_t{0} : pdu[0], *code), index, unit, false};
    }
    const auto& quirks = at->quirks();
    if (arrival.at_s - arrival.connected_s < to_seconds(quirks.wakes_after)) return std::nullopt;
    constexpr double clocks_differ_s = 1e-3;
    const bool is_too_soon = quirks.too_soon != profile::Haste::allowed &&
                             arrival.at_s - habits.answered_s < to_seconds(quirks.pause) - clocks_differ_s;
    counts_.too_soon += is_too_soon ? 1 : 0;
    if (is_too_soon && quirks.too_soon == profile::Haste::silent) return std::nullopt;
    ++counts_.answers;
    const bool is_garbled = is_too_soon || happens(wire_faults_[index].garbled_share);
    if (happens(quirks.busy)) {
        const auto function = pdu.empty() ? std::uint8_t{0} : pdu[0];
        return Answer{wire::encode_exception(function, wire::ExceptionCode::device_busy), index, unit, is_garbled};
    }
    return Answer{at->answer(pdu), index, unit, is_garbled};
}

// What a logger answers in the name of a silent device behind it; nothing: it keeps silent as well.
std::optional<wire::ExceptionCode> Line::logger_says(const SimulatedDevice& child) const {
    for (const auto& logger : devices_) {
        const auto& children = logger.profile().children;
        const bool is_parent = children && &logger != &child && logger.fault() == FaultKind::none &&
                               child.unit() >= children->first_unit && child.unit() <= children->last_unit;
        if (is_parent && logger.quirks().silent_child != 0)
            return static_cast<wire::ExceptionCode>(logger.quirks().silent_child);
    }
    return std::nullopt;
}

// The unit an answer carries: the one that was asked, but for those that now and then do not know who they are.
std::uint8_t Line::unit_shown(const Answer& answer) {
    if (!happens(devices_[answer.device].quirks().wrong_unit)) return answer.unit;
    return static_cast<std::uint8_t>(answer.unit == 247 ? 1 : answer.unit + 1);
}

Reply Line::reply(Bytes bytes, std::size_t device) {
    auto& habits = habits_[device];
    if (habits.breaks_off) bytes.resize((bytes.size() + 1) / 2);  // and then never again
    habits.breaks_off = false;
    const auto& quirks = devices_[device].quirks();
    const double thinking_s =
        to_seconds(quirks.turnaround_max) <= 0
            ? 0
            : random_.uniform(to_seconds(quirks.turnaround_min), to_seconds(quirks.turnaround_max));
    return {std::move(bytes), spec_.turnaround_s + wire_faults_[device].delay_s + thinking_s, device};
}

std::optional<Reply> Line::answer_rtu(ByteView frame, Arrival arrival) {
    const auto content = wire::decode_rtu(frame);
    if (!content) {
        ++counts_.broken;
        return std::nullopt;
    }
    const auto answer = ask(content->unit, content->pdu, arrival);
    if (!answer) return std::nullopt;
    const auto whole = wire::encode_rtu(unit_shown(*answer), answer->pdu.view());
    Bytes bytes(whole.view().begin(), whole.view().end());
    if (answer->is_garbled) {
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
    return reply(std::move(bytes), answer->device);
}

std::optional<Reply> Line::answer_tcp(const wire::TcpMessage& message, Arrival arrival) {
    const auto answer = ask(message.unit, message.pdu, arrival);
    if (!answer) return std::nullopt;
    auto transaction = message.transaction;
    const bool is_bad = answer->is_garbled;
    const auto way = is_bad ? random_.next() % 3 : 0;
    if (is_bad && way == 0) transaction = static_cast<std::uint16_t>(transaction - 1);  // somebody else's answer
    const auto whole = wire::encode_tcp(transaction, unit_shown(*answer), answer->pdu.view());
    Bytes bytes(whole.view().begin(), whole.view().end());
    if (is_bad && way == 1) bytes[2] = 0x55;   // no Modbus any more
    if (is_bad && way == 2) bytes[7] ^= 0x04;  // another function
    return reply(std::move(bytes), answer->device);
}

}  // namespace busbar::plant
