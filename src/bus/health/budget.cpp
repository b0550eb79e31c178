#include "bus/health/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/phrases.hpp"
#include "bus/master/request_queue.hpp"
#include "wire/modbus_rtu.hpp"

namespace busbar::bus::budget {
namespace {

using namespace std::chrono_literals;

constexpr Duration least_probe = 25ms;          // as ModbusMaster's
constexpr Duration no_bound = 60s;              // a window that grows beyond has no end worth a promise
constexpr std::uint64_t answers_to_trust = 20;  // before a measurement replaces the assumption
constexpr std::size_t request_bytes = 8, answer_bytes = 5, write_bytes = 9, record_bytes = 12;

Duration character(const Line& line) {
    return line.baud == 0 ? 0ns : wire::rtu_character_time(line.baud, line.character_bits);
}
Duration gap(const Line& line) { return line.baud == 0 ? 0ns : wire::rtu_gap(line.baud, line.character_bits); }

Duration time_of(const Line& line, std::size_t bytes, Duration turnaround) {
    return character(line) * static_cast<std::int64_t>(bytes) + turnaround + gap(line);
}
// A record of firmware is answered by its echo.
Duration record_time(const Line& line, std::uint16_t registers, Duration turnaround) {
    return time_of(line, 2 * (record_bytes + 2u * registers), turnaround);
}
Duration write_time(const Line& line, std::uint16_t registers, Duration turnaround) {
    return time_of(line, write_bytes + 2u * registers + request_bytes, turnaround);
}

// What one poll keeps the line busy.
template <class Cost>
Duration sum(const Demand& demand, Cost cost) {
    Duration total{0};
    if (demand.period > 0ns)
        for (const std::uint16_t n : demand.registers) total += cost(n);
    return total;
}
template <class Cost>
Duration longest(const Demand& demand, Cost cost) {
    Duration most{0};
    if (demand.period > 0ns)
        for (const std::uint16_t n : demand.registers) most = std::max(most, cost(n));
    return most;
}

// One device's load in time, at a given turnaround.
struct Cost {
    Cost(const Line& line, const Load& l, Duration turnaround) {
        const auto read = [&](std::uint16_t n) { return exchange_time(line, n, turnaround); };
        const auto write = [&](std::uint16_t n) { return write_time(line, n, turnaround); };
        critical = sum(l.critical, read);
        longest_critical = longest(l.critical, read);
        telemetry = sum(l.telemetry, read);
        slow = sum(l.slow, read);
        longest_lower = std::max(longest(l.telemetry, read), longest(l.slow, read));
        if (l.by_hand > 0) longest_lower = std::max(longest_lower, read(l.by_hand));
        writes = sum(l.writes, write);
    }
    Duration critical, longest_critical, telemetry, slow, longest_lower, writes;
};
using Costs = std::vector<Cost>;  // of all loads, at their worst

Costs worst_costs(const Line& line, std::span<const Load> loads) {
    Costs costs;
    for (const Load& l : loads) costs.emplace_back(line, l, l.turnaround.worst);
    return costs;
}

double share(Duration busy, Duration period) { return period > 0ns ? to_seconds(busy) / to_seconds(period) : 0; }

struct Shares {
    double fixed = 0, spread = 0;  // critical and writes; telemetry and slow
    double all() const { return fixed + spread; }
};
// Pauses stretch the polls of a device: it is not asked more often than it allows.
double share_of(const Demand& demand, Duration busy, Duration pause) {
    const Duration least = busy + pause * static_cast<std::int64_t>(demand.registers.size());
    return share(busy, demand.period > 0ns && pause > 0ns ? std::max(demand.period, least) : demand.period);
}
Shares shares_of(const Line& line, const Load& l) {
    const Cost c(line, l, l.turnaround.usual);
    return {share_of(l.critical, c.critical, l.pause) + share_of(l.writes, c.writes, l.pause),
            share_of(l.telemetry, c.telemetry, l.pause) + share_of(l.slow, c.slow, l.pause)};
}

// The longest that cannot be interrupted when a critical request of loads[i] wants to go: telemetry of anybody, or the
// probe of a silent unit, which waits one slot. A device that wants pauses is not in its own way: behind its pause the
// critical request goes first.
Duration blocking(const Line& line, std::span<const Load> loads, const Costs& costs, std::size_t i) {
    Duration lower{0}, any{least_probe};
    for (std::size_t j = 0; j < costs.size(); ++j) {
        if (j != i || loads[i].pause <= 0ns) lower = std::max(lower, costs[j].longest_lower);
        any = std::max({any, costs[j].longest_critical, costs[j].longest_lower});
    }
    return costs.size() == 1 ? lower : std::max(lower, time_of(line, request_bytes, any));
}

std::int64_t times_in(Duration window, Duration period) { return window / period; }

// What critical requests of others add to the requests of one poll.
struct Ahead {
    Duration each{0};    // before one request at most; of devices without pause
    Duration all{0};     // within the poll at most; of devices without pause
    Duration paused{0};  // the same of devices with one, which may come when our own pause is over
};

// What others put ahead is bounded twice: one request of each per request of ours, and as many polls as fit.
Ahead ahead_of(std::span<const Load> loads, const Costs& costs, std::size_t i, Duration window) {
    Ahead a;
    const auto requests = static_cast<std::int64_t>(loads[i].critical.registers.size());
    for (std::size_t j = 0; j < loads.size(); ++j) {
        if (j == i || loads[j].critical.period <= 0ns) continue;
        const std::int64_t polls = times_in(window, loads[j].critical.period) + 2;
        const Duration theirs = std::min(requests * costs[j].longest_critical, polls * costs[j].critical);
        if (loads[j].pause > 0ns) {
            a.paused += theirs;
        } else {
            a.each += costs[j].longest_critical;
            a.all += theirs;
        }
    }
    return a;
}

// The sum of max(least, x) over so many requests, for the worst x between 0 and a.each that add up to a.all: as many at
// their most as can be.
Duration worst_waits(std::int64_t requests, Duration least, const Ahead& a) {
    if (a.each <= least) return requests * least;
    const std::int64_t full = std::min(requests, a.all / a.each);
    if (full == requests) return requests * a.each;
    return full * a.each + std::max(least, a.all - full * a.each) + (requests - full - 1) * least;
}

// Setpoints, of anybody; those for this device make its own requests wait for its pause.
Duration writes_within(std::span<const Load> loads, const Costs& costs, std::size_t i, Duration window) {
    Duration total{0};
    for (std::size_t j = 0; j < loads.size(); ++j) {
        const Demand& writes = loads[j].writes;
        if (writes.period <= 0ns) continue;
        const Duration pauses = j == i ? loads[j].pause * static_cast<std::int64_t>(writes.registers.size()) : 0ns;
        total += (times_in(window, writes.period) + 1) * (costs[j].writes + pauses);
    }
    return total;
}

// Less urgent requests that have their turn before critical ones, beyond the one in flight that is reckoned with
// anyway: those of the line, and those that go before critical ones of their own unit, when that is another one.
Duration turns_within(std::span<const Load> loads, const Costs& costs, std::size_t i, Duration window) {
    Duration longest{0}, longest_own{0};
    std::int64_t own = 0;
    for (std::size_t j = 0; j < loads.size(); ++j) {
        const bool is_held_back = loads[j].pause > long_pause;
        if (j != i || !is_held_back) longest = std::max(longest, costs[j].longest_lower);
        const Demand& critical = loads[j].critical;
        if (j == i || !is_held_back || critical.period <= 0ns || costs[j].longest_lower <= 0ns) continue;
        longest_own = std::max(longest_own, costs[j].longest_lower);
        const auto requests = static_cast<std::int64_t>(critical.registers.size());
        own += 1 + (times_in(window, critical.period) + 1) * requests / own_turn_after;
    }
    own = std::min(own, times_in(window, own_turn) + 1);
    return times_in(window, lower_turn) * longest + own * longest_own;
}

// Of a device that wants pauses, the less urgent requests of its own within one critical poll: one that may be in
// flight when it begins, and its turns. Behind each turn comes a pause, and then whoever is on the line.
Duration own_turns(const Load& own, const Cost& cost, Duration in_flight, Duration window) {
    if (own.pause <= 0ns || cost.longest_lower <= 0ns) return 0ns;
    if (own.pause <= long_pause)  // the turns themselves are counted with those of the line
        return cost.longest_lower + times_in(window, lower_turn) * (own.pause + in_flight);
    const std::int64_t turns = (own.critical.registers.size() + own_turn_after - 1) / own_turn_after;
    return turns * (cost.longest_lower + own.pause + in_flight);
}

// From the moment a critical poll of loads[i] begins until its last answer. Each of its requests waits for one request
// in flight that cannot be interrupted, for one critical request of every other device, for writes, and for less urgent
// ones that have waited long. A pause the device wants passes while others are served.
std::optional<Duration> longest_poll(const Line& line, std::span<const Load> loads, const Costs& costs, std::size_t i) {
    const Load& own = loads[i];
    const auto requests = static_cast<std::int64_t>(own.critical.registers.size());
    const Duration blocked = blocking(line, loads, costs, i);
    const Duration base = costs[i].critical + requests * blocked;
    Duration in_flight = blocked;
    for (std::size_t j = 0; j < loads.size(); ++j)
        if (j != i) in_flight = std::max(in_flight, costs[j].longest_critical);
    const Duration least_wait = own.pause > 0ns ? own.pause + in_flight - blocked : 0ns;
    Duration window = base;
    for (int round = 0; round < 1000; ++round) {
        const Ahead ahead = ahead_of(loads, costs, i, window);
        const Duration next = base + worst_waits(requests, least_wait, ahead) + ahead.paused +
                              writes_within(loads, costs, i, window) + turns_within(loads, costs, i, window) +
                              own_turns(own, costs[i], in_flight, window);
        if (next > no_bound) return std::nullopt;
        if (next <= window) return window;
        window = next;
    }
    return std::nullopt;
}

Refresh refresh_of(const Line& line, std::span<const Load> loads, const Costs& costs, std::size_t i) {
    const Load& own = loads[i];
    Refresh r{.device = own.device, .utilisation = shares_of(line, own).all(), .tolerated = own.tolerated};
    if (own.critical.period <= 0ns || own.critical.registers.empty()) return r;
    const auto slowest = longest_poll(line, loads, costs, i);
    if (!slowest) return r;
    // The first reading of two came as early as it can, the second as late; one period lies between their polls. Polls
    // that pauses make longer than their period follow each other at once.
    const Duration quickest = exchange_time(line, own.critical.registers.front(), 0ns) - gap(line);
    const bool is_endless = own.pause * static_cast<std::int64_t>(own.critical.registers.size()) >= own.critical.period;
    r.guaranteed = *slowest + (is_endless ? 0ns : own.critical.period - quickest);
    Duration timeout{0};
    for (std::size_t j = 0; j < loads.size(); ++j)
        if (j != i) timeout = std::max(timeout, time_of(line, request_bytes, loads[j].timeout));
    r.when_one_fails = *r.guaranteed + timeout;
    return r;
}

// One device at a time gets new firmware: it is asked for more than it ever is, in the background and without end.
void reckon_upgrades(const Line& line, std::span<const Load> loads, const Costs& costs, std::vector<Refresh>& refresh) {
    for (std::size_t u = 0; u < loads.size(); ++u) {
        if (loads[u].record == 0) continue;
        Costs busier = costs;
        Duration& lower = busier[u].longest_lower;
        lower = std::max(lower, record_time(line, loads[u].record, loads[u].turnaround.worst));
        for (std::size_t i = 0; i < loads.size(); ++i) {
            if (!refresh[i].guaranteed) continue;
            const auto then = refresh_of(line, loads, busier, i).guaranteed;
            auto& most = refresh[i].while_upgrading;
            if (then) most = std::max(most.value_or(0ns), *then);
        }
    }
}

// The verdict on a line, without remedies.
Plan judge(const Line& line, std::span<const Load> loads) {
    Plan p;
    Shares all;
    bool is_too_old = false;
    const Costs costs = worst_costs(line, loads);
    for (std::size_t i = 0; i < loads.size(); ++i) {
        const Shares one = shares_of(line, loads[i]);
        all.fixed += one.fixed;
        all.spread += one.spread;
        p.refresh.push_back(refresh_of(line, loads, costs, i));
        const Refresh& r = p.refresh.back();
        const bool is_critical = loads[i].critical.period > 0ns && !loads[i].critical.registers.empty();
        is_too_old |= is_critical && (!r.guaranteed || *r.guaranteed > r.tolerated);
    }
    reckon_upgrades(line, loads, costs, p.refresh);
    p.wanted = p.utilisation = all.all();
    const double room = most_planned - all.fixed;
    if (p.wanted > most_planned && room > 0) p.stretch = all.spread / room;
    if (is_too_old || (p.wanted > most_planned && (room <= 0 || p.stretch > most_stretch))) {
        p.verdict = Verdict::too_much;
        p.stretch = p.wanted > most_planned ? most_stretch : 1;
    } else if (p.stretch > 1) {
        p.verdict = Verdict::replanned;
        p.utilisation = most_planned;
    }
    return p;
}

bool can_be(const Line& line, std::span<const Load> loads) { return judge(line, loads).verdict != Verdict::too_much; }

// The device without which the line is well, the largest load first; if none alone is to blame, the largest.
std::size_t find_culprit(const Line& line, std::span<const Load> loads, bool& is_alone_to_blame) {
    std::vector<std::size_t> order(loads.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return shares_of(line, loads[a]).all() > shares_of(line, loads[b]).all();
    });
    for (const std::size_t i : order) {
        std::vector<Load> others(loads.begin(), loads.end());
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        is_alone_to_blame = can_be(line, others);
        if (is_alone_to_blame) return i;
    }
    return order.front();
}

Remedy find_remedy(const Line& line, std::span<const Load> loads, std::size_t culprit, bool is_alone_to_blame) {
    Remedy remedy;
    remedy.other_line = is_alone_to_blame && loads.size() > 1 && can_be(line, loads.subspan(culprit, 1));
    for (const std::uint32_t baud : {19200u, 38400u, 57600u, 115200u})
        if (!remedy.baud && line.baud > 0 && baud > line.baud && can_be({baud, line.character_bits}, loads))
            remedy.baud = baud;
    std::vector<Load> slower(loads.begin(), loads.end());
    for (const Duration period : {Duration{2s}, Duration{5s}, Duration{10s}, Duration{30s}}) {
        if (remedy.critical_period || period <= slower[culprit].critical.period) continue;
        // Who asks a device more rarely also accepts older values from it.
        const Duration longer = period - loads[culprit].critical.period;
        slower[culprit].critical.period = period;
        slower[culprit].tolerated = loads[culprit].tolerated + 2 * longer;
        if (can_be(line, slower)) remedy.critical_period = period;
    }
    return remedy;
}

std::string remedies(const Plan& p) {
    std::string text;
    if (p.remedy.critical_period) text = say<phrases::help_slower>(p.breaks_it, *p.remedy.critical_period / 1s);
    if (p.remedy.baud)
        text =
            text.empty() ? say<phrases::help_baud>(*p.remedy.baud) : say<phrases::help_baud_or>(*p.remedy.baud, text);
    if (p.remedy.other_line)
        text =
            text.empty() ? say<phrases::help_own_line>(p.breaks_it) : say<phrases::help_own_line_or>(p.breaks_it, text);
    return text.empty() ? say<phrases::help_fewer>() : text;
}

std::string sentence(const Plan& p) {
    const int percent = static_cast<int>(std::lround(100 * p.wanted));
    if (p.verdict == Verdict::replanned)
        return fmt::format(
            "Everything asked as often as wanted would take {} % of the line; telemetry comes {:.1f} times as rarely, "
            "what control needs as planned.",
            percent, p.stretch);
    if (p.verdict == Verdict::fits) {
        const Refresh* oldest = nullptr;
        for (const Refresh& r : p.refresh)
            if (r.guaranteed && (oldest == nullptr || *r.guaranteed > *oldest->guaranteed)) oldest = &r;
        if (oldest == nullptr) return say<phrases::line_fits>(percent);
        return say<phrases::line_fits_age>(percent, fmt::format("{:.1f}", to_seconds(*oldest->guaranteed)));
    }
    for (const Refresh& r : p.refresh)
        if (r.guaranteed && *r.guaranteed > r.tolerated)
            return say<phrases::line_too_old>(r.device, fmt::format("{:.1f}", to_seconds(*r.guaranteed)),
                                              fmt::format("{:.1f}", to_seconds(r.tolerated)), p.breaks_it, remedies(p));
    return say<phrases::line_too_much>(percent, p.breaks_it, remedies(p));
}

}  // namespace

Line line_of(const LinkSettings& settings) {
    const auto* serial = std::get_if<SerialSettings>(&settings);
    return serial == nullptr ? Line{0, 10} : Line{serial->baud, serial->character_bits()};
}

Turnaround assumed_turnaround(Duration timeout) {
    return {std::min<Duration>(timeout / 20, 50ms), std::min<Duration>(timeout / 10, 150ms)};
}

bool is_measured(const UnitStatistics& statistics) { return statistics.answers >= answers_to_trust; }

void use_measured(Load& load, const Line& line, const UnitStatistics& statistics) {
    if (!is_measured(statistics)) return;
    const auto turnaround = [&](std::uint32_t us) {
        return std::max<Duration>(gap(line), std::chrono::microseconds(us));
    };
    load.turnaround = {turnaround(statistics.turnaround_us_p50), turnaround(statistics.turnaround_us_p99)};
}

Duration exchange_time(const Line& line, std::uint16_t registers, Duration turnaround) {
    return time_of(line, request_bytes + answer_bytes + 2u * registers, turnaround);
}

Plan plan(const Line& line, std::span<const Load> loads) {
    Plan p = judge(line, loads);
    if (p.verdict == Verdict::too_much) {
        bool is_alone_to_blame = false;
        const std::size_t culprit = find_culprit(line, loads, is_alone_to_blame);
        p.breaks_it = loads[culprit].device;
        p.remedy = find_remedy(line, loads, culprit, is_alone_to_blame);
    }
    p.text = sentence(p);
    return p;
}

}  // namespace busbar::bus::budget
