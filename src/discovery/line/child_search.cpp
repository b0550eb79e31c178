#include "discovery/line/child_search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "discovery/judge/device_text.hpp"
#include "profile/codec/decode.hpp"

namespace busbar::discovery {
namespace {

using profile::Table;

bool has(const std::vector<std::uint16_t>& codes, std::uint16_t code) {
    return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

ChildSearch::ChildSearch(Loop& loop, ScanBus& bus, Parent parent, const std::vector<std::uint8_t>& skipped,
                         const Profiles& all)
    : loop_(loop), bus_(bus), parent_(std::move(parent)) {
    for (const auto& profile : all)
        if (std::ranges::find(children().profiles, profile->name) != children().profiles.end())
            families_.push_back(profile);
    for (unsigned u = children().first_unit; u <= children().last_unit; ++u) {
        const auto unit = static_cast<std::uint8_t>(u);
        const bool is_new = unit != parent_.unit && std::ranges::find(skipped, unit) == skipped.end();
        if (is_new) units_.push_back(unit);
    }
}

Task<void> ChildSearch::run() {
    ModbusScanOrder order;
    order.profiles = families_;
    order.waiting = bus_.waiting();
    order.has_second_pass = false;
    order.follows_loggers = false;
    if (children().list) co_await read_list();
    if (children().presence) {
        co_await ask_logger();
        for (const auto& [unit, told] : told_)
            if (!told.is_offline) order.units.push_back(unit);
    } else {
        const std::optional<std::size_t> counted = co_await count_children();
        const bool is_all_listed = listed_ && *listed_ >= counted.value_or(0);
        for (const auto& [unit, told] : told_) order.units.push_back(unit);
        for (const std::uint8_t unit : units_)
            if (!is_all_listed && !told_.contains(unit)) order.units.push_back(unit);
        if (counted && !is_all_listed) order.enough = *counted - std::min(*counted, parent_.known_children);
    }
    if (bus_.is_cancelled()) co_return;
    scan_ = std::make_unique<ModbusScan>(loop_, bus_, std::move(order));
    (void)co_await scan_->run();  // a connection that broke shows as devices that were not found
}

void ChildSearch::cancel() {
    if (scan_) scan_->cancel();
}

device::ModbusUnit ChildSearch::unit_at(std::uint8_t unit) const {
    profile::BusRules rules = parent_.profile->bus;
    rules.timeout = bus_.waiting().most;
    return {bus_, unit, rules};
}

// Its list of devices, as far as it tells one; who refuses has none, which is nothing to speak of.
Task<void> ChildSearch::read_list() {
    current_ = fmt::format("the list of unit {}", parent_.unit);
    wire::DeviceListReader reader(*children().list);
    for (bool is_more = true; is_more && !bus_.is_cancelled();) {
        const wire::Pdu request = reader.request();
        const auto answer = co_await ask_list(request);
        if (!answer) break;
        const auto taken = reader.take(answer->pdu);
        if (!taken && taken.error().kind == Errc::malformed) co_return doubt(taken.error().text);
        is_more = taken && *taken;
    }
    believe(reader.list());
    current_.clear();
}

// Twice: one lost answer of many must not cost the whole list.
Task<Result<bus::RawAnswer>> ChildSearch::ask_list(const wire::Pdu& request) {
    const device::ModbusUnit unit = unit_at(parent_.unit);
    auto answer = co_await unit.raw(request.view(), bus::Urgency::scan);
    if (!answer) answer = co_await unit.raw(request.view(), bus::Urgency::scan);
    co_return answer;
}

void ChildSearch::believe(const wire::DeviceList& list) {
    std::vector<std::uint8_t> named, twice;
    for (const wire::ListedDevice& device : list.devices) {
        if (!device.unit || *device.unit == parent_.unit) continue;  // nothing to be asked, or the logger itself
        const bool is_again = std::ranges::find(named, *device.unit) != named.end();
        (is_again ? twice : named).push_back(*device.unit);
        const bool is_new = std::ranges::find(units_, *device.unit) != units_.end();
        if (is_new && !is_again) told_[*device.unit] = {{}, device.model, device.firmware, device.serial};
    }
    if (list.unreadable > 0) doubt(fmt::format("{} of its texts say nothing", list.unreadable));
    if (!twice.empty()) doubt(fmt::format("it names unit {} twice", twice.front()));
    if (list.is_complete() && twice.empty() && !named.empty()) listed_ = named.size();
}

void ChildSearch::doubt(std::string_view why) {
    messages_.push_back(fmt::format("unit {}: its list of devices is not relied on, {}: every unit behind it is asked",
                                    parent_.unit, why));
}

Task<void> ChildSearch::ask_logger() {
    const profile::Presence& presence = *children().presence;
    std::vector<std::uint8_t> asked = units_;
    if (listed_) std::erase_if(asked, [&](std::uint8_t unit) { return !told_.contains(unit); });
    total_ = static_cast<unsigned>(asked.size());
    for (const std::uint8_t id : asked) {
        if (bus_.is_cancelled()) co_return;
        current_ = fmt::format("unit {} behind {}", id, parent_.unit);
        const auto read = co_await unit_at(id).read(Table::holding, presence.register_address, 1, bus::Urgency::scan);
        ++done_;
        const std::uint16_t code = read ? read->words[0] : 0;
        const bool is_online = read && has(presence.online, code), is_offline = read && has(presence.offline, code);
        if (!is_online && !is_offline) continue;
        const std::string serial = co_await text_at(id, children().serial);
        Told& told = told_[id];
        told.is_offline = is_offline;
        if (!serial.empty()) told.serial = serial;
        told.name = co_await text_at(id, children().name);
    }
    current_.clear();
}

// How many the logger says it has, if it does.
Task<std::optional<std::size_t>> ChildSearch::count_children() {
    constexpr std::uint16_t most = 247;
    std::size_t sum = 0;
    for (const std::uint16_t at : children().counts) {
        const auto read = co_await unit_at(parent_.unit).read(Table::holding, at, 1, bus::Urgency::scan);
        if (!read || read->words[0] > most) co_return std::nullopt;
        sum += read->words[0];
    }
    co_return children().counts.empty() ? std::nullopt : std::optional(sum);
}

Task<std::string> ChildSearch::text_at(std::uint8_t id, const std::optional<profile::ChildText>& text) {
    if (!text) co_return std::string();
    const auto read =
        co_await unit_at(id).read(Table::holding, text->register_address, text->count, bus::Urgency::scan);
    if (!read || !text_problem(read->view()).empty()) co_return std::string();
    co_return profile::decode_text(read->view());
}

std::vector<Found> ChildSearch::found() const {
    std::vector<Found> all;
    if (scan_) all = scan_->found();
    for (const auto& [unit, told] : told_) {
        auto f = std::ranges::find(all, unit, &Found::unit);
        const bool is_mute = f == all.end();
        if (is_mute && scan_ == nullptr) continue;
        if (is_mute) {
            Found found;
            found.unit = unit;
            found.reason = told.is_offline ? "the logger knows it, and says it is disconnected"
                                           : "the logger says it is there, but it does not answer";
            all.push_back(std::move(found));
            f = all.end() - 1;
        }
        // What a device of a known family does not say itself is a note: nobody could check it there later.
        const bool is_stranger = f->profile.empty();
        if (f->serial.empty() && is_stranger) f->serial = told.serial;
        if (f->model.empty() && is_stranger) f->model = told.model;
        if (f->firmware.empty() && is_stranger) f->firmware = told.firmware;
        f->name = told.name;
        if (!told.serial.empty() && f->serial != told.serial)
            f->notes.push_back(fmt::format("the logger calls its serial number '{}'", told.serial));
    }
    for (Found& f : all) f.behind = parent_.unit;
    return all;
}

}  // namespace busbar::discovery
