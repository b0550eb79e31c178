#include "discovery/network/lan_search.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace busbar::discovery {
namespace {

using namespace std::chrono_literals;
constexpr unsigned most_knockers = 32, most_talkers = 8;
constexpr std::size_t most_endpoints = 250, most_announced = 200;
constexpr unsigned most_ports = 4;           // announced for one address
constexpr unsigned conversation_steps = 50;  // what one is worth in the estimate, in connections
constexpr Duration listening = 2s, look_again = 20ms;

// What tells one device from another at the same endpoint.
std::string identity_of(const Found& f) {
    std::string id = fmt::format("{}|{}|{}|{}", static_cast<int>(f.certainty), f.profile, f.model, f.serial);
    for (const Candidate& c : f.candidates) id += "|" + c.profile;
    return id;
}

}  // namespace

std::vector<std::uint8_t> telling_units(const Profiles& profiles) {
    std::vector<std::uint8_t> units{1, 0, 2, 3};
    const auto add = [&](std::uint8_t unit) {
        if (std::ranges::find(units, unit) == units.end()) units.push_back(unit);
    };
    for (const auto& profile : profiles) add(profile->bus.unit);
    for (const int unit : {126, 247, 255}) add(static_cast<std::uint8_t>(unit));
    return units;
}

void merge_echoes(std::vector<Found>& found, std::size_t units_asked, const Profiles& profiles) {
    const auto delivered_unit = [&](const Found& f) {
        const std::string& name = !f.profile.empty() || f.candidates.empty() ? f.profile : f.candidates.front().profile;
        const auto profile = std::ranges::find_if(profiles, [&](const auto& p) { return p->name == name; });
        return profile == profiles.end() ? -1 : int{(*profile)->bus.unit};
    };
    std::vector<Found> merged;
    while (!found.empty()) {
        const std::string who = identity_of(found.front());
        std::vector<Found> same;
        std::erase_if(found, [&](Found& f) {
            if (identity_of(f) != who) return false;
            same.push_back(f);
            return true;
        });
        // Without a serial number two meters of one kind look alike; only an answer at every unit is an echo.
        const bool is_echo = same.size() > 1 && (!same.front().serial.empty() || same.size() == units_asked);
        if (!is_echo) {
            merged.insert(merged.end(), same.begin(), same.end());
            continue;
        }
        const auto usual = std::ranges::find_if(same, [&](const Found& f) { return f.unit == delivered_unit(f); });
        Found one = usual != same.end() ? *usual : same.front();
        one.notes.push_back(fmt::format("answers at {} of the {} unit addresses asked: one device",
                                        same.size() == units_asked ? "each" : std::to_string(same.size()),
                                        units_asked));
        merged.push_back(std::move(one));
    }
    std::ranges::sort(merged, {}, &Found::unit);
    found = std::move(merged);
}

LanSearch::LanSearch(Loop& loop, Lan& lan, LanOrder order)
    : loop_(loop), lan_(lan), order_(std::move(order)), units_(telling_units(order_.profiles)) {}

bool LanSearch::is_skipped(const Endpoint& endpoint) const {
    return std::ranges::find(order_.skipped, endpoint) != order_.skipped.end();
}

Task<void> LanSearch::run() {
    started_ = loop_.now();
    std::set<Endpoint> all;
    for (const Network& network : order_.networks)
        for (const std::uint32_t host : hosts_of(network))
            for (const std::uint16_t port : order_.ports)
                if (const Endpoint e{address_text(host), port}; !is_skipped(e) && all.insert(e).second)
                    to_knock_.push_back(e);
    total_ = static_cast<unsigned>(to_knock_.size());
    if (order_.asks_names) co_await listen();
    for (unsigned i = 0; i < most_knockers; ++i) {
        ++knockers_;
        loop_.spawn("lan knock", knock());
    }
    while (knockers_ > 0) co_await loop_.sleep_for(look_again);
    current_.clear();
    has_ended_ = true;
}

Task<void> LanSearch::listen() {
    current_ = "asking who announces himself";
    std::vector<Announcement> heard = co_await lan_.ask_names(listening);
    for (Announcement& a : heard) take(std::move(a));
}

// Whoever announces Modbus is asked first. An announced address may be anything: only those that are searched count,
// and only a few ports of each.
void LanSearch::take(Announcement announcement) {
    const bool is_searched = std::ranges::any_of(
        order_.networks, [&](const Network& network) { return contains(network, announcement.address); });
    if (!is_searched || announced_.size() >= most_announced) return;
    const bool is_modbus = announcement.service == "_modbus._tcp" || announcement.service == "_mbap._tcp" ||
                           announcement.service == "_sunspec._tcp";
    const Endpoint endpoint{address_text(announcement.address), announcement.port};
    if (is_modbus && announcement.port != 0 && !is_skipped(endpoint) && announced_ports_[endpoint.host] < most_ports) {
        ++announced_ports_[endpoint.host];
        total_ += std::erase(to_knock_, endpoint) == 0 ? 1 : 0;
        to_knock_.push_front(endpoint);
    }
    announced_.push_back(std::move(announcement));
}

// One of those who knock; who finds a door open stays and talks. Some devices take one connection only, so the one that
// showed the open port is the one to talk over.
Task<void> LanSearch::knock() {
    while (!to_knock_.empty() && !is_cancelled_) {
        const Endpoint endpoint = to_knock_.front();
        to_knock_.pop_front();
        if (talking_ == 0) current_ = fmt::format("{}:{}", endpoint.host, endpoint.port);
        auto link = co_await lan_.connect(endpoint.host, endpoint.port, order_.connect_timeout);
        ++done_;
        if (!link || is_cancelled_) continue;
        if (conversations_.size() >= most_endpoints) {
            if (messages_.empty())
                messages_.push_back(
                    fmt::format("lan: more than {} open ports; search smaller networks", most_endpoints));
            continue;
        }
        Conversation& conversation = conversations_.emplace_back();
        conversation.endpoint = endpoint;
        conversation.bus =
            std::make_unique<EndpointBus>(loop_, std::move(*link), fmt::format("{}:{}", endpoint.host, endpoint.port));
        total_ += conversation_steps;
        while (talking_ >= most_talkers && !is_cancelled_) co_await loop_.sleep_for(look_again);
        ++talking_;
        co_await converse(conversation);
        --talking_;
        done_ += conversation_steps;
    }
    --knockers_;
}

Task<void> LanSearch::converse(Conversation& c) {
    const Waiting patience{.first = 1s, .least = 300ms, .most = 2s};
    ModbusScanOrder order{units_, {}, order_.profiles, patience, false};
    c.scan = std::make_unique<ModbusScan>(loop_, *c.bus, std::move(order));
    if (is_cancelled_) c.scan->cancel();
    current_ = fmt::format("{}:{}", c.endpoint.host, c.endpoint.port);
    const Status ended = co_await c.scan->run();
    c.found = c.scan->found();
    merge_echoes(c.found, units_.size(), order_.profiles);
    if (c.found.empty() && !is_cancelled_) {
        Found nobody;
        nobody.reason =
            ended ? fmt::format("the port is open, but no Modbus device answers at units {}", fmt::join(units_, ", "))
                  : ended.error().text;
        c.found.push_back(std::move(nobody));
    }
    c.has_ended = true;
    c.scan.reset();
    c.bus.reset();  // the connection is free for the device's next master
}

void LanSearch::cancel() {
    is_cancelled_ = true;
    for (Conversation& c : conversations_)
        if (c.scan && !c.has_ended) c.scan->cancel();
}

BusProgress LanSearch::progress() const {
    BusProgress progress;
    progress.bus = "lan";
    progress.done = done_;
    progress.total = total_;
    progress.has_ended = has_ended_;
    progress.current = current_;
    constexpr unsigned enough = 32;
    if (!has_ended_ && done_ >= enough && total_ > done_)
        progress.left = (loop_.now() - started_) / done_ * (total_ - done_);
    return progress;
}

void LanSearch::set_place(Found& found, const Endpoint& endpoint) const {
    found.host = endpoint.host;
    found.port = endpoint.port;
    for (const Announcement& a : announced_)
        if (address_text(a.address) == endpoint.host && found.name.empty()) found.name = a.name;
}

std::vector<Found> LanSearch::found() const {
    std::vector<Found> all;
    std::set<std::string> hosts;
    for (const Conversation& c : conversations_) {
        const std::vector<Found> found = c.has_ended || !c.scan ? c.found : c.scan->found();
        for (Found f : found) {
            set_place(f, c.endpoint);
            all.push_back(std::move(f));
        }
        hosts.insert(c.endpoint.host);
    }
    // Who announces himself and speaks no Modbus is shown, too: it may be a device for another way in.
    for (const Announcement& a : announced_) {
        if (!hosts.insert(address_text(a.address)).second) continue;
        all.push_back(announced_at(a));
    }
    return all;
}

// One may announce several services: the one that says most counts.
Found LanSearch::announced_at(const Announcement& first) const {
    const Announcement* best = &first;
    for (const Announcement& a : announced_)
        if (a.address == first.address && best->model.empty()) best = &a;
    if (best->model.empty()) best = &first;
    Found f;
    set_place(f, {address_text(best->address), best->port});
    f.reason = fmt::format("announces itself as {}; no Modbus there", best->service);
    if (best->service == "_shelly._tcp") f.maker = "Shelly";
    f.model = best->model;
    f.firmware = best->firmware;
    const auto support = profile::firmware_support(order_.firmware, f.model, f.firmware);
    if (support.verdict == profile::FirmwareVerdict::unsupported) f.notes.push_back(support.text);
    return f;
}

}  // namespace busbar::discovery
