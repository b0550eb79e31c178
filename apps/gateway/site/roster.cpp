#include "site/roster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "base/log.hpp"
#include "base/whole_file.hpp"
#include "config/rules.hpp"

namespace busbar::gateway {
namespace {

constexpr std::size_t most_bytes = 256 * 1024;

std::string path_in(const std::string& folder) { return folder + "/roster"; }

std::optional<std::int64_t> number(const std::string& word) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value < 0) return std::nullopt;
    return value;
}

std::optional<model::Use> use_named(std::string_view word) {
    using enum model::Use;
    for (const model::Use use : {grid_meter, pv, hybrid, battery, charger, sub_meter})
        if (to_string(use) == word) return use;
    return std::nullopt;
}

std::optional<Member> member_of(const std::string& line) {
    std::istringstream words(line);
    std::string since, until, use, id, more;
    words >> since >> until >> use >> id;
    const auto from = number(since);
    const auto to = until == "-" ? std::optional(Member::for_ever) : number(until);
    const auto as = use_named(use);
    if (!from || !to || !as || !config::is_id(id) || words >> more) return std::nullopt;
    return Member{id, *as, *from, *to};
}

}  // namespace

Roster roster_of(const config::SiteConfig& site) {
    Roster roster;
    for (const auto& device : site.devices) roster.push_back({.id = device.id, .use = device.use});
    return roster;
}

Roster updated(Roster roster, const config::SiteConfig& site, const std::set<std::string>& replaced,
               std::int64_t now_ms) {
    const auto is_there = [](const Member& m) { return m.until_ms == Member::for_ever; };
    for (Member& member : roster) {
        const config::DeviceConfig* device = config::find_device(site, member.id);
        const bool stays = device != nullptr && device->use == member.use && !replaced.contains(member.id);
        if (is_there(member) && !stays) member.until_ms = std::max(now_ms, member.since_ms);
    }
    for (const auto& device : site.devices)
        if (std::none_of(roster.begin(), roster.end(),
                         [&](const Member& m) { return is_there(m) && m.id == device.id; }))
            roster.push_back({.id = device.id, .use = device.use, .since_ms = now_ms});
    while (roster.size() > max_members) {
        const auto oldest = std::find_if_not(roster.begin(), roster.end(), is_there);
        if (oldest == roster.end()) break;
        roster.erase(oldest);
    }
    return roster;
}

std::string to_text(const Roster& roster) {
    std::string text;
    for (const Member& m : roster)
        text +=
            fmt::format("{} {} {} {}\n", m.since_ms,
                        m.until_ms == Member::for_ever ? "-" : fmt::format("{}", m.until_ms), to_string(m.use), m.id);
    return text;
}

Result<Roster> parse_roster(std::string_view text) {
    Roster roster;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (int n = 1; std::getline(lines, line); ++n) {
        const auto member = member_of(line);
        if (!member || roster.size() >= max_members)
            return fail(Errc::malformed, fmt::format("roster:{}: not understood", n));
        roster.push_back(*member);
    }
    return roster;
}

Roster read_roster(const std::string& data_folder, const config::SiteConfig& site, std::int64_t now_ms) {
    std::ifstream file(path_in(data_folder), std::ios::binary);
    std::string text(most_bytes, '\0');
    if (file) {
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
        if (auto roster = parse_roster(text)) return updated(std::move(*roster), site, {}, now_ms);
        log(Level::warning, "site",
            path_in(data_folder) +
                ": cannot be read; energies of devices that are no longer "
                "there are left out of past days");
    }
    return roster_of(site);
}

Status write_roster(const std::string& data_folder, const Roster& roster) {
    return write_whole_file(path_in(data_folder), to_text(roster), 0600);
}

}  // namespace busbar::gateway
