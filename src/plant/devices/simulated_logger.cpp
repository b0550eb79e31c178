// A simulated device that stands behind a logger, and one that is a logger itself.
#include <algorithm>

#include "plant/devices/simulated_device.hpp"

namespace busbar::plant {

using profile::Table;

void SimulatedDevice::stand_behind(const profile::Children& parent) {
    if (parent.presence && !parent.presence->online.empty())
        registers_.set(Table::holding, parent.presence->register_address, parent.presence->online.front());
    if (parent.serial)
        write_text({{Table::holding, parent.serial->register_address}, parent.serial->count, {}, 0}, "SIM-" + id_);
    if (parent.name) write_text({{Table::holding, parent.name->register_address}, parent.name->count, {}, 0}, id_);
}

void SimulatedDevice::stand_before(std::span<const Child> children) {
    const auto& says = *profile_.children;
    if (says.changes) registers_.set(Table::holding, *says.changes, 1);
    const auto chargers = static_cast<std::uint16_t>(std::ranges::count(children, true, &Child::is_charger));
    const auto all = static_cast<std::uint16_t>(children.size());
    const bool counts_chargers = says.counts.size() > 1;
    for (const auto at : says.counts) registers_.set(Table::holding, at, 0);
    if (!says.counts.empty())
        registers_.set(Table::holding, says.counts.front(),
                       static_cast<std::uint16_t>(counts_chargers ? all - chargers : all));
    if (counts_chargers) registers_.set(Table::holding, says.counts.back(), chargers);
    listed_.clear();
    for (const Child& child : children) listed_.push_back(to_text(child.words));
}

// Basic identification, and the list of those behind it; nothing else is known to be told by such a device.
std::optional<wire::Pdu> SimulatedDevice::answer_identity(ByteView request_pdu) {
    if (!profile_.children || !profile_.children->list) return std::nullopt;
    const auto asked = wire::decode_identity_request(request_pdu);
    if (!asked && asked.error() == wire::ExceptionCode::illegal_function) return std::nullopt;
    const auto refuse = [&](wire::ExceptionCode code) {
        ++counts_.exceptions;
        return wire::encode_exception(wire::encapsulated, code);
    };
    if (!asked) return refuse(asked.error());
    ++counts_.reads;
    constexpr std::uint8_t streamed_basic = 1, streamed_extended = 3;
    if (asked->code == wire::IdentityCode::extended) {
        std::uint8_t count = 0;
        const auto objects = wire::device_list_objects(*profile_.children->list, listed_, count);
        const auto from = std::ranges::find(objects, asked->object, &wire::IdentityObject::id);
        if (from == objects.end()) return refuse(wire::ExceptionCode::illegal_data_address);
        return encode_identity_answer(asked->code, streamed_extended, {from, objects.end()});
    }
    if (asked->code != wire::IdentityCode::basic || asked->object != 0)
        return refuse(wire::ExceptionCode::illegal_data_address);
    const std::string texts[] = {told(IdentityText::maker), told(IdentityText::model), told(IdentityText::firmware)};
    std::vector<wire::IdentityObject> objects;
    for (const std::string& text : texts)
        objects.push_back({static_cast<std::uint8_t>(objects.size()), as_bytes(text)});
    return encode_identity_answer(asked->code, streamed_basic, objects);
}

}  // namespace busbar::plant
