// `quirk` lines: habits of single devices, instead of what their profiles say.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plant/scenario/scenario_parts.hpp"
#include "plant/scenario/text.hpp"

namespace busbar::plant {
namespace {

using What = QuirkItem::What;

struct QuirkName {
    What what;
    std::string_view name;
};
constexpr std::array quirk_names{
    QuirkName{What::none, "none"},
    QuirkName{What::missing, "missing"},
    QuirkName{What::longest_read, "longest_read"},
    QuirkName{What::even_only, "even_only"},
    QuirkName{What::too_soon, "too_soon"},
    QuirkName{What::turnaround, "turnaround"},
    QuirkName{What::wakes_after, "wakes_after"},
    QuirkName{What::idle, "idle"},
    QuirkName{What::clients, "clients"},
    QuirkName{What::registers_only, "registers_only"},
    QuirkName{What::busy, "busy"},
    QuirkName{What::wrong_unit, "wrong_unit"},
};

Status take_time(Words& words, Duration& time) {
    BUSBAR_TRY(const double seconds, words.measure(Measure::time, 0, 3600));
    time = Duration(static_cast<std::int64_t>(seconds * 1e9));
    return ok();
}
Status take_share(Words& words, double& share) {
    BUSBAR_TRY(const double percent, words.measure(Measure::percent, 0, 100));
    share = percent / 100;
    return ok();
}
template <class T>
Status take_number(Words& words, double min, double max, T& number) {
    BUSBAR_TRY(const double value, words.measure(Measure::plain, min, max));
    number = static_cast<T>(value);
    return ok();
}

// too_soon garbled within 300ms
Status take_haste(Words& words, profile::Quirks& value) {
    value.too_soon = words.peek() == "silent" ? profile::Haste::silent : profile::Haste::garbled;
    if (!words.accept("silent") && !words.accept("garbled"))
        return words.error("write: too_soon silent within 300ms, or too_soon garbled within 300ms");
    if (auto s = words.expect("within"); !s) return s;
    return take_time(words, value.pause);
}

// turnaround 50ms to 300ms
Status take_turnaround(Words& words, profile::Quirks& value) {
    if (auto s = take_time(words, value.turnaround_min); !s) return s;
    if (auto s = words.expect("to"); !s) return s;
    if (auto s = take_time(words, value.turnaround_max); !s) return s;
    if (value.turnaround_max < value.turnaround_min) return words.error("turnaround: the shorter time stands first");
    return ok();
}

// clients 1, clients 1 newest: one more is refused, or ends the oldest
Status take_clients(Words& words, profile::Quirks& value) {
    if (auto s = take_number(words, 0, 64, value.clients); !s) return s;
    value.newest_client_wins = words.accept("newest");
    return ok();
}

Status take_value(Words& words, What what, profile::Quirks& value) {
    switch (what) {
        case What::none:
            return ok();
        case What::missing:
            return take_number(words, 2, 3, value.missing);
        case What::longest_read:
            return take_number(words, 1, 125, value.longest_read);
        case What::even_only:
            value.even_only = true;
            return ok();
        case What::too_soon:
            return take_haste(words, value);
        case What::turnaround:
            return take_turnaround(words, value);
        case What::wakes_after:
            return take_time(words, value.wakes_after);
        case What::idle:
            return take_time(words, value.idle);
        case What::clients:
            return take_clients(words, value);
        case What::registers_only:
            value.registers_only = true;
            return ok();
        case What::busy:
            return take_share(words, value.busy);
        case What::wrong_unit:
            return take_share(words, value.wrong_unit);
    }
    return ok();
}

}  // namespace

void QuirkItem::change(profile::Quirks& quirks) const {
    switch (what) {
        case What::none:
            quirks = {};
            break;
        case What::missing:
            quirks.missing = value.missing;
            break;
        case What::longest_read:
            quirks.longest_read = value.longest_read;
            break;
        case What::even_only:
            quirks.even_only = value.even_only;
            break;
        case What::too_soon:
            quirks.too_soon = value.too_soon;
            quirks.pause = value.pause;
            break;
        case What::turnaround:
            quirks.turnaround_min = value.turnaround_min;
            quirks.turnaround_max = value.turnaround_max;
            break;
        case What::wakes_after:
            quirks.wakes_after = value.wakes_after;
            break;
        case What::idle:
            quirks.idle = value.idle;
            break;
        case What::clients:
            quirks.clients = value.clients;
            quirks.newest_client_wins = value.newest_client_wins;
            break;
        case What::registers_only:
            quirks.registers_only = value.registers_only;
            break;
        case What::busy:
            quirks.busy = value.busy;
            break;
        case What::wrong_unit:
            quirks.wrong_unit = value.wrong_unit;
            break;
    }
}

Status parse_quirks(Words& words, Scenario& scenario) {
    const auto whose = words.take();
    const auto target = whose == "all" ? std::string() : scenario.device_named(whose);
    if (target.empty() && whose != "all")
        return words.error(
            fmt::format("quirk: nothing here is called '{}'; write 'all' or the id of a device with a "
                        "profile",
                        clipped(whose)));
    do {
        const auto word = words.take();
        const auto named = std::ranges::find(quirk_names, word, &QuirkName::name);
        if (named == quirk_names.end())
            return words.error(
                fmt::format("'{}' is no quirk; known are: none missing longest_read even_only too_soon turnaround "
                            "wakes_after idle clients registers_only busy wrong_unit",
                            clipped(word)));
        QuirkItem item{target, named->what, {}};
        if (auto s = take_value(words, item.what, item.value); !s) return s;
        scenario.quirks.push_back(std::move(item));
    } while (words.accept("|"));
    return words.end();
}

}  // namespace busbar::plant
