#include "views/overview.hpp"

#include <algorithm>
#include <cmath>

#include "strategy/feed_in_limit.hpp"

namespace busbar::gateway {
namespace {

using api::SentenceKey;

// Below this a flow is noise of meters and inverters, not something to tell people.
constexpr double still_w = 50;

// The oldest of the readings that make up a sum; nullopt when there is none.
template <class Views, class Get>
std::optional<Instant> oldest(const Views& views, Get get) {
    std::optional<Instant> at;
    for (const auto& view : views)
        if (const auto& measured = get(view)) at = at ? std::min(*at, measured->at) : measured->at;
    return at;
}

api::Flow flow(std::optional<double> value, std::optional<Instant> at, Instant now) {
    api::Flow f;
    f.value = value;
    if (at) f.age = std::chrono::duration_cast<std::chrono::milliseconds>(std::max(now - *at, Duration{0}));
    return f;
}

void say(api::Overview& view, SentenceKey key, double power_w) {
    view.sentence = key;
    view.sentence_values = {{"power_w", std::abs(power_w)}};
}

// The alarm may outlast what raised it; the sentence is about now.
bool exceeds(const OverviewInput& in) {
    if (!in.now.grid_w || !in.feed_in_limit_w) return false;
    return -in.now.grid_w->value > *in.feed_in_limit_w + strategy::feed_in_tolerance_w(*in.feed_in_limit_w);
}

// Caps also keep sun back on their way up after a start, and for inverters that may rise unseen: not at the limit then.
bool is_at_limit(const OverviewInput& in) {
    if (!in.now.grid_w || !in.feed_in_limit_w || exceeds(in)) return false;
    return -in.now.grid_w->value > *in.feed_in_limit_w - std::max(150.0, 0.1 * *in.feed_in_limit_w);
}

// What matters most to the owner, in this order: is anything unknown, is more fed in than allowed, is sun thrown away,
// where does the energy go.
void choose_sentence(api::Overview& view, const OverviewInput& in) {
    const model::Snapshot& now = in.now;
    view.sentence_values.clear();
    if (in.devices == 0)
        view.sentence = SentenceKey::no_devices;
    else if (!now.grid_w)
        view.sentence = SentenceKey::meter_unknown;
    else if (view.feed_in_exceeded) {
        say(view, SentenceKey::feed_in_exceeded, now.grid_w->value);
        view.sentence_values.emplace_back("limit_w", *in.feed_in_limit_w);
    } else if (in.is_limiting && is_at_limit(in))
        say(view, SentenceKey::feed_in_limited, *in.feed_in_limit_w);
    else if (now.battery_w && *now.battery_w < -still_w && now.pv_w.value_or(0) > still_w)
        say(view, SentenceKey::charging_from_sun, std::min(-*now.battery_w, *now.pv_w));
    else if (now.grid_w->value < -still_w)
        say(view, SentenceKey::feeding_in, now.grid_w->value);
    else if (now.battery_w && *now.battery_w > still_w)
        say(view, SentenceKey::discharging_to_house, *now.battery_w);
    else if (now.grid_w->value > still_w)
        say(view, SentenceKey::importing, now.grid_w->value);
    else
        view.sentence = SentenceKey::balanced;
}

}  // namespace

api::Overview make_overview(const OverviewInput& in) {
    const model::Snapshot& now = in.now;
    api::Overview view;
    view.at = in.wall;
    const auto pv_at = oldest(now.inverters, [](const auto& v) { return v.pv_power_w; });
    const auto battery_at = oldest(now.batteries, [](const auto& v) { return v.power_w; });
    const auto soc_at = oldest(now.batteries, [](const auto& v) { return v.soc_percent; });
    std::optional<Instant> house_at;
    if (now.house_w) {
        house_at = now.grid_w->at;
        for (const auto& at : {pv_at, battery_at})
            if (at) house_at = std::min(*house_at, *at);
    }
    view.pv_w = flow(now.pv_w, pv_at, now.at);
    view.battery_w = flow(now.battery_w, battery_at, now.at);
    view.battery_soc = flow(now.battery_soc_percent, soc_at, now.at);
    if (now.grid_w) view.grid_w = flow(now.grid_w->value, now.grid_w->at, now.at);
    view.house_w = flow(now.house_w, house_at, now.at);
    view.today = in.today;
    view.feed_in = in.feed_in;
    view.feed_in_limit_w = in.feed_in_limit_w;
    view.feed_in_limit_active = in.is_limiting;
    view.feed_in_exceeded = in.is_exceeding && exceeds(in);
    view.alarms = in.alarms;
    choose_sentence(view, in);
    return view;
}

}  // namespace busbar::gateway
