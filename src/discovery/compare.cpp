#include "discovery/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/phrases.hpp"
#include "model/serial_number.hpp"

namespace busbar::discovery {
namespace {

std::string place_of(const Found& found) {
    return found.bus.empty() ? fmt::format("{}:{}", found.host, found.port) : found.bus;
}

bool is_known(const Found& found) { return found.certainty == Certainty::known; }

// One that the site has stays the only one.
void choose_grid_meter(std::vector<Found>& found, const std::vector<Found>& site) {
    const auto is_meter = [](const Found& f) { return f.use == model::Use::grid_meter; };
    const auto is_new = [&](const Found& f) { return is_meter(f) && !is_known(f); };
    const bool has_one = std::ranges::any_of(site, is_meter) ||
                         std::ranges::any_of(found, [&](const Found& f) { return is_meter(f) && is_known(f); });
    if (!has_one && std::ranges::count_if(found, is_new) < 2) return;
    for (Found& f : found)
        if (is_new(f)) f.use = model::Use::sub_meter;
}

// What is found first stands first; who is known leads.
struct Namesakes {
    std::vector<Found*> found;
    std::vector<const Found*> all;
};

std::string note_for(const Found& f, const Namesakes& those) {
    const auto other = [&](bool must_be_known) -> const Found* {
        const auto at = std::ranges::find_if(
            those.all, [&](const Found* one) { return one != &f && (!must_be_known || is_known(*one)); });
        return at == those.all.end() ? nullptr : *at;
    };
    const Found* known = is_known(f) ? nullptr : other(true);
    const Found& named = known != nullptr ? *known : *other(false);
    const std::string at =
        fmt::format("{}unit {}", place_of(named) == place_of(f) ? "" : place_of(named) + " ", named.unit);
    if (known != nullptr) return say<phrases::found_moved>(known->device, at);
    if (those.all.size() > 2) return say<phrases::found_same_serials>(at, those.all.size() - 2);
    return say<phrases::found_same_serial>(at);
}

}  // namespace

Found found_as(const KnownUnit& known) {
    Found found;
    found.unit = known.unit;
    found.certainty = Certainty::known;
    found.device = known.device;
    found.profile = known.profile;
    found.use = known.use;
    found.maker = known.maker;
    found.model = known.model;
    found.serial = known.serial;
    found.firmware = known.firmware;
    return found;
}

void compare(std::vector<Found>& found, const std::vector<Found>& site) {
    choose_grid_meter(found, site);
    std::map<std::string, Namesakes> by_serial;
    std::set<std::string_view> shown;
    for (Found& f : found) {
        if (is_known(f)) shown.insert(f.device);
        if (!model::names_one_device(f.serial)) continue;
        Namesakes& those = by_serial[f.maker + "/" + f.serial];
        those.found.push_back(&f);
        those.all.push_back(&f);
    }
    for (const Found& f : site) {
        const auto those = by_serial.find(f.maker + "/" + f.serial);
        if (those != by_serial.end() && !shown.contains(f.device)) those->second.all.push_back(&f);
    }
    // One note each, however many there are: who plays a thousand devices of one number costs as little as two.
    for (auto& [serial, those] : by_serial) {
        if (those.all.size() < 2) continue;
        std::ranges::stable_partition(those.all, [](const Found* f) { return is_known(*f); });
        for (Found* f : those.found) {
            f->notes.push_back(note_for(*f, those));
            f->is_double = !is_known(*f);
        }
    }
}

}  // namespace busbar::discovery
