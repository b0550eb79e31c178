#include "site/site_packs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/phrases.hpp"
#include "base/whole_file.hpp"
#include "config/family_rules.hpp"
#include "config/rules.hpp"
#include "field/at_work.hpp"
#include "model/profile_name.hpp"
#include "profile/load/load.hpp"

namespace busbar::gateway {
namespace {

namespace fs = std::filesystem;

fs::path file_in(const std::string& folder, const std::string& name) { return fs::path(folder) / (name + ".yaml"); }
bool is_there(const std::string& folder, const std::string& name) {
    std::error_code failed;
    return fs::exists(file_in(folder, name), failed);
}

Status store(const fs::path& file, const std::string& text) {
    std::error_code failed;
    fs::create_directories(file.parent_path(), failed);
    if (failed)
        return fail(Errc::unavailable,
                    fmt::format("{}: cannot be made: {}; give the gateway a data folder it may write to",
                                file.parent_path().string(), failed.message()));
    return write_whole_file(file.string(), text, 0600);
}

Status take_away(const fs::path& file) {
    std::error_code failed;
    fs::remove(file, failed);
    if (failed)
        return fail(Errc::unavailable,
                    fmt::format("{}: cannot be removed: {}; give the gateway a data folder it may write to",
                                file.string(), failed.message()));
    fs::remove(file.parent_path(), failed);  // of its maker, when it was the last one
    return ok();
}

std::vector<const config::DeviceConfig*> users_of(const std::string& name, const config::SiteConfig& site) {
    std::vector<const config::DeviceConfig*> users;
    for (const config::DeviceConfig& device : site.devices)
        if (device.profile == name) users.push_back(&device);
    return users;
}

Error not_alone(const std::string& name, const config::DeviceConfig& device, const Error& why) {
    return fail(Errc::denied, fmt::format("{} is the profile of device '{}': {}", name, device.id, why.text));
}

Status may_go(const std::string& name, const config::SiteConfig& site, const std::vector<std::string>& folders,
              const LoadsByBus& known) {
    const bool has_shipped = is_shipped(folders, name);
    if (!is_pack(folders, name))
        return has_shipped ? fail(Errc::denied, fmt::format("profile '{}' is shipped with the gateway; only packs that "
                                                            "were added can be removed",
                                                            name))
                           : fail(Errc::unsupported, fmt::format("there is no device pack '{}'; see the list", name));
    const auto users = users_of(name, site);
    if (users.empty()) return ok();
    if (!has_shipped)
        return fail(Errc::denied, fmt::format("profile '{}' is used by device '{}'; delete that device, or replace it "
                                              "by one of another profile, first",
                                              name, users.front()->id));
    const std::vector<fs::path> shipped(folders.begin() + 1, folders.end());
    const auto family = device::ProfileStore::read(shipped, {name}).find(name);
    if (!family) return not_alone(name, *users.front(), family.error());
    return may_serve(**family, site, folders, known);
}

}  // namespace

bool is_pack(const std::vector<std::string>& folders, const std::string& name) {
    return is_there(folders.front(), name);
}
bool is_shipped(const std::vector<std::string>& folders, const std::string& name) {
    return std::any_of(folders.begin() + 1, folders.end(), [&](const auto& folder) { return is_there(folder, name); });
}

Status may_serve(const profile::Profile& family, const config::SiteConfig& site,
                 const std::vector<std::string>& folders, const LoadsByBus& known) {
    std::set<std::string> buses;
    for (const config::DeviceConfig* device : users_of(family.name, site)) {
        if (const Status use = config::check_use(*device, family); !use)
            return not_alone(family.name, *device, use.error());
        if (const Status told = config::check_serial_is_told(*device, family); !told)
            return not_alone(family.name, *device, told.error());
        buses.insert(device->bus);
    }
    for (const std::string& id : buses) {
        const config::BusConfig* bus = config::find_bus(site, id);
        const auto measured = known.find(id);
        if (bus == nullptr) continue;
        const auto now =
            loads_on(id, site, folders, measured == known.end() ? LoadsByBus::mapped_type() : measured->second);
        auto then = now;
        for (const config::DeviceConfig* device : users_of(family.name, site)) {
            if (device->bus != id) continue;
            std::erase_if(then, [&](const bus::budget::Load& load) { return load.device == device->id; });
            then.push_back(quickest_load(site, *device, family));
        }
        if (const auto lack = lack_of_room({*bus, now}, {*bus, std::move(then)}))
            return fail(Errc::denied, say<phrases::no_room_family>(id, family.name, *lack));
    }
    return ok();
}

Task<Status> SiteChanges::add_profile(api::NewProfile pack, api::By by) {
    co_await my_turn();
    if (!model::is_profile_name(pack.name))
        co_return fail(Errc::out_of_range,
                       "name: expected maker/family in small letters, digits and '-', as in acme/meter");
    auto loaded = profile::load(pack.text, pack.name + ".yaml");
    if (!loaded) co_return loaded.error();
    if (loaded->name != pack.name)
        co_return fail(Errc::out_of_range,
                       fmt::format("the pack calls itself '{}'; upload it under that name", loaded->name));
    auto family = std::make_shared<const profile::Profile>(std::move(*loaded));
    std::string name = pack.name;
    Words words{
        pack.is_over_shipped ? "device pack added over a shipped profile" : "device pack added", {}, json_text(name)};
    Swap swap = [folders = place_.profiles, site = running_, family, pack = std::move(pack)](const LoadsByBus& known) {
        if (is_shipped(folders, pack.name) && !pack.is_over_shipped)
            return Status(
                fail(Errc::denied, fmt::format("profile '{}' is shipped with the gateway; choose another name for the "
                                               "pack, or add it with over_shipped (busbarctl: --over-shipped)",
                                               pack.name)));
        if (const Status serves = may_serve(*family, site->config, folders, known); !serves) return serves;
        return store(file_in(folders.front(), pack.name), pack.text);
    };
    co_return co_await swap_profile(std::move(name), std::move(swap), std::move(words), std::move(by));
}

Task<Status> SiteChanges::remove_profile(std::string name, api::By by) {
    co_await my_turn();
    if (!model::is_profile_name(name))
        co_return fail(Errc::unsupported, "there is no device pack of that name; see the list");
    Words words{"device pack removed", json_text(name), {}};
    Swap swap = [folders = place_.profiles, site = running_, name](const LoadsByBus& known) {
        if (const Status may = may_go(name, site->config, folders, known); !may) return may;
        return take_away(file_in(folders.front(), name));
    };
    co_return co_await swap_profile(std::move(name), std::move(swap), std::move(words), std::move(by));
}

Task<Status> SiteChanges::swap_profile(std::string name, Swap swap, Words words, api::By by) {
    LoadsByBus known;
    std::set<std::string> renewed;
    const std::set<std::string> busy = at_work();
    for (const config::DeviceConfig* device : users_of(name, site())) {
        if (busy.contains(device->id)) co_return busy_with_firmware(device->id);
        renewed.insert(device->id);
        known.emplace(device->bus, budget_.surest_loads(device->bus));
    }
    is_busy_ = true;
    auto work = [folders = place_.profiles, site = running_, known = std::move(known),
                 swap = std::move(swap)]() -> Result<Field::Profiles> {
        if (const Status done = swap(known); !done) return done.error();
        return read_profiles(folders, site->config);
    };
    auto swapped = co_await api::run_on(worker_, service_, std::move(work));
    Status done = !swapped ? Status(fail(Errc::unavailable, say<phrases::busy_changes>())) : ok();
    if (swapped && !*swapped) done = swapped->error();
    if (done) {
        done = co_await note(std::move(words), std::move(by));
        const Status acted = co_await hooks_.act(running_, **swapped, std::move(renewed));
        if (!acted) done = acted;
    }
    is_busy_ = false;
    co_return done;
}

}  // namespace busbar::gateway
