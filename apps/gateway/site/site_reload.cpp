#include "site/site_reload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/phrases.hpp"
#include "config/edit.hpp"
#include "config/family_rules.hpp"
#include "config/rules.hpp"
#include "field/at_work.hpp"
#include "site/site_changes.hpp"

namespace busbar::gateway {
namespace {

constexpr std::size_t most_told = 50;  // in one line of the audit log

std::string value_in(const config::Entry& entry, const std::string& key) {
    for (const auto& [name, value] : entry)
        if (name == key) return value;
    return "-";
}

// "unit: 11 -> 12, serial: - -> A17"
std::string changes_of(const config::Entry& before, const config::Entry& after) {
    std::vector<std::string> all;
    for (const auto& [key, value] : before)
        if (const std::string now = value_in(after, key); now != value)
            all.push_back(fmt::format("{}: {} -> {}", key, value, now));
    for (const auto& [key, value] : after)
        if (std::none_of(before.begin(), before.end(), [&](const auto& line) { return line.first == key; }))
            all.push_back(fmt::format("{}: - -> {}", key, value));
    return fmt::format("{}", fmt::join(all, ", "));
}

std::string text_of(const config::Entry& entry) {
    std::vector<std::string> all;
    for (const auto& [key, value] : entry)
        if (key != "id") all.push_back(fmt::format("{}: {}", key, value));
    return fmt::format("{}", fmt::join(all, ", "));
}

template <class Item>
void compare(const char* part, const std::vector<Item>& running, const std::vector<Item>& file,
             std::vector<api::SiteDifference>& told) {
    const auto find = [](const std::vector<Item>& in, const Item& item) {
        return std::find_if(in.begin(), in.end(), [&](const Item& other) { return other.id == item.id; });
    };
    for (const Item& item : running) {
        const auto next = find(file, item);
        if (next == file.end())
            told.push_back({part, item.id, "removed", text_of(config::entry_of(item))});
        else if (!(*next == item))
            told.push_back({part, item.id, "changed", changes_of(config::entry_of(item), config::entry_of(*next))});
    }
    for (const Item& item : file)
        if (find(running, item) == running.end())
            told.push_back({part, item.id, "added", text_of(config::entry_of(item))});
}

std::string json_of(const std::vector<api::SiteDifference>& differences) {
    std::string text = "[";
    for (std::size_t i = 0; i < std::min(differences.size(), most_told); ++i)
        text += fmt::format("{}\"{} {} {}\"", i > 0 ? "," : "", differences[i].part, differences[i].id,
                            differences[i].change);
    if (differences.size() > most_told) text += fmt::format(",\"and {} more\"", differences.size() - most_told);
    return text + "]";
}

}  // namespace

std::vector<api::SiteDifference> differences(const config::SiteConfig& running, const config::SiteConfig& file) {
    std::vector<api::SiteDifference> told;
    compare("bus", running.buses, file.buses, told);
    compare("device", running.devices, file.devices, told);
    if (running.modbus_server != file.modbus_server) {
        const char* change = !running.modbus_server ? "added" : !file.modbus_server ? "removed" : "changed";
        told.push_back({"modbus_server", {}, change, "who may read devices through the gateway"});
    }
    const auto site = [&](bool is_same, std::string text, bool needs_restart = true) {
        if (!is_same) told.push_back({"site", {}, "changed", std::move(text), needs_restart});
    };
    site(running.name == file.name, fmt::format("name: {} -> {}", running.name, file.name));
    site(running.timezone == file.timezone, fmt::format("timezone: {} -> {}", running.timezone, file.timezone));
    site(running.pv_peak_w == file.pv_peak_w, fmt::format("pv_peak_w: {} -> {}", running.pv_peak_w, file.pv_peak_w));
    site(running.host_names == file.host_names, "host_names");
    site(running.limits == file.limits,
         fmt::format("limits: devices {} -> {}, devices_per_bus {} -> {}", running.limits.devices, file.limits.devices,
                     running.limits.devices_per_bus, file.limits.devices_per_bus),
         false);
    site(running.control == file.control, "control; what was saved in the settings counts before it");
    return told;
}

// A file written by hand may name a family whose pack comes later; what is added now must be one of those there are.
Task<Status> SiteChanges::suits_family(config::DeviceConfig device) {
    auto work = [folders = place_.profiles, device = std::move(device)]() -> Status {
        const auto paths = existing(folders);
        const auto found = device::ProfileStore::read(paths, {device.profile}).find(device.profile);
        if (!found) return fail(found.error().kind, say<phrases::profile_unknown>(found.error().text));
        if (const Status use = config::check_use(device, **found); !use) return use;
        return config::check_serial_is_told(device, **found);
    };
    is_busy_ = true;
    auto suits = co_await api::run_on(worker_, service_, std::move(work));
    is_busy_ = false;
    if (!suits) co_return fail(Errc::unavailable, say<phrases::busy_changes>());
    co_return *suits;
}

Task<Result<SiteChanges::Written>> SiteChanges::read() {
    auto work = [place = place_, running = running_, at_work = at_work()]() -> Result<Written> {
        BUSBAR_TRY(ReadAgain again, read_again(place.file));
        if (const Status free = leaves_alone(at_work, running->config, again.outcome.config, {}); !free)
            return free.error();
        auto profiles = read_profiles(place.profiles, again.outcome.config);
        return Written{std::move(again.text), std::make_shared<const config::LoadOutcome>(std::move(again.outcome)),
                       std::move(profiles)};
    };
    auto read = co_await api::run_on(worker_, service_, std::move(work));
    if (!read) co_return fail(Errc::unavailable, say<phrases::busy_changes>());
    co_return std::move(*read);
}

Task<Result<std::vector<api::SiteDifference>>> SiteChanges::reload(bool apply, api::By by) {
    co_await my_turn();
    is_busy_ = true;
    auto written = co_await read();
    Status done = ok();
    if (written) {
        const Status room = co_await has_room_for_all(written->site->config);
        if (!room) written = room.error();
    }
    std::vector<api::SiteDifference> told;
    if (!written) {
        done = written.error();
    } else {
        told = differences(running_->config, written->site->config);
        const bool is_other = !text_ || text_->text != written->text;
        if (apply && is_other) {
            const std::string text = written->text;
            Words words{"site file read again", {}, json_of(told)};
            std::set<std::string> none;
            const Taken taken = co_await take(std::move(*written), std::move(words), std::move(by), std::move(none));
            done = taken.status;  // what the person wrote stays, whether it could be done or not
            if (taken.is_running) worker_.submit([text, folder = place_.data] { keep_copy(text, folder); });
        }
    }
    is_busy_ = false;
    if (!done) co_return done.error();
    co_return told;
}

}  // namespace busbar::gateway
