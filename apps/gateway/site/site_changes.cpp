#include "site/site_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/log.hpp"
#include "base/phrases.hpp"
#include "base/whole_file.hpp"
#include "config/edit.hpp"
#include "config/rules.hpp"
#include "device/bus_load.hpp"
#include "field/at_work.hpp"
#include "field/on_loop.hpp"
#include "profile/load/load.hpp"
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

SiteChanges::SiteChanges(Loop& service, api::Settings& settings, const BusBudget& budget, Place place,
                         Field::Site running, std::optional<SiteText> text, Hooks hooks)
    : service_(service),
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
    if (const Status place = co_await has_place(bus); !place) co_return place;
    Words words{"bus added", {}, json_of(bus)};
    Edit edit = [bus](std::string_view yaml) { return config::with_bus(yaml, bus); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

Task<Status> SiteChanges::change_bus(api::BusChange change, api::By by) {
    co_await my_turn();
    const config::BusConfig bus = std::move(change.bus);
    if (const Status may = config::may_change_bus(site(), bus); !may) co_return may;
    if (const Status place = co_await has_place(bus); !place) co_return place;
    config::SiteConfig then = gateway::with_bus(site(), bus);
    if (const Status room = co_await has_room(std::move(then), bus.id, ""); !room) co_return room;
    if (!change.is_set_anyway)
        if (const Status heard = co_await is_heard(bus); !heard) co_return heard;
    Words words{"bus changed", json_of(*config::find_bus(site(), bus.id)), json_of(bus)};
    Edit edit = [bus](std::string_view yaml) { return config::with_changed_bus(yaml, bus); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

Task<Status> SiteChanges::is_heard(config::BusConfig bus) {
    if (!hooks_.try_line) co_return ok();
    is_busy_ = true;
    const Status heard = co_await hooks_.try_line(std::move(bus));
    is_busy_ = false;
    co_return heard;
}

Task<Status> SiteChanges::remove_bus(std::string id, api::By by) {
    co_await my_turn();
    if (const Status may = config::may_remove_bus(site(), id); !may) co_return may;
    Words words{"bus removed", json_of(*config::find_bus(site(), id)), {}};
    Edit edit = [id](std::string_view yaml) { return config::without_bus(yaml, id); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

// ---- the way they all go ----

Task<void> SiteChanges::my_turn() {
    while (is_busy_) co_await service_.sleep_for(std::chrono::milliseconds(20));
}

Task<Result<SiteChanges::Written>> SiteChanges::write(Edit edit, std::set<std::string> renewed) {
    if (!text_) co_return fail(Errc::denied, say<phrases::site_file_broken>(place_.file));
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
    if (!written) co_return fail(Errc::unavailable, say<phrases::busy_changes>());
    co_return std::move(*written);
}

Task<Status> SiteChanges::make(Edit edit, Words words, api::By by, std::set<std::string> renewed) {
    is_busy_ = true;
    auto written = co_await write(std::move(edit), renewed);
    Status done = ok();
    if (written) {
        std::string text = written->text;
        const Taken taken = co_await take(std::move(*written), std::move(words), std::move(by), std::move(renewed));
        done = taken.status;
        if (!taken.is_running) done = co_await put_back(std::move(text), taken.status);
    } else {
        done = written.error();
    }
    is_busy_ = false;
    co_return done;
}

// Noted before it acts: a change that acts and is in no log must not be.
Task<SiteChanges::Taken> SiteChanges::take(Written written, Words words, api::By by, std::set<std::string> renewed) {
    log(Level::info, "site", fmt::format("{} by {}", words.what, by.username));
    const std::string what = words.what;
    const api::By who = by;
    const Status noted = co_await note(std::move(words), std::move(by));
    if (hooks_.changed) hooks_.changed(written.site, renewed);
    const Status acted = co_await hooks_.act(written.site, std::move(written.profiles), std::move(renewed));
    if (!acted) {
        log(Level::error, "site", fmt::format("{}: not done: {}", what, acted.error().text));
        if (hooks_.changed) hooks_.changed(running_, {});
        Words failed{what + ": not done", {}, json_text(acted.error().text)};
        (void)co_await note(std::move(failed), who);  // whoever wanted it is told anyway
        co_return Taken{false, acted};
    }
    text_ = SiteText{std::move(written.text)};
    running_ = std::move(written.site);
    if (hooks_.share) co_await hooks_.share(running_->config);
    co_return Taken{true, noted};
}

// The field runs on without the change: so must the next start.
Task<Status> SiteChanges::put_back(std::string written, Status why) {
    auto work = [place = place_, before = text_->text, written]() -> Status {
        return write_site(place.file, place.data, SiteText{written}, before);
    };
    auto restored = co_await api::run_on(worker_, service_, std::move(work));
    const Status done = restored ? *restored : Status(fail(Errc::unavailable, "too many changes wait"));
    if (done) {
        text_->is_on_disk = true;
        co_return why;
    }
    text_.reset();
    const std::string text = fmt::format(
        "{}; and {} could not be put back, so it still holds the change: {}; correct it by hand and read it "
        "again with 'busbarctl site reload'",
        why.error().text, place_.file, done.error().text);
    log(Level::error, "site", text);
    co_return fail(why.error().kind, text);
}

Task<Status> SiteChanges::note(Words words, api::By by) {
    api::AuditRow row{service_.wall(),         by.username,           by.address, std::move(words.what),
                      std::move(words.before), std::move(words.after)};
    auto work = [row = std::move(row)](api::SettingsStore& store) { return store.add_audit(row); };
    const Status noted = co_await settings_.on_store(std::move(work));
    if (!noted) co_return because("it is done, but it is not in the audit log", noted.error());
    co_return ok();
}

}  // namespace busbar::gateway
