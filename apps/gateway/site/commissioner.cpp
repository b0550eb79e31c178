#include "site/commissioner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/phrases.hpp"
#include "config/rules.hpp"
#include "discovery/judge/use_of.hpp"
#include "field/by_hand.hpp"
#include "field/on_loop.hpp"
#include "field/serial_ports.hpp"
#include "model/use.hpp"
#include "site/site_packs.hpp"
#include "views/verified.hpp"

namespace busbar::gateway {
namespace {

api::ProfileView view_of(const profile::Profile& profile) {
    api::ProfileView view;
    view.name = profile.name;
    for (const auto& product : profile.products)
        for (const std::string& model : product.models) view.products.push_back(product.brand + " " + model);
    view.use = discovery::use_of(profile);
    view.uses = model::uses_of(profile::roles_of(profile));
    view.verified = verified_of(profile);
    view.unit = profile.bus.unit;
    view.baud = static_cast<int>(profile.bus.baud);
    view.is_identifying = profile.sunspec || profile.identify.model || profile.identify.serial;
    return view;
}

std::vector<api::ProfileView> all_profiles(const std::vector<std::string>& folders) {
    const auto store = device::ProfileStore::read(existing(folders));
    std::vector<api::ProfileView> views;
    for (const std::string& name : store.names())
        if (const auto profile = store.find(name)) views.push_back(view_of(**profile));
    for (const auto& broken : store.broken()) {
        if (broken.name.empty()) continue;  // a folder
        api::ProfileView view;
        view.name = broken.name;
        view.problem = broken.error.text;
        views.push_back(std::move(view));
    }
    for (api::ProfileView& view : views) {
        view.is_pack = is_pack(folders, view.name);
        view.is_over_shipped = view.is_pack && is_shipped(folders, view.name);
    }
    std::sort(views.begin(), views.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return views;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

}  // namespace

// ---- devices, buses, packs ----

Task<Result<std::string>> Commissioner::add_device(api::DeviceChange device, api::By by) {
    return changes_.add_device(std::move(device), std::move(by));
}
Task<Status> Commissioner::change_device(std::string id, api::DeviceChange device, api::By by) {
    return changes_.change_device(std::move(id), std::move(device), std::move(by));
}
Task<Status> Commissioner::remove_device(std::string id, api::DeviceMatch match, api::By by) {
    return changes_.remove_device(std::move(id), std::move(match), std::move(by));
}
Task<Status> Commissioner::replace_device(std::string id, api::Replacement with, api::By by) {
    return changes_.replace_device(std::move(id), std::move(with), std::move(by));
}
Task<Status> Commissioner::add_bus(config::BusConfig bus, api::By by) {
    return changes_.add_bus(std::move(bus), std::move(by));
}
Task<Status> Commissioner::change_bus(api::BusChange change, api::By by) {
    return changes_.change_bus(std::move(change), std::move(by));
}
Task<Status> Commissioner::remove_bus(std::string id, api::By by) {
    return changes_.remove_bus(std::move(id), std::move(by));
}

Task<Status> Commissioner::change_sharing(config::ModbusServerConfig settings, api::By by) {
    return changes_.change_sharing(std::move(settings), std::move(by));
}
Task<Result<std::vector<api::SiteDifference>>> Commissioner::reload_site(bool apply, api::By by) {
    return changes_.reload(apply, std::move(by));
}

Task<api::SharingView> Commissioner::sharing() {
    const SharingFigures figures = co_await sharing_.figures();
    api::SharingView view;
    view.settings.is_enabled = false;
    if (const auto& settings = changes_.site().modbus_server) view.settings = *settings;
    view.is_listening = figures.is_listening;
    view.problem = figures.problem;
    view.connections = figures.server.clients;
    view.turned_away = figures.server.turned_away;
    view.requests = figures.total.requests;
    view.from_cache = figures.total.from_cache;
    view.refused = figures.total.refused;
    view.writes = figures.total.writes;
    for (const auto& client : figures.clients) {
        const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(figures.at - client.last_seen);
        view.seen.push_back({client.address, client.requests, client.from_cache, client.refused, client.writes,
                             service_.wall() - ago, to_seconds(client.age) * 1000, to_seconds(client.age_max) * 1000});
    }
    co_return view;
}

std::vector<api::PortView> Commissioner::ports() const {
    std::vector<api::PortView> views;
    for (const SerialPortFound& port : serial_ports()) {
        api::PortView view{port.path, port.text, {}};
        for (const auto& bus : changes_.site().buses)
            if (const auto* serial = std::get_if<config::SerialPort>(&bus.link))
                if (serial->path == port.path || serial->path == port.device) view.bus = bus.id;
        views.push_back(std::move(view));
    }
    return views;
}

Task<void> Commissioner::learn_profiles() {
    auto work = [folders = changes_.place().profiles] { return all_profiles(folders); };
    auto views = co_await api::run_on(changes_.worker(), service_, std::move(work));
    if (views) profiles_ = std::make_shared<const std::vector<api::ProfileView>>(std::move(*views));
}

Task<Status> Commissioner::add_profile(api::NewProfile profile, api::By by) {
    const Status added = co_await changes_.add_profile(std::move(profile), std::move(by));
    if (added) co_await learn_profiles();
    co_return added;
}

Task<Status> Commissioner::remove_profile(std::string name, api::By by) {
    const Status removed = co_await changes_.remove_profile(std::move(name), std::move(by));
    if (removed) co_await learn_profiles();
    co_return removed;
}

// ---- the search ----

Task<Status> Commissioner::start_scan(api::ScanOrder order, api::By by) {
    for (const auto& line : order.lines)
        if (const auto objection = upgrades_.objection_on(line.bus)) co_return *objection;
    auto work = [folders = changes_.place().profiles] {
        const auto store = device::ProfileStore::read(existing(folders));
        discovery::Catalogue all{{}, store.firmware()};
        for (const std::string& name : store.names())
            if (auto profile = store.find(name)) all.profiles.push_back(std::move(*profile));
        return all;
    };
    auto known = co_await api::run_on(changes_.worker(), service_, std::move(work));
    if (!known) co_return fail(Errc::unavailable, say<phrases::busy_changes>());
    for (const auto& line : order.lines)  // the profiles took a while; from here on the field decides
        if (const auto objection = upgrades_.objection_on(line.bus)) co_return *objection;
    const Status started = co_await search_.start(std::move(order), std::move(*known));
    if (!started) co_return started;
    SiteChanges::Words words{"search for devices started"};
    co_return co_await changes_.note(std::move(words), std::move(by));
}

// ---- one device, one bus ----

Task<Result<std::vector<api::SettingView>>> Commissioner::device_settings(std::string id) {
    using Answer = Result<std::vector<api::SettingView>>;
    std::function<Task<Answer>()> work = [this, id] { return read_settings(field_, id); };
    co_return co_await on_loop<Answer>(service_, field_loop_, "settings of a device", std::move(work));
}

Task<Result<api::SettingWritten>> Commissioner::write_setting(std::string id, std::string key, double value,
                                                              api::By by) {
    using Answer = Result<api::SettingWritten>;
    if (const auto objection = upgrades_.objection(id)) co_return fail(Errc::unavailable, objection->text);
    std::function<Task<Answer>()> work = [this, id, key, value, may_all = by.is_installer] {
        return gateway::write_setting(field_, id, key, value, may_all);
    };
    auto written = co_await on_loop<Answer>(service_, field_loop_, "setting of a device", std::move(work));
    std::optional<std::string> before, after;
    if (written && written->before) before = fmt::format("{:.12g}", *written->before);
    if (written) after = fmt::format("{:.12g}", written->value);
    // Also what failed: it may have arrived.
    SiteChanges::Words words{fmt::format("setting {} of device {}{}", key, id, written ? "" : " not written"),
                             std::move(before), std::move(after)};
    const Status noted = co_await changes_.note(std::move(words), std::move(by));
    if (written && !noted) co_return noted.error();
    co_return written;
}

// Noted before it is sent: a write must not be in no log. Also when it was refused: somebody wanted it.
Task<Result<api::RawAnswer>> Commissioner::ask(std::string bus, api::RawRequest request, api::By by) {
    using Answer = Result<api::RawAnswer>;
    for (const auto& device : changes_.site().devices)
        if (device.bus == bus && device.unit == request.unit)
            if (const auto objection = upgrades_.objection(device.id)) co_return *objection;
    const std::string what = fmt::format("raw request to unit {} on bus {}", request.unit, bus);
    SiteChanges::Words words{what, {}, '"' + hex(request.pdu) + '"'};
    const Status noted = co_await changes_.note(std::move(words), by);
    if (!noted) co_return noted.error();
    std::function<Task<Answer>()> work = [this, bus, request] { return ask_raw(field_, bus, request); };
    Answer answer = co_await on_loop<Answer>(service_, field_loop_, "raw request", std::move(work));
    if (answer || answer.error().kind != Errc::denied) co_return answer;
    SiteChanges::Words refused{what + ": not sent", {}, json_text(answer.error().text)};
    (void)co_await changes_.note(std::move(refused), std::move(by));  // whoever asked is told anyway
    co_return answer;
}

Task<Result<api::FramesView>> Commissioner::frames(std::string bus, std::uint64_t from, std::size_t limit) {
    using Answer = Result<api::FramesView>;
    std::function<Task<Answer>()> work = [this, bus, from, limit] {
        return read_frames(field_, field_loop_, bus, from, limit);
    };
    co_return co_await on_loop<Answer>(service_, field_loop_, "bus monitor", std::move(work));
}

Task<Result<std::string>> Commissioner::capture(std::string bus) {
    using Answer = Result<Recording>;
    std::function<Task<Answer>()> copy = [this, bus] { return copy_recording(field_, field_loop_, bus); };
    auto recording = co_await on_loop<Answer>(service_, field_loop_, "recording of a bus", std::move(copy));
    if (!recording) co_return recording.error();
    auto work = [kept = std::move(*recording)] { return device::write_capture(kept.frames, kept.notes); };
    auto text = co_await api::run_on(changes_.worker(), service_, std::move(work));
    if (!text) co_return fail(Errc::unavailable, say<phrases::busy_requests>());
    co_return std::move(*text);
}

// ---- new firmware ----

Task<Result<std::string>> Commissioner::start_upgrade(std::string id, api::UpgradeOrder order, api::By by) {
    co_await changes_.my_turn();
    const config::DeviceConfig* device = config::find_device(changes_.site(), id);
    if (device == nullptr) co_return no_device(id);
    config::DeviceConfig known = *device;
    co_return co_await upgrades_.start(std::move(known), std::move(order), std::move(by));
}
Task<Status> Commissioner::cancel_upgrade(std::string id, api::By by) {
    return upgrades_.cancel(std::move(id), std::move(by));
}

}  // namespace busbar::gateway
