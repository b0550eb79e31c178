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
    if (children().presence) {
        co_await ask_logger();
        for (const auto& [unit, told] : told_)
            if (!told.is_offline) order.units.push_back(unit);
    } else {
        order.units = units_;
        order.enough = co_await count_children();
    }
    if (bus_.is_cancelled()) co_return;
    scan_ = std::make_unique<ModbusScan>(loop_, bus_, std::move(order));
    (void)co_await scan_->run();  // a connection that broke shows as devices that were not found
}

void ChildSearch::cancel() {
    if (scan_) scan_->cancel();
}

Task<void> ChildSearch::ask_logger() {
    total_ = static_cast<unsigned>(units_.size());
    const profile::Presence& presence = *children().presence;
    profile::BusRules rules = parent_.profile->bus;
    rules.timeout = bus_.waiting().most;
    for (const std::uint8_t id : units_) {
        if (bus_.is_cancelled()) co_return;
        current_ = fmt::format("unit {} behind {}", id, parent_.unit);
        const device::ModbusUnit unit(bus_, id, rules);
        const auto read = co_await unit.read(Table::holding, presence.register_address, 1, bus::Urgency::scan);
        ++done_;
        const std::uint16_t code = read ? read->words[0] : 0;
        const bool is_online = read && has(presence.online, code), is_offline = read && has(presence.offline, code);
        if (!is_online && !is_offline) continue;
        Told told;
        told.is_offline = is_offline;
        told.serial = co_await text_at(id, children().serial);
        told.name = co_await text_at(id, children().name);
        told_[id] = std::move(told);
    }
    current_.clear();
}

// What the logger says it has; without a word from it: any number.
Task<std::size_t> ChildSearch::count_children() {
    constexpr std::size_t unknown = 247;
    std::size_t sum = 0;
    profile::BusRules rules = parent_.profile->bus;
    rules.timeout = bus_.waiting().most;
    const device::ModbusUnit unit(bus_, parent_.unit, rules);
    for (const std::uint16_t at : children().counts) {
        const auto read = co_await unit.read(Table::holding, at, 1, bus::Urgency::scan);
        if (!read || read->words[0] > unknown) co_return unknown;
        sum += read->words[0];
    }
    co_return children().counts.empty() ? unknown : sum;
}

Task<std::string> ChildSearch::text_at(std::uint8_t id, const std::optional<profile::ChildText>& text) {
    if (!text) co_return std::string();
    profile::BusRules rules = parent_.profile->bus;
    rules.timeout = bus_.waiting().most;
    const device::ModbusUnit unit(bus_, id, rules);
    const auto read = co_await unit.read(Table::holding, text->register_address, text->count, bus::Urgency::scan);
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
        if (f->serial.empty() && f->profile.empty()) f->serial = told.serial;
        f->name = told.name;
        if (!told.serial.empty() && f->serial != told.serial)
            f->notes.push_back(fmt::format("the logger calls its serial number '{}'", told.serial));
    }
    for (Found& f : all) f.behind = parent_.unit;
    return all;
}

}  // namespace busbar::discovery
