// Whether a bus may be where it is wanted, and bears a change of what hangs on it.
#include <fmt/format.h>

#include <algorithm>

#include "base/phrases.hpp"
#include "config/rules.hpp"
#include "device/bus_load.hpp"
#include "field/bus_place.hpp"
#include "site/site_changes.hpp"

namespace busbar::gateway {
namespace {

config::SiteConfig with_device(config::SiteConfig site, const config::DeviceConfig& device) {
    std::erase_if(site.devices, [&](const config::DeviceConfig& d) { return d.id == device.id; });
    site.devices.push_back(device);
    return site;
}

}  // namespace

bus::budget::Load quickest_load(const config::SiteConfig& site, const config::DeviceConfig& device,
                                const profile::Profile& profile) {
    bus::budget::Load load = device::load_of(profile, poll_timing(site, device), device.id);
    load.turnaround = {};
    return load;
}

std::vector<bus::budget::Load> loads_on(const std::string& bus, const config::SiteConfig& site,
                                        const std::vector<std::string>& folders, std::vector<bus::budget::Load> known) {
    const auto is_here = [&](const config::DeviceConfig* d) { return d != nullptr && d->bus == bus; };
    std::erase_if(known, [&](const auto& load) { return !is_here(config::find_device(site, load.device)); });
    config::SiteConfig unknown = site;
    std::erase_if(unknown.devices, [&](const config::DeviceConfig& d) {
        return d.bus != bus || std::any_of(known.begin(), known.end(), [&](auto& l) { return l.device == d.id; });
    });
    const Field::Profiles profiles = read_profiles(folders, unknown);
    for (const config::DeviceConfig& device : unknown.devices) {
        const auto profile = profiles->find(device.profile);
        if (!profile) continue;
        known.push_back(quickest_load(site, device, **profile));
    }
    return known;
}

// The last report may be older than the last change: the site says who is there, the report what they ask.
Task<Status> SiteChanges::has_room(config::SiteConfig then, std::string bus, std::string changed) {
    auto known = budget_.surest_loads(bus);
    auto work = [now = running_, then = std::move(then), bus, changed = std::move(changed), folders = place_.profiles,
                 known = std::move(known)]() -> Status {
        const config::BusConfig* before = config::find_bus(now->config, bus);
        const config::BusConfig* after = config::find_bus(then, bus);
        if (before == nullptr || after == nullptr) return ok();
        auto kept = known;
        std::erase_if(kept, [&](const auto& load) { return load.device == changed; });
        return check_room({*before, loads_on(bus, now->config, folders, known)},
                          {*after, loads_on(bus, then, folders, std::move(kept))}, changed);
    };
    is_busy_ = true;
    auto room = co_await api::run_on(worker_, service_, std::move(work));
    is_busy_ = false;
    if (!room) co_return fail(Errc::unavailable, say<phrases::busy_changes>());
    co_return *room;
}

namespace {

// On this line, those that are another device than now, or were not there.
std::set<std::string> others_on(const std::string& bus, const config::SiteConfig& now, const config::SiteConfig& then) {
    std::set<std::string> ids;
    for (const config::DeviceConfig& device : then.devices) {
        if (device.bus != bus) continue;
        const config::DeviceConfig* before = config::find_device(now, device.id);
        config::DeviceConfig as_before = device;
        if (before != nullptr) as_before.name = before->name;
        if (before == nullptr || !(as_before == *before)) ids.insert(device.id);
    }
    return ids;
}

}  // namespace

Task<Status> SiteChanges::has_room_for_all(config::SiteConfig then) {
    LoadsByBus known;
    for (const config::BusConfig& bus : then.buses) known[bus.id] = budget_.surest_loads(bus.id);
    auto work = [now = running_, then = std::move(then), known = std::move(known),
                 folders = place_.profiles]() -> Status {
        for (const config::BusConfig& bus : then.buses) {
            const config::BusConfig* before = config::find_bus(now->config, bus.id);
            const std::set<std::string> others = others_on(bus.id, now->config, then);
            if (others.empty() && before != nullptr && before->link == bus.link) continue;
            auto kept = known.at(bus.id);
            std::erase_if(kept, [&](const auto& load) { return others.contains(load.device); });
            LineUse use_now{before == nullptr ? bus : *before, {}};
            if (before != nullptr) use_now.loads = loads_on(bus.id, now->config, folders, known.at(bus.id));
            const LineUse use_then{bus, loads_on(bus.id, then, folders, std::move(kept))};
            const std::string changed = others.size() == 1 ? *others.begin() : std::string{};
            if (const Status room = check_room(use_now, use_then, changed); !room) return room;
        }
        return ok();
    };
    auto room = co_await api::run_on(worker_, service_, std::move(work));
    if (!room) co_return fail(Errc::unavailable, say<phrases::busy_changes>());
    co_return *room;
}

Task<Status> SiteChanges::has_place(config::BusConfig bus) {
    auto work = [now = running_, bus = std::move(bus)]() -> Status { return check_place(now->config, bus); };
    is_busy_ = true;
    auto place = co_await api::run_on(worker_, service_, std::move(work));
    is_busy_ = false;
    if (!place) co_return fail(Errc::unavailable, say<phrases::busy_changes>());
    co_return *place;
}

Task<Status> SiteChanges::has_room_for(config::DeviceConfig device) {
    config::SiteConfig then = with_device(site(), device);
    co_return co_await has_room(std::move(then), device.bus, device.id);
}

}  // namespace busbar::gateway
