#include "strategy/feed_in_limit.hpp"
#include "base/phrases_running.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace busbar::strategy {
namespace {

using model::BatteryView;
using model::InverterView;
using namespace std::chrono_literals;
using Memory = FeedInLimitMemory;

constexpr double margin_w = 20;            // stay this much under the limit: meters and inverters round
constexpr double lead = 0.35;              // extra cut on an excess; inverters lag 1.5 s and would creep to the limit
constexpr Duration raise_window = 2200ms;  // sinking inverters: caps rise only to what held for this long
constexpr Duration patience = 4s;          // an excess older than this is not the inverters' lag any more
constexpr Duration belief = 60s;           // how long a battery that took less than told is believed to
constexpr double dark_w = 50;              // PV or battery power below this is nothing
constexpr double recovery_per_s = 0.01;    // of rated power: how fast a cut or a short battery is tried again

bool is_capped(const InverterView& inverter) {
    return inverter.is_controllable && inverter.limit_role && inverter.rated_w && *inverter.rated_w > 0;
}

struct Site {
    double limit_w = 0;
    double rated_w = 0;          // of the inverters under our caps
    bool has_battery = false;    // an AC-coupled one under control
    double room_w = 0;           // what batteries can take on top of house and AC power
    double left_w = 0;           // what they can still take from where they are now
    double drawn_w = 0;          // what hybrids take from the AC side to charge; the others may give that on top
    double reserve_w = 0;        // what silent or disobeying inverters may give on top of what they gave last
    Range ac_coupled_w;          // AC-coupled batteries under our control when the meter looked
    std::optional<double> ac_w;  // of the inverters under our caps, by their newest readings
};

double held_cap_w(const InverterView& inverter) {
    return inverter.cap_w ? std::min(inverter.cap_w->value, *inverter.rated_w) : *inverter.rated_w;
}

Site look_at(const model::Snapshot& now, double limit) {
    Site site{.limit_w = limit, .ac_w = 0};
    for (const InverterView& inverter : now.inverters) {
        if (!is_capped(inverter)) {
            // Its present power is inside the grid reading; it may rise from there to its worst case.
            if (inverter.limit_role) site.reserve_w += std::max(0.0, inverter.worst_case_w - inverter.last_ac_w);
            continue;
        }
        site.rated_w += *inverter.rated_w;
        if (!inverter.ac_power_w) {
            site.ac_w.reset();
            continue;
        }
        if (site.ac_w) *site.ac_w += inverter.ac_power_w->value;
        site.drawn_w += std::max(0.0, -inverter.ac_power_w->value);
    }
    return site;
}

struct Batteries {
    double held_w = 0, measured_w = 0, charge_max_w = 0;
    Instant since{};
    std::size_t count = 0;
    bool is_measured = true;
};

// AC-coupled ones only: a hybrid's battery charges before the cap on its AC side, so it needs no room above it.
Batteries sum(const model::Snapshot& now) {
    Batteries all;
    for (const BatteryView& battery : now.batteries) {
        if (!battery.is_controllable || battery.is_hybrid || (!battery.setpoint_w && !battery.power_w)) continue;
        ++all.count;
        const double held = battery.setpoint_w ? battery.setpoint_w->value : battery.power_w->value;
        all.held_w += held;
        all.charge_max_w += battery.charge_max_w;
        all.is_measured = all.is_measured && battery.power_w;
        all.measured_w += battery.power_w ? battery.power_w->value : held;
        if (battery.setpoint_w) all.since = std::max(all.since, battery.setpoint_w->since);
    }
    return all;
}

// Batteries that take less than told are believed for a minute to take no more than that; then more is tried.
double reach(Memory& memory, const Batteries& batteries, Instant now) {
    const auto short_w = batteries.is_measured ? memory.trail.shortfall(now, batteries.measured_w) : std::nullopt;
    if (short_w && *short_w <= 0 && batteries.held_w < 0) {
        memory.reach_w = -*short_w;
        memory.reach_at = now;
    }
    if (!memory.reach_w) return batteries.charge_max_w;
    memory.reach_w = std::max(*memory.reach_w, -batteries.measured_w);
    const double tried_s = std::max(0.0, to_seconds(now - memory.reach_at - belief));
    const double reached = *memory.reach_w + tried_s * recovery_per_s * batteries.charge_max_w;
    if (reached >= batteries.charge_max_w) memory.reach_w.reset();
    return std::min(reached, batteries.charge_max_w);
}

// What batteries add: the meter saw them on their way, and they will take more.
void add_batteries(Site& site, const model::Snapshot& now, Memory& memory) {
    const Batteries all = sum(now);
    if (all.count == 0) return;
    site.has_battery = true;
    memory.trail.note({all.held_w, all.since});
    site.room_w = reach(memory, all, now.at);
    if (all.is_measured && memory.trail.shortfall(now.at, all.measured_w)) {
        site.ac_coupled_w = {all.measured_w, all.measured_w};
    } else {
        const Range in_flight = memory.trail.in_flight(now.grid_w->at, {});
        site.ac_coupled_w = {all.held_w - in_flight.high, all.held_w - in_flight.low};
    }
    site.left_w = std::max(0.0, site.room_w + (site.ac_coupled_w.low + site.ac_coupled_w.high) / 2);
}

void note_look(Memory& memory, const Memory::Look& look) {
    if (memory.look_count == memory.looks.size()) {
        std::move(memory.looks.begin() + 1, memory.looks.end(), memory.looks.begin());
        --memory.look_count;
    }
    memory.looks[memory.look_count++] = look;
}

// What each inverter under our caps can have given when the meter looked at `at`, together.
Range ac_range(const model::Snapshot& now, const Memory& memory, Instant at) {
    Range all;
    for (std::size_t i = 0; i < now.inverters.size(); ++i) {
        if (!is_capped(now.inverters[i])) continue;
        const Range one = memory.ac[i].at(at, held_cap_w(now.inverters[i]));
        all = {all.low + one.low, all.high + one.high};
    }
    return all;
}

// While inverters sink, the meter is ahead of their readings and the house looks larger than it is.
bool is_sinking(const model::Snapshot& now, const Memory& memory, const Site& site) {
    double fall = 0;
    for (std::size_t i = 0; i < now.inverters.size(); ++i)
        if (is_capped(now.inverters[i])) fall += memory.ac[i].fall_since(now.grid_w->at - raise_window);
    return fall > std::max(50.0, 0.01 * site.rated_w);
}

// What may be produced under the limit, given what the newest readings can mean.
Range allowed(const model::Snapshot& now, const Memory& memory, const Site& site) {
    const double offset = site.limit_w - margin_w + site.room_w - site.reserve_w;
    const auto of = [&](std::size_t i) {
        const Memory::Look& look = memory.looks[i];
        const Range ac = ac_range(now, memory, look.at);
        return Range{look.grid_w + ac.low + look.battery_w.low + offset,
                     look.grid_w + ac.high + look.battery_w.high + offset};
    };
    const std::size_t newest = memory.look_count - 1;
    Range result = of(newest);
    // The look before is bracketed by AC readings and so narrower; the newest can only overrule it from below.
    if (newest > 0) result.high = std::max(std::min(result.high, of(newest - 1).high), result.low);
    if (!is_sinking(now, memory, site)) return result;
    for (std::size_t i = 0; i < newest; ++i)
        if (memory.looks[i].at >= memory.looks[newest].at - raise_window || i + 1 == newest)
            result.low = std::min(result.low, of(i).low);
    return result;
}

// An excess that lasts is nobody's lag: the battery does not take what it promised, or inverters give more than their
// caps. It is cut off and slowly tried again.
void judge_excess(Memory& memory, const Site& site, double excess_w, Instant now) {
    const double passed_s = memory.last_run == Instant{} ? 0 : to_seconds(now - memory.last_run);
    memory.cut_w = std::max(0.0, memory.cut_w - recovery_per_s * site.rated_w * std::clamp(passed_s, 0.0, 5.0));
    if (excess_w <= std::max(margin_w, 0.005 * site.rated_w)) {
        memory.excess_since.reset();
        return;
    }
    if (!memory.excess_since) memory.excess_since = now;
    if (now - *memory.excess_since < patience) return;
    memory.cut_w = std::min(memory.cut_w + excess_w, site.room_w + 0.5 * site.rated_w);
    memory.excess_since = now;
}

void decide_total(const model::Snapshot& now, Memory& memory, const Site& site, double excess_w, double caps_w) {
    const double held = memory.total_w.value_or(caps_w);
    const Range range = allowed(now, memory, site);
    const double standing = std::clamp(memory.standing_w.value_or(caps_w), range.low, std::max(range.low, range.high));
    memory.standing_w = std::clamp(standing, 0.0, site.rated_w + memory.cut_w);
    // What batteries can still take needs no deeper cut: it would only take their charge away.
    const double deeper = lead * std::max(0.0, excess_w - site.left_w - margin_w);
    // While too much is fed in the inverters do not rise further, so that the battery can catch up with them.
    const double frozen = excess_w > margin_w && site.ac_w ? *site.ac_w : site.rated_w;
    const double total = std::clamp(std::min(*memory.standing_w - memory.cut_w - deeper, frozen), 0.0, site.rated_w);
    // Small rises are not worth a write; small cuts are.
    const bool is_small_rise = total > held && total - held < std::max(0.005 * site.rated_w, margin_w);
    memory.total_w = is_small_rise && total < site.rated_w ? held : total;
}

std::vector<double> divide_total(const model::Snapshot& now, Memory& memory, const Site& site) {
    std::vector<CapUse> uses;
    for (const InverterView& inverter : now.inverters)
        uses.push_back(is_capped(inverter)
                           ? CapUse{*inverter.rated_w, held_cap_w(inverter),
                                    inverter.ac_power_w ? inverter.ac_power_w->value : held_cap_w(inverter)}
                           : CapUse{});
    return memory.split.divide(*memory.total_w, site.drawn_w, uses, now.at);
}

// Without a battery beside the inverters there is no room to tell of.
std::string explain(double feed_in_w, const Site& site, double total_w) {
    const auto whole = [](double value_w) { return fmt::format("{:.0f}", value_w); };
    if (site.has_battery)
        return say<phrases::cap_with_room>(whole(feed_in_w), whole(site.limit_w), whole(site.room_w), whole(total_w));
    return say<phrases::cap_together>(whole(feed_in_w), whole(site.limit_w), whole(total_w));
}

model::Wishes wish(const model::Snapshot& now, Memory& memory, const Site& site) {
    const std::vector<double> caps = divide_total(now, memory, site);
    const double feed_in = -now.grid_w->value;
    const std::string why = explain(std::max(feed_in, 0.0), site, *memory.total_w);
    model::Wishes wishes;
    for (std::size_t i = 0; i < now.inverters.size(); ++i) {
        if (!is_capped(now.inverters[i])) continue;
        wishes.requests.push_back(all_the_sun(now.inverters[i]));
        wishes.limits.push_back(cap(now.inverters[i], caps[i], "feed_in_limit", why));
    }
    return wishes;
}

// A hybrid's battery that discharges fills up what the sun lacks; one that charges and could take more takes the rest.
bool has_other_way(const model::Snapshot& now, const InverterView& inverter) {
    return std::any_of(now.batteries.begin(), now.batteries.end(), [&](const BatteryView& battery) {
        if (!battery.is_hybrid || battery.device != inverter.device || !battery.power_w) return false;
        const double power = battery.power_w->value;
        return power > dark_w || (power < -dark_w && -power < 0.95 * battery.charge_max_w);
    });
}

}  // namespace

std::optional<double> limit_w(const FeedInLimitSettings& settings, double pv_peak_w) {
    switch (settings.mode) {
        case FeedInLimitSettings::Mode::none:
            return std::nullopt;
        case FeedInLimitSettings::Mode::zero:
            return 0;
        case FeedInLimitSettings::Mode::watts:
            return std::max(settings.value, 0.0);
        case FeedInLimitSettings::Mode::percent:
            return std::max(settings.value, 0.0) / 100 * std::max(pv_peak_w, 0.0);
    }
    return 0;
}

bool holds_sun_back(const model::Snapshot& now) {
    return std::any_of(now.inverters.begin(), now.inverters.end(), [&](const InverterView& inverter) {
        if (!is_capped(inverter) || !inverter.cap_w || !inverter.ac_power_w) return false;
        const double slack = std::max(60.0, 0.01 * *inverter.rated_w);
        if (inverter.cap_w->value > *inverter.rated_w - slack) return false;
        if (inverter.ac_power_w->value < inverter.cap_w->value - slack) return false;
        if (inverter.pv_power_w && inverter.pv_power_w->value <= dark_w) return false;
        return !has_other_way(now, inverter);
    });
}

model::Limit cap(const InverterView& inverter, double cap_w, std::string source, std::string text) {
    const bool is_percent = inverter.limit_role->role == model::Role::ac_power_limit_percent_set;
    // Rounded down: a cap that a device rounds up is a cap too high.
    const double value = is_percent ? std::floor(1000 * cap_w / *inverter.rated_w) / 10 : std::floor(cap_w);
    return {.target = {inverter.device, *inverter.limit_role},
            .rank = model::Rank::grid_operator,
            .high = std::max(value, 0.0),
            .source = std::move(source),
            .text = std::move(text)};
}

model::Request all_the_sun(const InverterView& inverter) {
    const bool is_percent = inverter.limit_role->role == model::Role::ac_power_limit_percent_set;
    return {.target = {inverter.device, *inverter.limit_role},
            .value = is_percent ? 100 : *inverter.rated_w,
            .priority = 0,
            .source = "inverter",
            .text = say<phrases::all_the_sun>()};
}

std::pair<model::Wishes, FeedInLimitMemory> feed_in_limit(const model::Snapshot& now,
                                                          const FeedInLimitSettings& settings,
                                                          bool battery_takes_surplus, FeedInLimitMemory memory) {
    const auto limit = limit_w(settings, now.pv_peak_w);
    if (!limit || !now.grid_w || std::none_of(now.inverters.begin(), now.inverters.end(), is_capped)) return {{}, {}};
    Site site = look_at(now, *limit);
    if (battery_takes_surplus) add_batteries(site, now, memory);
    memory.ac.resize(now.inverters.size());
    double caps_w = 0;
    for (std::size_t i = 0; i < now.inverters.size(); ++i) {
        const InverterView& inverter = now.inverters[i];
        if (!is_capped(inverter)) continue;
        caps_w += held_cap_w(inverter);
        if (inverter.ac_power_w) memory.ac[i].note(*inverter.ac_power_w);
    }
    const bool is_new = memory.look_count == 0 || memory.looks[memory.look_count - 1].at != now.grid_w->at;
    if (is_new || !memory.total_w) {
        note_look(memory, {now.grid_w->at, now.grid_w->value, site.ac_coupled_w});
        const double excess_w = -now.grid_w->value - site.limit_w;
        judge_excess(memory, site, excess_w, now.grid_w->at);
        decide_total(now, memory, site, excess_w, caps_w);
    }
    memory.last_run = now.at;
    model::Wishes wishes = wish(now, memory, site);
    return {std::move(wishes), std::move(memory)};
}

}  // namespace busbar::strategy
