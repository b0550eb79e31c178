#include "strategy/feed_in_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "strategy/share.hpp"

namespace busbar::strategy {
namespace {

using model::BatteryView;
using model::InverterView;
using namespace std::chrono_literals;
using Memory = FeedInLimitMemory;

constexpr double margin_w = 20;            // stay this much under the limit: meters and inverters round
constexpr double lead = 0.35;              // extra cut on an excess; inverters lag 1.5 s and would creep to the limit
constexpr Duration skew = 1200ms;          // most a device's reading may lie beside the grid's
constexpr Duration raise_window = 2200ms;  // sinking inverters: caps rise only to what held for this long
constexpr Duration patience = 4s;          // an excess older than this is not the inverters' lag any more
constexpr Duration belief = 60s;           // how long a battery that took less than told is believed to
constexpr double recovery_per_s = 0.01;    // of rated power: how fast a cut or a short battery is tried again

bool is_capped(const InverterView& inverter) {
    return inverter.is_controllable && inverter.limit_role && inverter.rated_w && *inverter.rated_w > 0;
}

struct Site {
    double limit_w = 0;
    double rated_w = 0;    // of the inverters under our caps
    double room_w = 0;     // what batteries can take on top of house and AC power
    double left_w = 0;     // what they can still take from where they are now
    double drawn_w = 0;    // what hybrids take from the AC side to charge; the others may give that on top
    double reserve_w = 0;  // what silent or disobeying inverters may give on top of what they gave last
    Range ac_coupled_w;    // AC-coupled batteries under our control when the meter looked
    std::optional<model::Measured> ac_w;
};

double held_cap_w(const InverterView& inverter) {
    return inverter.cap_w ? std::min(inverter.cap_w->value, *inverter.rated_w) : *inverter.rated_w;
}

Site look_at(const model::Snapshot& now, double limit) {
    Site site{.limit_w = limit, .ac_w = model::Measured{0, now.grid_w->at}};
    bool any_unknown = false;
    Instant oldest = Instant::max();
    for (const InverterView& inverter : now.inverters) {
        if (!is_capped(inverter)) {
            // Its present power is inside the grid reading; it may rise from there to its worst case.
            if (inverter.limit_role) site.reserve_w += std::max(0.0, inverter.worst_case_w - inverter.last_ac_w);
            continue;
        }
        site.rated_w += *inverter.rated_w;
        any_unknown = any_unknown || !inverter.ac_power_w;
        if (!inverter.ac_power_w) continue;
        site.ac_w->value += inverter.ac_power_w->value;
        site.drawn_w += std::max(0.0, -inverter.ac_power_w->value);
        oldest = std::min(oldest, inverter.ac_power_w->at);
    }
    site.ac_w->at = oldest;
    if (any_unknown || site.rated_w <= 0) site.ac_w.reset();
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

void note_ac(Memory& memory, model::Measured ac) {
    if (memory.ac_count > 0 && memory.ac[memory.ac_count - 1].at == ac.at) {
        memory.ac[memory.ac_count - 1] = ac;
        return;
    }
    if (memory.ac_count == memory.ac.size()) {
        std::move(memory.ac.begin() + 1, memory.ac.end(), memory.ac.begin());
        --memory.ac_count;
    }
    memory.ac[memory.ac_count++] = ac;
}

void note_look(Memory& memory, const Memory::Look& look) {
    if (memory.look_count == memory.looks.size()) {
        std::move(memory.looks.begin() + 1, memory.looks.end(), memory.looks.begin());
        --memory.look_count;
    }
    memory.looks[memory.look_count++] = look;
}

// Where the inverters' AC power was when the meter looked at `at`. Without a reading after `at` a cloud's edge may have
// lifted it anywhere below the caps.
Range ac_range(const Memory& memory, Instant at, double caps_w) {
    Range range{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
    bool is_bracketed = false;
    for (std::size_t i = 0; i < memory.ac_count; ++i) {
        const model::Measured& ac = memory.ac[i];
        const bool is_newest = i + 1 == memory.ac_count;
        if (ac.at < at - skew && !is_newest) continue;
        range.low = std::min(range.low, ac.value);
        range.high = std::max(range.high, ac.value);
        is_bracketed = is_bracketed || ac.at >= at;
    }
    if (!is_bracketed) {
        range.high = std::max(range.high, caps_w);
        range.low = std::min(range.low, caps_w);  // caps lowered since that reading are at work
    }
    return range;
}

// While inverters sink, the meter is ahead of their readings and the house looks larger than it is.
bool is_sinking(const Memory& memory, Instant now, double rated_w) {
    if (memory.ac_count == 0) return false;
    double highest = memory.ac[memory.ac_count - 1].value;
    for (std::size_t i = 0; i < memory.ac_count; ++i)
        if (memory.ac[i].at >= now - raise_window) highest = std::max(highest, memory.ac[i].value);
    return highest - memory.ac[memory.ac_count - 1].value > std::max(50.0, 0.01 * rated_w);
}

// What may be produced under the limit, given what the newest readings can mean.
Range allowed(const Memory& memory, const Site& site, double caps_w) {
    const double offset = site.limit_w - margin_w + site.room_w - site.reserve_w;
    const auto of = [&](std::size_t i) {
        const Memory::Look& look = memory.looks[i];
        const Range ac = ac_range(memory, look.at, caps_w);
        return Range{look.grid_w + ac.low + look.battery_w.low + offset,
                     look.grid_w + ac.high + look.battery_w.high + offset};
    };
    const std::size_t newest = memory.look_count - 1;
    Range result = of(newest);
    // The look before is bracketed by AC readings and so narrower; the newest can only overrule it from below.
    if (newest > 0) result.high = std::max(std::min(result.high, of(newest - 1).high), result.low);
    for (std::size_t i = 0; i < newest && is_sinking(memory, memory.looks[newest].at, site.rated_w); ++i)
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

// What each inverter could give: at its cap it could give all, below it just more than it does.
void learn_potential(const model::Snapshot& now, Memory& memory) {
    memory.potential_w.resize(now.inverters.size(), 0.0);
    const double passed_s = std::clamp(to_seconds(now.at - memory.last_run), 0.0, 5.0);
    for (std::size_t i = 0; i < now.inverters.size(); ++i) {
        const InverterView& inverter = now.inverters[i];
        if (!is_capped(inverter)) continue;
        double& potential = memory.potential_w[i];
        const double rated = *inverter.rated_w;
        if (potential <= 0) potential = rated;
        if (!inverter.ac_power_w) continue;
        const double ac = inverter.ac_power_w->value;
        const bool is_at_cap = ac >= 0.95 * held_cap_w(inverter);
        const double aim = is_at_cap ? rated : std::max(1.2 * ac, 0.05 * rated);
        const double step = rated * passed_s * (aim > potential ? 0.2 : 0.05);
        potential += std::clamp(aim - potential, -step, step);
    }
}

model::Wishes wish(const model::Snapshot& now, const Memory& memory, const Site& site) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < now.inverters.size(); ++i)
        parts.push_back(is_capped(now.inverters[i]) ? Part{memory.potential_w[i], *now.inverters[i].rated_w} : Part{});
    const std::vector<double> caps = share(*memory.total_w + site.drawn_w, parts);
    const double feed_in = -now.grid_w->value;
    model::Wishes wishes;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!is_capped(now.inverters[i])) continue;
        wishes.requests.push_back(all_the_sun(now.inverters[i]));
        wishes.limits.push_back(
            cap(now.inverters[i], caps[i], "feed_in_limit",
                fmt::format("feed-in {:.0f} W, allowed {:.0f} W, battery room {:.0f} W: inverters together {:.0f} W",
                            std::max(feed_in, 0.0), site.limit_w, site.room_w, *memory.total_w)));
    }
    return wishes;
}

void decide_total(Memory& memory, const Site& site, double excess_w, double caps_w) {
    const double held = memory.total_w.value_or(caps_w);
    const Range range = allowed(memory, site, caps_w);
    const double standing = std::clamp(memory.standing_w.value_or(caps_w), range.low, std::max(range.low, range.high));
    memory.standing_w = std::clamp(standing, 0.0, site.rated_w + memory.cut_w);
    // What batteries can still take needs no deeper cut: it would only take their charge away.
    const double deeper = lead * std::max(0.0, excess_w - site.left_w - margin_w);
    // While too much is fed in the inverters do not rise further, so that the battery can catch up with them.
    const double frozen = excess_w > margin_w && site.ac_w ? site.ac_w->value : site.rated_w;
    const double total = std::clamp(std::min(*memory.standing_w - memory.cut_w - deeper, frozen), 0.0, site.rated_w);
    // Small rises are not worth a write; small cuts are.
    const bool is_small_rise = total > held && total - held < std::max(0.005 * site.rated_w, margin_w);
    memory.total_w = is_small_rise && total < site.rated_w ? held : total;
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
            .source = "self_consumption",
            .text = "all the sun gives"};
}

std::pair<model::Wishes, FeedInLimitMemory> feed_in_limit(const model::Snapshot& now,
                                                          const FeedInLimitSettings& settings,
                                                          bool battery_takes_surplus, FeedInLimitMemory memory) {
    const auto limit = limit_w(settings, now.pv_peak_w);
    if (!limit || !now.grid_w || std::none_of(now.inverters.begin(), now.inverters.end(), is_capped)) return {{}, {}};
    Site site = look_at(now, *limit);
    if (battery_takes_surplus) add_batteries(site, now, memory);
    learn_potential(now, memory);
    double caps_w = 0;
    for (const InverterView& inverter : now.inverters)
        if (is_capped(inverter)) caps_w += held_cap_w(inverter);
    if (site.ac_w) note_ac(memory, *site.ac_w);
    const bool is_new = memory.look_count == 0 || memory.looks[memory.look_count - 1].at != now.grid_w->at;
    if (is_new || !memory.total_w) {
        note_look(memory, {now.grid_w->at, now.grid_w->value, site.ac_coupled_w});
        const double excess_w = -now.grid_w->value - site.limit_w;
        judge_excess(memory, site, excess_w, now.grid_w->at);
        // Without AC readings the inverters may be anywhere up to their caps; only the grid is known then.
        if (memory.ac_count == 0) note_ac(memory, {caps_w, now.grid_w->at});
        decide_total(memory, site, excess_w, caps_w);
    }
    memory.last_run = now.at;
    return {wish(now, memory, site), memory};
}

}  // namespace busbar::strategy
