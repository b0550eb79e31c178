#include "views/history_view.hpp"

#include <algorithm>
#include <chrono>

namespace busbar::gateway {

// The steps of one energy request: [begin[i], begin[i + 1]).
struct HistoryView::Steps {
    std::vector<std::int64_t> begin;
    std::int64_t first_ms = 0;  // the site's first sample: what was before is not missing
    std::int64_t now_ms = 0;
    std::size_t count() const { return begin.empty() ? 0 : begin.size() - 1; }
};

namespace {

using history::Buckets;

constexpr std::int64_t minute_ms = 60'000;
constexpr double enough_known = 0.9;  // of a step; with less, its energy is unknown

std::int64_t now_ms() {
    return busbar::to_ms(std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

std::int64_t down_to(std::int64_t unit_ms, std::int64_t time_ms) {
    return time_ms - (time_ms % unit_ms + unit_ms) % unit_ms;
}

Error no_history() { return fail(Errc::unavailable, "the history is not running; see the alarms"); }

using Column = std::vector<std::optional<double>>;

// Whether the member was part of the site in step i at all; where not, it gave and took nothing.
template <class Steps>
bool was_there(const Member& member, const Steps& steps, std::size_t i) {
    return member.since_ms < steps.begin[i + 1] && member.until_ms > steps.begin[i];
}

// Wh of one direction of a power per step (sign +1 or -1), or of the power itself (sign 0). A bucket counts with its
// mean; buckets are a minute or a quarter hour, so a flow that turns round inside one is only seen net.
template <class Steps>
Column energy_of_power(const Buckets& b, const Steps& steps, const Member& member, int sign) {
    Column wh(steps.count());
    std::size_t at = 0;
    for (std::size_t i = 0; i < steps.count(); ++i) {
        double sum = 0, known_ms = 0;
        for (; at < b.time_ms.size() && b.time_ms[at] < steps.begin[i + 1]; ++at) {
            const std::int64_t from = std::max({b.time_ms[at], steps.begin[i], steps.first_ms, member.since_ms});
            const std::int64_t until = std::min({b.time_ms[at] + b.step_ms, steps.now_ms, member.until_ms});
            if (until <= from) continue;
            const double power = sign == 0 ? b.mean[at] : std::max(sign * b.mean[at], 0.0);
            const auto width = static_cast<double>(until - from);
            sum += power * width / 3'600'000;
            known_ms += width;
        }
        const auto whole = static_cast<double>(std::min({steps.begin[i + 1], steps.now_ms, member.until_ms}) -
                                               std::max({steps.begin[i], steps.first_ms, member.since_ms}));
        if (!was_there(member, steps, i)) wh[i] = 0;
        if (known_ms > 0 && known_ms >= enough_known * whole) wh[i] = sum;
    }
    return wh;
}

// Wh per step from a counter: how far it rose. A counter that fell was reset: unknown for that step. What came before
// and after the device was there belongs to another counter; so does the bucket in which it came or went.
template <class Steps>
Column energy_of_counter(const Buckets& b, const Steps& steps, const Member& member) {
    const auto is_own = [&](std::size_t at) {
        return b.time_ms[at] >= member.since_ms && b.time_ms[at] <= member.until_ms - b.step_ms;
    };
    Column wh(steps.count());
    std::size_t at = 0;
    std::optional<double> before;  // value at the step's begin
    for (std::size_t i = 0; i < steps.count(); ++i) {
        std::optional<double> end;
        bool fell = false;
        for (; at < b.time_ms.size() && b.time_ms[at] < steps.begin[i + 1]; ++at) {
            if (!is_own(at)) continue;
            if (b.time_ms[at] + b.step_ms <= steps.begin[i]) {
                before = b.last[at];
                continue;
            }
            if (!before) before = b.first[at];
            if (b.first[at] < end.value_or(*before) || b.last[at] < b.first[at]) fell = true;
            end = b.last[at];
        }
        const std::int64_t there_ms =
            std::min(steps.begin[i + 1], member.until_ms) - std::max(steps.begin[i], member.since_ms);
        const bool came_or_went = member.since_ms > steps.begin[i] || member.until_ms < steps.begin[i + 1];
        if (came_or_went && there_ms < 2 * b.step_ms) wh[i] = 0;  // too short for readings of its own
        if (end && !fell) wh[i] = *end - *before;
        if (end) before = end;
    }
    return wh;
}

void add_to(Column& sum, const Column& part, double factor = 1) {
    for (std::size_t i = 0; i < sum.size(); ++i) {
        if (sum[i] && part[i])
            *sum[i] += factor * *part[i];
        else
            sum[i] = std::nullopt;
    }
}

}  // namespace

void HistoryView::use(Roster roster) {
    const std::lock_guard lock(roster_mutex_);
    roster_ = std::make_shared<const Roster>(std::move(roster));
}

std::shared_ptr<const Roster> HistoryView::roster() const {
    const std::lock_guard lock(roster_mutex_);
    return roster_;
}

Result<api::BucketSeries> HistoryView::buckets(const std::string& series, std::int64_t from_ms, std::int64_t to_ms,
                                               std::size_t buckets) {
    if (engine_ == nullptr) return no_history();
    BUSBAR_TRY(const Buckets found, engine_.load()->query(series, from_ms, to_ms, buckets));
    api::BucketSeries answer{.series = series,
                             .unit = found.unit,
                             .resolution = 0,
                             .from_ms = found.from_ms,
                             .to_ms = found.to_ms,
                             .step_ms = found.step_ms,
                             .buckets = {}};
    answer.buckets.reserve(found.time_ms.size());
    for (std::size_t i = 0; i < found.time_ms.size(); ++i)
        answer.buckets.push_back({found.time_ms[i], found.min[i], found.mean[i], found.max[i], found.count[i]});
    for (const auto& one : engine_.load()->listing())
        if (one.key == series) answer.resolution = one.resolution;
    return answer;
}

Result<std::vector<api::SeriesView>> HistoryView::series() {
    if (engine_ == nullptr) return no_history();
    std::vector<api::SeriesView> views;
    for (const auto& one : engine_.load()->listing())
        views.push_back({one.key, one.unit, one.resolution, one.first_ms, one.last_ms});
    return views;
}

Result<std::vector<api::RawSample>> HistoryView::raw(const std::string& series, std::int64_t from_ms,
                                                     std::int64_t to_ms, std::size_t limit) {
    if (engine_ == nullptr) return no_history();
    std::vector<api::RawSample> samples;
    const Status read = engine_.load()->raw(series, from_ms, to_ms, [&](std::span<const history::Point> points) {
        for (const auto& point : points) {
            if (samples.size() >= limit) return false;
            if (point.value) samples.push_back({point.time_ms, *point.value});
        }
        return samples.size() < limit;
    });
    if (!read) return read.error();
    return samples;
}

Result<api::EnergyView> HistoryView::energy(std::int64_t from_ms, std::int64_t to_ms, api::EnergyStep step) {
    if (engine_ == nullptr) return no_history();
    const auto span = step == api::EnergyStep::hour  ? LocalTime::Span::hour
                      : step == api::EnergyStep::day ? LocalTime::Span::day
                                                     : LocalTime::Span::month;
    Steps steps;
    steps.now_ms = now_ms();
    steps.first_ms = first_sample_ms().value_or(steps.now_ms);
    WallTime at = time_.begin(WallTime(std::chrono::milliseconds(from_ms)), span);
    for (; to_ms > busbar::to_ms(at) && steps.begin.size() <= 10'000; at = time_.next(at, span))
        steps.begin.push_back(busbar::to_ms(at));
    steps.begin.push_back(busbar::to_ms(at));
    return energy_of(steps);
}

api::EnergyView HistoryView::energy_between(std::int64_t from_ms, std::int64_t to_ms) {
    Steps steps;
    steps.now_ms = now_ms();
    steps.first_ms = first_sample_ms().value_or(steps.now_ms);
    steps.begin = {from_ms, to_ms};
    return energy_of(steps);
}

std::optional<std::int64_t> HistoryView::first_sample_ms() {
    if (engine_ == nullptr) return std::nullopt;
    return engine_.load()->status().oldest_ms;
}

api::EnergyView HistoryView::energy_of(const Steps& steps) {
    const std::int64_t end = std::min(steps.begin.back(), steps.now_ms);
    const std::int64_t width = end - steps.begin.front() <= 7 * 24 * 60 * minute_ms ? minute_ms : 15 * minute_ms;

    const auto listing = engine_.load()->listing();
    const auto exists = [&](const std::string& key) {
        return std::any_of(listing.begin(), listing.end(), [&](const auto& one) { return one.key == key; });
    };
    // Nothing where the series does not exist or cannot be read: unknown, and the other columns stand.
    const auto read = [&](const std::string& key) -> std::optional<Buckets> {
        if (!exists(key) || end <= steps.begin.front()) return std::nullopt;
        // One bucket more at the front: a counter's rise begins with its last value before the step.
        const std::int64_t from = down_to(width, steps.begin.front()) - width;
        auto found = engine_.load()->query_steps(key, from, end, width);
        if (!found) return std::nullopt;
        return std::move(*found);
    };
    const Column zero(steps.count(), 0.0), unknown(steps.count());
    const auto direction = [&](const Member& member, const char* counter, int sign) {
        if (const auto counted = read(member.id + counter)) return energy_of_counter(*counted, steps, member);
        if (const auto measured = read(member.id + "/meter.power"))
            return energy_of_power(*measured, steps, member, sign);
        return unknown;
    };
    // One meter after the other; without any it is unknown what went through the connection.
    std::vector<bool> is_metered(steps.count());
    const auto meter = [&](api::EnergyView& view, const Member& member) {
        const Column import = direction(member, "/meter.energy.import", 1);
        const Column exported = direction(member, "/meter.energy.export", -1);
        for (std::size_t i = 0; i < steps.count(); ++i) {
            if (!was_there(member, steps, i)) continue;
            const auto sum = [&](const std::optional<double>& before, const std::optional<double>& part) {
                if (!is_metered[i]) return part;
                return before && part ? std::optional(*before + *part) : std::nullopt;
            };
            view.grid_import[i] = sum(view.grid_import[i], import[i]);
            view.grid_export[i] = sum(view.grid_export[i], exported[i]);
            is_metered[i] = true;
        }
    };

    api::EnergyView view;
    view.t_ms.assign(steps.begin.begin(), steps.begin.end() - 1);
    view.pv = view.charged = view.discharged = zero;
    view.grid_import = view.grid_export = unknown;
    Column produced = zero;  // AC energy of all inverters and batteries, net
    bool has_pv = false, has_battery = false;
    const std::shared_ptr<const Roster> members = roster();
    for (const Member& device : *members) {
        using model::Use;
        const auto key = [&](const char* role) { return device.id + "/" + role; };
        if (device.use == Use::grid_meter) meter(view, device);
        if (device.use == Use::pv || device.use == Use::hybrid) {
            has_pv = true;
            const auto pv = read(exists(key("pv.power")) ? key("pv.power") : key("ac.power"));
            add_to(view.pv, pv ? energy_of_power(*pv, steps, device, 1) : unknown);
            const auto ac = read(key("ac.power"));
            add_to(produced, ac ? energy_of_power(*ac, steps, device, 0) : unknown);
        }
        if (device.use == Use::hybrid || device.use == Use::battery) {
            has_battery = true;
            const auto battery = read(key("battery.power"));
            add_to(view.charged, battery ? energy_of_power(*battery, steps, device, -1) : unknown);
            add_to(view.discharged, battery ? energy_of_power(*battery, steps, device, 1) : unknown);
            if (device.use == Use::battery)
                add_to(produced, battery ? energy_of_power(*battery, steps, device, 0) : unknown);
        }
    }
    if (!has_pv) view.pv = unknown;
    if (!has_battery) view.charged = view.discharged = unknown;
    view.house = produced;
    add_to(view.house, view.grid_import);
    add_to(view.house, view.grid_export, -1);
    return view;
}

}  // namespace busbar::gateway
