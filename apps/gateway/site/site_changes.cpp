#include "site/site_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/log.hpp"
#include "base/whole_file.hpp"
#include "config/edit.hpp"
#include "config/rules.hpp"
#include "device/bus_load.hpp"
#include "field/on_loop.hpp"
#include "profile/load/load.hpp"
#include "site/at_work.hpp"
#include "site/site_file.hpp"

namespace busbar::gateway {
namespace {

// For the audit log.
std::string json_of(const config::DeviceConfig& d) {
    std::string text =
        fmt::format(R"({{"id":{},"name":{},"profile":{},"bus":{},"unit":{},"use":"{}")", json_text(d.id),
                    json_text(d.name), json_text(d.profile), json_text(d.bus), d.unit, model::to_string(d.use));
    if (d.rated_power_w) text += fmt::format(R"(,"rated_power_w":{})", *d.rated_power_w);
    if (!d.serial.empty()) text += ",\"serial\":" + json_text(d.serial);
    return text + "}";
}
std::string json_of(const config::BusConfig& b) {
    if (const auto* tcp = std::get_if<config::TcpEndpoint>(&b.link))
        return fmt::format(R"({{"id":{},"host":{},"port":{},"rtu":{}}})", json_text(b.id), json_text(tcp->host),
                           tcp->port, tcp->rtu_framing);
    const auto& serial = std::get<config::SerialPort>(b.link);
    return fmt::format(R"({{"id":{},"port":{},"baud":{},"parity":"{}","stop_bits":{}}})", json_text(b.id),
                       json_text(serial.path), serial.baud, serial.parity, serial.stop_bits);
}

Result<config::Via> via_of(const std::string& text) {
    if (text.empty()) return config::Via::unsaid;
    if (text == "lan") return config::Via::lan;
    if (text == "router") return config::Via::router;
    return fail(Errc::out_of_range, "via: expected 'lan' or 'router'");
}

// `known`: what it was, for what a change does not name.
Result<config::DeviceConfig> device_of(const api::DeviceChange& change, config::DeviceConfig known) {
    known.name = change.name.empty() ? known.id : change.name;
    known.use = change.use;
    known.rated_power_w = change.rated_power_w;
    known.serial = change.serial;
    BUSBAR_TRY(known.via, via_of(change.via));
    known.line = {};
    return known;
}

// "Eastron SDM630 (7)" -> "eastron-sdm630-7"
std::string id_from(std::string_view name) {
    std::string id;
    for (const char c : name) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            id += c;
        else if (c >= 'A' && c <= 'Z')
            id += static_cast<char>(c - 'A' + 'a');
        else if (!id.empty() && id.back() != '-')
            id += '-';
    }
    id.resize(std::min<std::size_t>(id.size(), 24));
    while (id.ends_with('-')) id.pop_back();
    return id;
}

bool is_profile_name(std::string_view name) {
    const auto slash = name.find('/');
    const auto is_part = [](std::string_view part) {
        return !part.empty() && part.size() <= 48 && part.front() != '-' &&
               std::all_of(part.begin(), part.end(),
                           [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    };
    return slash != std::string_view::npos && is_part(name.substr(0, slash)) && is_part(name.substr(slash + 1));
}

Status store_pack(const std::string& folder, const std::string& name, const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(folder) / (name + ".yaml");
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    if (failed)
        return fail(Errc::unavailable,
                    fmt::format("{}: cannot be made: {}; give the gateway a data folder it may write to",
                                file.parent_path().string(), failed.message()));
    return write_whole_file(file.string(), text, 0600);
}

// What is asked of a line as `site` has it. `known`: of devices that run there so; the others answer at once. A device
// without a profile that loads is not asked anything.
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
        known.push_back(device::load_of(**profile, poll_timing(site, device), device.id));
        known.back().turnaround = {};
    }
    return known;
}

config::SiteConfig with_device(config::SiteConfig site, const config::DeviceConfig& device) {
    std::erase_if(site.devices, [&](const config::DeviceConfig& d) { return d.id == device.id; });
    site.devices.push_back(device);
    return site;
}

config::SiteConfig with_bus(config::SiteConfig site, const config::BusConfig& bus) {
    for (config::BusConfig& one : site.buses)
        if (one.id == bus.id) one = bus;
    return site;
}

}  // namespace

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x20)
            out += c == '"' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
    return out + '"';
}

std::vector<std::filesystem::path> existing(const std::vector<std::string>& folders) {
    std::vector<std::filesystem::path> paths;
    std::error_code failed;
    for (const std::string& folder : folders)
        if (&folder == &folders.back() || std::filesystem::exists(folder, failed)) paths.emplace_back(folder);
    return paths;
}

Field::Profiles read_profiles(const std::vector<std::string>& folders, const config::SiteConfig& site) {
    const auto paths = existing(folders);
    std::set<std::string> wanted;
    for (const auto& device : site.devices) wanted.insert(device.profile);
    return std::make_shared<const device::ProfileStore>(device::ProfileStore::read(paths, wanted));
}

SiteChanges::SiteChanges(RealLoop& service, RealLoop& field_loop, Field& field, api::Settings& settings,
                         const BusBudget& budget, Place place, Field::Site running, std::optional<SiteText> text,
                         Hooks hooks)
    : service_(service),
      field_loop_(field_loop),
      field_(field),
      settings_(settings),
      budget_(budget),
      place_(std::move(place)),
      running_(std::move(running)),
      text_(std::move(text)),
      hooks_(std::move(hooks)) {}

// ---- what people want ----

std::string SiteChanges::free_id(const api::DeviceChange& device) const {
    std::string base = id_from(device.name);
    if (base.empty()) base = id_from(device.profile);
    if (base.empty()) base = "device";
    std::string id = base;
    for (int n = 2; config::find_device(site(), id) != nullptr; ++n) id = fmt::format("{}-{}", base, n);
    return id;
}

Task<Result<std::string>> SiteChanges::add_device(api::DeviceChange change, api::By by) {
    co_await my_turn();
    config::DeviceConfig made;
    made.id = change.id.empty() ? free_id(change) : change.id;
    made.profile = change.profile;
    made.bus = change.bus;
    auto device = device_of(change, std::move(made));
    if (!device) co_return device.error();
    if (const config::BusConfig* bus = config::find_bus(site(), change.bus))
        if (const Status unit = config::check_unit(*bus, change.unit); !unit) co_return unit.error();
    device->unit = static_cast<std::uint8_t>(change.unit);
    if (const Status may = config::may_add(site(), *device); !may) co_return may.error();
    if (const Status family = co_await suits_family(*device); !family) co_return family.error();
    if (const Status room = co_await has_room_for(*device); !room) co_return room.error();
    Words words{"device added", {}, json_of(*device)};
    Edit edit = [device = *device](std::string_view yaml) { return config::with_device(yaml, device); };
    const Status done = co_await make(std::move(edit), std::move(words), std::move(by));
    if (!done) co_return done.error();
    co_return device->id;
}

Task<Status> SiteChanges::change_device(std::string id, api::DeviceChange change, api::By by) {
    co_await my_turn();
    const config::DeviceConfig* known = config::find_device(site(), id);
    if (known == nullptr) co_return config::may_remove(site(), id, {});  // says so
    auto device = device_of(change, *known);
    if (!device) co_return device.error();
    if (const Status may = config::may_change(site(), *device); !may) co_return may;
    if (const Status family = co_await suits_family(*device); !family) co_return family;
    if (const Status room = co_await has_room_for(*device); !room) co_return room;
    known = config::find_device(site(), id);
    Words words{"device changed", json_of(*known), json_of(*device)};
    Edit edit = [device = *device](std::string_view yaml) { return config::with_changed_device(yaml, device); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

Task<Status> SiteChanges::remove_device(std::string id, api::DeviceMatch match, api::By by) {
    co_await my_turn();
    const config::DevicePlace said{match.bus, match.profile, match.unit};
    if (const Status may = config::may_remove(site(), id, said); !may) co_return may;
    Words words{"device removed", json_of(*config::find_device(site(), id)), {}};
    Edit edit = [id](std::string_view yaml) { return config::without_device(yaml, id); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

Task<Status> SiteChanges::replace_device(std::string id, api::Replacement with, api::By by) {
    co_await my_turn();
    const config::DeviceConfig* known = config::find_device(site(), id);
    if (known == nullptr) co_return config::may_remove(site(), id, {});
    config::DeviceConfig next = *known;
    next.serial = with.serial;
    next.bus = with.bus.value_or(next.bus);
    next.profile = with.profile.value_or(next.profile);
    if (const config::BusConfig* bus = config::find_bus(site(), next.bus))
        if (const Status unit = config::check_unit(*bus, with.unit.value_or(next.unit)); !unit) co_return unit;
    next.unit = static_cast<std::uint8_t>(with.unit.value_or(next.unit));
    if (const Status may = config::may_change(site(), next); !may) co_return may;
    if (const Status family = co_await suits_family(next); !family) co_return family;
    if (const Status room = co_await has_room_for(next); !room) co_return room;
    known = config::find_device(site(), id);
    Words words{"device replaced", json_of(*known), json_of(next)};
    std::set<std::string> renewed{id};  // it begins anew in any case
    Edit edit = [next](std::string_view yaml) { return config::with_changed_device(yaml, next); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by), std::move(renewed));
}

Task<Status> SiteChanges::add_bus(config::BusConfig bus, api::By by) {
    co_await my_turn();
    if (const Status may = config::may_add_bus(site(), bus); !may) co_return may;
    Words words{"bus added", {}, json_of(bus)};
    Edit edit = [bus](std::string_view yaml) { return config::with_bus(yaml, bus); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

Task<Status> SiteChanges::change_bus(config::BusConfig bus, api::By by) {
    co_await my_turn();
    if (const Status may = config::may_change_bus(site(), bus); !may) co_return may;
    config::SiteConfig then = gateway::with_bus(site(), bus);
    if (const Status room = co_await has_room(std::move(then), bus.id, "", "its devices when it is set so"); !room)
        co_return room;
    Words words{"bus changed", json_of(*config::find_bus(site(), bus.id)), json_of(bus)};
    Edit edit = [bus](std::string_view yaml) { return config::with_changed_bus(yaml, bus); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

Task<Status> SiteChanges::remove_bus(std::string id, api::By by) {
    co_await my_turn();
    if (const Status may = config::may_remove_bus(site(), id); !may) co_return may;
    Words words{"bus removed", json_of(*config::find_bus(site(), id)), {}};
    Edit edit = [id](std::string_view yaml) { return config::without_bus(yaml, id); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

Task<Status> SiteChanges::add_profile(std::string name, std::string text, api::By by) {
    co_await my_turn();
    if (!is_profile_name(name))
        co_return fail(Errc::out_of_range,
                       "name: expected maker/family in small letters, digits and '-', as in acme/meter");
    const auto loaded = profile::load(text, name + ".yaml");
    if (!loaded) co_return loaded.error();
    if (loaded->name != name)
        co_return fail(Errc::out_of_range,
                       fmt::format("the pack calls itself '{}'; upload it under that name", loaded->name));
    for (const std::string& id : at_work())
        if (const auto* device = config::find_device(site(), id); device != nullptr && device->profile == name)
            co_return busy_with_firmware(id);
    is_busy_ = true;
    auto work = [folder = place_.profiles.front(), folders = place_.profiles, name, text,
                 site = running_]() -> Result<Field::Profiles> {
        if (const Status stored = store_pack(folder, name, text); !stored) return stored.error();
        return read_profiles(folders, site->config);
    };
    auto stored = co_await api::run_on(worker_, service_, std::move(work));
    Status done = !stored ? Status(fail(Errc::unavailable, "too many changes wait; try again")) : ok();
    if (stored && !*stored) done = stored->error();
    if (done) {
        Words words{"device pack added", {}, json_text(name)};
        done = co_await note(std::move(words), std::move(by));
        std::set<std::string> renewed;
        for (const auto& device : site().devices)
            if (device.profile == name) renewed.insert(device.id);
        co_await act(running_, **stored, std::move(renewed));
    }
    is_busy_ = false;
    co_return done;
}

// ---- the way they all go ----

Task<void> SiteChanges::my_turn() {
    while (is_busy_) co_await service_.sleep_for(std::chrono::milliseconds(20));
}

// The last report may be older than the last change: the site says who is there, the report what they ask.
Task<Status> SiteChanges::has_room(config::SiteConfig then, std::string bus, std::string changed, std::string what) {
    auto known = budget_.surest_loads(bus);
    auto work = [now = running_, then = std::move(then), bus, changed = std::move(changed), what = std::move(what),
                 folders = place_.profiles, known = std::move(known)]() -> Status {
        const config::BusConfig* before = config::find_bus(now->config, bus);
        const config::BusConfig* after = config::find_bus(then, bus);
        if (before == nullptr || after == nullptr) return ok();
        auto kept = known;
        std::erase_if(kept, [&](const auto& load) { return load.device == changed; });
        return check_room({*before, loads_on(bus, now->config, folders, known)},
                          {*after, loads_on(bus, then, folders, std::move(kept))}, what);
    };
    is_busy_ = true;
    auto room = co_await api::run_on(worker_, service_, std::move(work));
    is_busy_ = false;
    if (!room) co_return fail(Errc::unavailable, "too many changes wait; try again");
    co_return *room;
}

Task<Status> SiteChanges::has_room_for(config::DeviceConfig device) {
    config::SiteConfig then = gateway::with_device(site(), device);
    std::string what = fmt::format("device '{}'", device.id);
    co_return co_await has_room(std::move(then), device.bus, device.id, std::move(what));
}

Task<Result<SiteChanges::Written>> SiteChanges::write(Edit edit, std::set<std::string> renewed) {
    if (!text_)
        co_return fail(Errc::denied, place_.file +
                                         ": the gateway does not run on this file (see the alarms); correct it and "
                                         "read it again with 'busbarctl site reload' first");
    auto work = [place = place_, before = *text_, running = running_, at_work = at_work(), renewed,
                 edit = std::move(edit)]() -> Result<Written> {
        BUSBAR_TRY(std::string after, edit(before.text));
        BUSBAR_TRY(config::LoadOutcome site, config::load(after, place.file));
        if (const Status free = leaves_alone(at_work, running->config, site.config, renewed); !free)
            return free.error();
        if (const Status written = write_site(place.file, place.data, before, after); !written) return written.error();
        auto profiles = read_profiles(place.profiles, site.config);
        return Written{std::move(after), std::make_shared<const config::LoadOutcome>(std::move(site)),
                       std::move(profiles)};
    };
    auto written = co_await api::run_on(worker_, service_, std::move(work));
    if (!written) co_return fail(Errc::unavailable, "too many changes wait; try again");
    co_return std::move(*written);
}

Task<Status> SiteChanges::make(Edit edit, Words words, api::By by, std::set<std::string> renewed) {
    is_busy_ = true;
    auto written = co_await write(std::move(edit), renewed);
    Status done = ok();
    if (written)
        done = co_await take(std::move(*written), std::move(words), std::move(by), std::move(renewed));
    else
        done = written.error();
    is_busy_ = false;
    co_return done;
}

Task<Status> SiteChanges::take(Written written, Words words, api::By by, std::set<std::string> renewed) {
    text_ = SiteText{std::move(written.text)};
    running_ = written.site;
    log(Level::info, "site", fmt::format("{} by {}", words.what, by.username));
    const Status done = co_await note(std::move(words), std::move(by));
    if (hooks_.changed) hooks_.changed(running_, renewed);
    co_await act(std::move(written.site), std::move(written.profiles), std::move(renewed));
    if (hooks_.share) co_await hooks_.share(running_->config);
    co_return done;
}

Task<Status> SiteChanges::note(Words words, api::By by) {
    api::AuditRow row{service_.wall(),         by.username,           by.address, std::move(words.what),
                      std::move(words.before), std::move(words.after)};
    auto work = [row = std::move(row)](api::SettingsStore& store) { return store.add_audit(row); };
    const Status noted = co_await settings_.on_store(std::move(work));
    if (!noted) co_return because("it is done, but it is not in the audit log", noted.error());
    co_return ok();
}

Task<void> SiteChanges::act(Field::Site site, Field::Profiles profiles, std::set<std::string> renewed) {
    std::function<Task<bool>()> work = [&field = field_, site, profiles, renewed]() -> Task<bool> {
        return [](Field& f, Field::Site s, Field::Profiles p, std::set<std::string> r) -> Task<bool> {
            co_await f.change(std::move(s), std::move(p), std::move(r));
            co_return true;
        }(field, site, profiles, renewed);
    };
    co_await on_loop<bool>(service_, field_loop_, "change of the site", std::move(work));
}

}  // namespace busbar::gateway
