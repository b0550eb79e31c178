// `strategy` lines and what follows the time of `at` and `every` lines.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "plant/scenario/scenario_parts.hpp"
#include "plant/scenario/text.hpp"

namespace busbar::plant {
namespace {

constexpr double power_max_w = 1e7, for_ever_s = std::numeric_limits<double>::infinity();

// "none", "60%", "3kW"; 0W and 0% mean zero export.
Status feed_in(Words& words, std::string_view word, ControlWish& wish) {
    using FeedIn = ControlWish::FeedIn;
    wish.feed_in_value = 0;
    if (word == "none") {
        wish.feed_in = FeedIn::none;
        return ok();
    }
    const bool is_percent = word.ends_with('%');
    BUSBAR_TRY(const double value, is_percent ? words.checked(word, Measure::percent, 0, 100)
                                              : words.checked(word, Measure::power, 0, power_max_w));
    wish.feed_in = value == 0 ? FeedIn::zero : is_percent ? FeedIn::percent : FeedIn::watts;
    wish.feed_in_value = value;
    return ok();
}

// The id of a source or load may stand between the noun and the value.
std::string target_of(Words& words, const auto& items, auto plug_of) {
    for (const auto& item : items)
        if (words.accept(plug_of(item).id)) return plug_of(item).id;
    return {};
}

Status pv_event(Words& words, const Scenario& scenario, Event& event) {
    event.target = target_of(words, scenario.sources, [](const SourceItem& s) { return s.plug; });
    event.what = Event::What::pv_power;
    if (words.accept("sun")) {
        event.what = Event::What::pv_sun;
        return ok();
    }
    BUSBAR_TRY(event.value, words.measure(Measure::power, 0, power_max_w));
    return ok();
}

Status cloud_event(Words& words, Event& event) {
    event.what = Event::What::cloud;
    event.value = 1;
    event.over_s = 2;
    if (words.accept("weather")) {
        event.what = Event::What::cloud_free;
        return ok();
    }
    if (!words.accept("clear")) {
        words.accept("edge");
        if (auto s = words.expect("to"); !s) return s;
        BUSBAR_TRY(const double percent, words.measure(Measure::percent, 0, 120));
        event.value = percent / 100;
    }
    if (words.accept("within")) {
        BUSBAR_TRY(event.over_s, words.time_s());
    }
    return ok();
}

Status load_event(Words& words, const Scenario& scenario, Event& event) {
    event.target = target_of(words, scenario.loads, [](const LoadItem& l) { return l.meter; });
    event.what = Event::What::load_power;
    if (words.accept("normal")) {
        event.what = Event::What::load_free;
        return ok();
    }
    BUSBAR_TRY(event.value, words.measure(Measure::power, 0, power_max_w));
    return ok();
}

Status grid_event(Words& words, Event& event) {
    const bool is_frequency = words.peek().ends_with("Hz");
    event.what = is_frequency ? Event::What::grid_frequency : Event::What::grid_voltage;
    BUSBAR_TRY(event.value,
               is_frequency ? words.measure(Measure::frequency, 40, 70) : words.measure(Measure::voltage, 0, 500));
    return ok();
}

struct FaultName {
    FaultKind kind;
    std::string_view name;
};
constexpr std::array fault_names{
    FaultName{FaultKind::silent, "silent"},         FaultName{FaultKind::slow, "slow"},
    FaultName{FaultKind::garbled, "garbled"},       FaultName{FaultKind::frozen, "frozen"},
    FaultName{FaultKind::restarting, "restarting"}, FaultName{FaultKind::busy, "busy"},
    FaultName{FaultKind::disobeying, "disobeying"}, FaultName{FaultKind::reversed, "reversed"},
    FaultName{FaultKind::rebooting, "rebooting"},
};

bool names_fault(std::string_view word) {
    return word == "claims" || std::ranges::find(fault_names, word, &FaultName::name) != fault_names.end();
}

struct TextName {
    IdentityText text;
    std::string_view name;
};
constexpr std::array text_names{TextName{IdentityText::maker, "maker"}, TextName{IdentityText::model, "model"},
                                TextName{IdentityText::serial, "serial"}, TextName{IdentityText::firmware, "firmware"}};

// After the device's name: claims serial "HV2140012345".
Status claim_event(Words& words, Event& event) {
    event.what = Event::What::claim;
    const auto word = words.take();
    const auto text = std::ranges::find(text_names, word, &TextName::name);
    if (text == text_names.end())
        return words.error(
            fmt::format("'{}' is nothing a device says; known are: maker model serial firmware", clipped(word)));
    event.claimed = text->text;
    if (words.done()) return words.error("the line ends where the claimed text should be");
    event.claim = words.take().substr(0, 64);
    return ok();
}

// After the device's name: "silent for 20s", "slow by 800ms", "garbled 20% for 10s".
Status fault_event(Words& words, Event& event) {
    event.what = Event::What::fault;
    const auto word = words.take();
    for (const auto& f : fault_names)
        if (f.name == word) event.fault = f.kind;
    if (event.fault == FaultKind::none)
        return words.error(
            fmt::format("'{}' is no fault; known are: silent slow garbled frozen restarting rebooting busy disobeying "
                        "reversed claims",
                        clipped(word)));
    event.value = 1;
    if (event.fault == FaultKind::slow) {
        if (auto s = words.expect("by"); !s) return s;
        BUSBAR_TRY(event.over_s, words.measure(Measure::time, 0, 3600));
    }
    if (event.fault == FaultKind::garbled && words.peek().ends_with('%')) {
        BUSBAR_TRY(const double percent, words.measure(Measure::percent, 0, 100));
        event.value = percent / 100;
    }
    event.for_s = for_ever_s;
    if (words.accept("for")) {
        BUSBAR_TRY(event.for_s, words.time_s());
    }
    return ok();
}

// The last wish before this event, so that each setting event carries the whole.
ControlWish wish_before(const Scenario& scenario) {
    for (auto it = scenario.events.rbegin(); it != scenario.events.rend(); ++it)
        if (it->what == Event::What::setting) return it->wish;
    return scenario.wish;
}

Status setting(Words& words, std::string_view name, ControlWish& wish) {
    if (name == "feed_in_limit") return feed_in(words, words.take(), wish);
    if (name == "zero_export") {
        wish.feed_in = ControlWish::FeedIn::zero;
        wish.feed_in_value = 0;
        return ok();
    }
    if (words.accept("off")) {
        wish.self_consumption = false;
    } else {
        words.accept("on");
        wish.self_consumption = true;
    }
    return ok();
}
bool is_setting(std::string_view word) {
    return word == "feed_in_limit" || word == "zero_export" || word == "self_consumption";
}

Status import_target(Words& words, ControlWish& wish) {
    while (words.peek().starts_with("import_target=")) {
        const auto kv = split_key(words.take());
        BUSBAR_TRY(wish.import_target_w, words.checked(kv.value, Measure::power, -power_max_w, power_max_w));
        wish.self_consumption = true;
    }
    return ok();
}

}  // namespace

Status parse_strategy(Words& words, Scenario& scenario) {
    const auto name = words.take();
    if (!is_setting(name))
        return words.error(fmt::format(
            "strategy '{}' is unknown; known are: self_consumption feed_in_limit zero_export", clipped(name)));
    if (auto s = setting(words, name, scenario.wish); !s) return s;
    if (auto s = import_target(words, scenario.wish); !s) return s;
    return words.end();
}

Status parse_event(Words& words, Scenario& scenario, int line, double at_s, double repeat_s) {
    Event event;
    event.at_s = at_s;
    event.repeat_s = repeat_s;
    event.line = line;
    event.text = words.rest();
    const auto subject = words.take();
    Status status = ok();
    if (subject == "cloud") {
        status = cloud_event(words, event);
    } else if (is_setting(subject)) {
        event.wish = wish_before(scenario);
        status = setting(words, subject, event.wish);
        if (status) status = import_target(words, event.wish);
    } else if ((subject == "pv" || subject == "load" || subject == "grid") && !names_fault(words.peek())) {
        // A device may bear such a name too: "pv silent for 5s".
        status = subject == "pv"     ? pv_event(words, scenario, event)
                 : subject == "load" ? load_event(words, scenario, event)
                                     : grid_event(words, event);
    } else {
        const auto named = subject == "device" ? words.take() : subject;
        event.target = scenario.device_named(named);
        if (event.target.empty())
            return words.error(
                fmt::format("nothing here is called '{}'; events are about pv, cloud, load, grid, a setting, 'meter' "
                            "or the id of a device with a profile",
                            clipped(named)));
        status = words.accept("claims") ? claim_event(words, event) : fault_event(words, event);
    }
    if (status) status = words.end();
    if (status) scenario.events.push_back(std::move(event));
    return status;
}

}  // namespace busbar::plant
