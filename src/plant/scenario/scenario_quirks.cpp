// `quirk` lines: habits of single devices, instead of what their profiles say.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plant/scenario/scenario_parts.hpp"
#include "plant/scenario/text.hpp"

namespace busbar::plant {
namespace {

using profile::Quirks;

// One word of the language: what stands behind it, and the members it is about.
struct QuirkWord {
    std::string_view name;
    Status (*take)(Words&, Quirks&);
    void (*copy)(const Quirks& from, Quirks& to);
};

template <auto... members>
void copy(const Quirks& from, Quirks& to) {
    ((to.*members = from.*members), ...);
}

template <auto member>
Status take_time(Words& words, Quirks& quirks) {
    BUSBAR_TRY(const double seconds, words.measure(Measure::time, 0, 3600));
    quirks.*member = Duration(static_cast<std::int64_t>(seconds * 1e9));
    return ok();
}
template <auto member>
Status take_share(Words& words, Quirks& quirks) {
    BUSBAR_TRY(const double percent, words.measure(Measure::percent, 0, 100));
    quirks.*member = percent / 100;
    return ok();
}
template <auto member, int min, int max>
Status take_number(Words& words, Quirks& quirks) {
    BUSBAR_TRY(const double value, words.measure(Measure::plain, min, max));
    quirks.*member = static_cast<std::remove_reference_t<decltype(quirks.*member)>>(value);
    return ok();
}
template <auto member>
Status take_flag(Words&, Quirks& quirks) {
    quirks.*member = true;
    return ok();
}
Status take_nothing(Words&, Quirks&) { return ok(); }

// too_soon garbled within 300ms
Status take_haste(Words& words, Quirks& quirks) {
    quirks.too_soon = words.peek() == "silent" ? profile::Haste::silent : profile::Haste::garbled;
    if (!words.accept("silent") && !words.accept("garbled"))
        return words.error("write: too_soon silent within 300ms, or too_soon garbled within 300ms");
    if (auto s = words.expect("within"); !s) return s;
    return take_time<&Quirks::pause>(words, quirks);
}

// turnaround 50ms to 300ms
Status take_turnaround(Words& words, Quirks& quirks) {
    if (auto s = take_time<&Quirks::turnaround_min>(words, quirks); !s) return s;
    if (auto s = words.expect("to"); !s) return s;
    if (auto s = take_time<&Quirks::turnaround_max>(words, quirks); !s) return s;
    if (quirks.turnaround_max < quirks.turnaround_min) return words.error("turnaround: the shorter time stands first");
    return ok();
}

// clients 1, clients 1 newest: one more is refused, or ends the oldest
Status take_clients(Words& words, Quirks& quirks) {
    if (auto s = take_number<&Quirks::clients, 0, 64>(words, quirks); !s) return s;
    quirks.newest_client_wins = words.accept("newest");
    return ok();
}

void forget_all(const Quirks&, Quirks& to) { to = {}; }

constexpr QuirkWord quirk_words[] = {
    {"none", take_nothing, forget_all},
    {"missing", take_number<&Quirks::missing, 2, 3>, copy<&Quirks::missing>},
    {"longest_read", take_number<&Quirks::longest_read, 1, 125>, copy<&Quirks::longest_read>},
    {"even_only", take_flag<&Quirks::even_only>, copy<&Quirks::even_only>},
    {"block", take_number<&Quirks::block, 1, 1000>, copy<&Quirks::block>},
    {"too_soon", take_haste, copy<&Quirks::too_soon, &Quirks::pause>},
    {"turnaround", take_turnaround, copy<&Quirks::turnaround_min, &Quirks::turnaround_max>},
    {"wakes_after", take_time<&Quirks::wakes_after>, copy<&Quirks::wakes_after>},
    {"idle", take_time<&Quirks::idle>, copy<&Quirks::idle>},
    {"clients", take_clients, copy<&Quirks::clients, &Quirks::newest_client_wins>},
    {"any_unit", take_flag<&Quirks::any_unit>, copy<&Quirks::any_unit>},
    {"silent_child", take_number<&Quirks::silent_child, 10, 11>, copy<&Quirks::silent_child>},
    {"registers_only", take_flag<&Quirks::registers_only>, copy<&Quirks::registers_only>},
    {"write_denied", take_number<&Quirks::write_denied, 1, 255>, copy<&Quirks::write_denied>},
    {"drops_out_of_range", take_flag<&Quirks::drops_out_of_range>, copy<&Quirks::drops_out_of_range>},
    {"latches", take_flag<&Quirks::latches>, copy<&Quirks::latches>},
    {"busy", take_share<&Quirks::busy>, copy<&Quirks::busy>},
    {"wrong_unit", take_share<&Quirks::wrong_unit>, copy<&Quirks::wrong_unit>},
};

std::string all_names() {
    std::string names;
    for (const QuirkWord& word : quirk_words) names += (names.empty() ? "" : " ") + std::string(word.name);
    return names;
}

}  // namespace

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
        const auto named = std::ranges::find(quirk_words, word, &QuirkWord::name);
        if (named == std::end(quirk_words))
            return words.error(fmt::format("'{}' is no quirk; known are: {}", clipped(word), all_names()));
        QuirkItem item{target, {}, named->copy};
        if (auto s = named->take(words, item.value); !s) return s;
        scenario.quirks.push_back(std::move(item));
    } while (words.accept("|"));
    return words.end();
}

}  // namespace busbar::plant
