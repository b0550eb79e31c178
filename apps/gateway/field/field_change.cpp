// How the field becomes another site while it runs: devices taken out, buses changed, devices added.
#include <algorithm>

#include "base/log.hpp"
#include "base/phrases.hpp"
#include "config/rules.hpp"
#include "field/at_work.hpp"
#include "field/bus_link.hpp"
#include "field/field.hpp"

namespace busbar::gateway {
namespace {

// A name is for people, and where a charger hangs is for rules: neither is worth a new start of the device.
bool is_same_device(config::DeviceConfig a, const config::DeviceConfig& b) {
    a.name = b.name;
    a.via = b.via;
    return a == b;
}

}  // namespace

bool Field::is_kept(const DeviceFacts& running, const config::LoadOutcome& next, const Profiles& profiles,
                    const std::set<std::string>& renewed) const {
    const config::DeviceConfig* wanted = config::find_device(next.config, running.config.id);
    if (wanted == nullptr || !is_same_device(running.config, *wanted) || renewed.contains(wanted->id)) return false;
    if (running.problem.empty() != problem_of(next, *wanted, profiles).empty()) return false;
    const config::BusConfig* bus = config::find_bus(next.config, wanted->bus);
    const Line* here = line(wanted->bus);
    // At another place stands another device until it has said who it is; the one here is to keep no setpoint.
    return (bus == nullptr) == (here == nullptr) && (bus == nullptr || is_same_place(here->config, *bus));
}

// What may fail comes first, where it can be taken back: but the devices that leave let go over the line as it was.
Task<Status> Field::change(Site next, Profiles profiles, std::set<std::string> renewed) {
    while (is_changing_) co_await loop_.sleep_for(std::chrono::milliseconds(50));
    const std::set<std::string> at_work(aside_.begin(), aside_.end());
    const Status free = leaves_alone(at_work, site_->config, next->config, renewed);
    if (!free) co_return free;
    is_changing_ = true;
    std::vector<std::size_t> leaving;
    for (const auto& unit : units_)
        if (unit && !is_kept(*unit, *next, profiles, renewed)) leaving.push_back(unit->slot);
    co_await take_out(std::move(leaving));
    const Status set = co_await set_lines(next->config);
    if (set) {
        co_await change_buses(next->config);
        take_site(std::move(next), std::move(profiles));
    } else {
        co_await restore_lines();
        take_site(site_, profiles_);
    }
    is_changing_ = false;
    report_now();
    co_return set;
}

// Who asked for a change sees it at once, not after the next turn.
void Field::report_now() {
    last_report_ = {};
    make_report(cycle_->snapshot());
}

Task<void> Field::take_out(std::vector<std::size_t> slots) {
    std::size_t left = slots.size();
    for (const std::size_t slot : slots) loop_.spawn("take out", take_out_one(slot, left));
    while (left > 0) co_await loop_.sleep_for(std::chrono::milliseconds(10));
}

Task<void> Field::take_out_one(std::size_t slot, std::size_t& left) {
    const auto index = static_cast<live::DeviceIndex>(slot);
    co_await cycle_->remove_device(index);
    // Nothing waits from here on: for everybody else the device is there, or it is not.
    log(Level::info, "device " + units_[slot]->config.id, "taken out");
    if (hooks_.gone) hooks_.gone(units_[slot]->config.id);
    aside_.erase(units_[slot]->config.id);
    if (clocks_) clocks_->removed(units_[slot]->config.id);
    registry_->remove(slot);
    live_.remove_device(index);
    units_[slot].reset();
    facts_.reset();
    --left;
}

// Those that stay get the settings of `wanted`. After an error some have them already.
Task<Status> Field::set_lines(const config::SiteConfig& wanted) {
    for (Line& line : lines_) {  // nobody else touches them while a change is on its way
        const config::BusConfig* bus = config::find_bus(wanted, line.config.id);
        if (bus == nullptr || !is_same_kind(line.config, *bus)) continue;
        const config::BusConfig next = *bus;
        if (!(next.link == line.config.link)) {
            if (before_bus_goes) co_await before_bus_goes();  // a search would put the old settings back at its end
            const Status set = co_await line.bus->relink(link_of(next));
            if (!set) co_return fail(set.error().kind, say<phrases::bus_keeps>(next.id, set.error().text));
        }
        line.config = next;
    }
    co_return ok();
}

Task<void> Field::restore_lines() {
    const Site running = site_;
    const Status restored = co_await set_lines(running->config);
    // They were right a moment ago: only a bus that is gone for good refuses them.
    if (!restored) log(Level::error, "site", restored.error().text);
}

Task<void> Field::change_buses(const config::SiteConfig& next) {
    for (std::size_t i = lines_.size(); i-- > 0;) {
        const config::BusConfig* wanted = config::find_bus(next, lines_[i].config.id);
        if (wanted != nullptr && is_same_kind(lines_[i].config, *wanted)) continue;
        const std::shared_ptr<bus::ModbusBus> gone = lines_[i].bus;
        lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(i));
        if (before_bus_goes) co_await before_bus_goes();
        co_await gone->close();
    }
    for (const auto& wanted : next.buses)
        if (line(wanted.id) == nullptr) add_bus(wanted);
    const auto place = [&](const Line& line) { return config::find_bus(next, line.config.id); };
    std::sort(lines_.begin(), lines_.end(), [&](const Line& a, const Line& b) { return place(a) < place(b); });
}

void Field::take_site(Site next, Profiles profiles) {
    site_ = std::move(next);
    profiles_ = std::move(profiles);
    for (const auto& wanted : site_->config.devices) {
        const auto slot = slot_of(wanted.id);
        if (!slot) {
            add_device(wanted);
            continue;
        }
        DeviceFacts& unit = *units_[*slot];
        unit.config = wanted;
        unit.problem = problem_of(*site_, wanted, profiles_);
        if (!unit.problem.empty())
            live_.set_state(static_cast<live::DeviceIndex>(*slot), model::DeviceState::quarantined, loop_.now(),
                            unit.problem);
    }
    facts_.reset();
    say_site_problems();
}

}  // namespace busbar::gateway
