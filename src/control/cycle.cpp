#include "control/cycle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/phrases_running.hpp"
#include "control/arbiter.hpp"
#include "control/standing_limits.hpp"

namespace busbar::control {
namespace {
std::string whole(double value) { return fmt::format("{:.0f}", value); }

using namespace std::chrono_literals;
using model::FaultKind;

// Batteries keep reserves that they do not always tell, and charge slowly long before they are full.
bool may_rest(const model::BatteryView& battery) {
    if (!battery.soc_percent || !battery.setpoint_w) return false;
    return battery.setpoint_w->value < 0 ? battery.soc_percent->value >= 85 : battery.soc_percent->value <= 30;
}
}  // namespace

void Cycle::turn() {
    const Turn turn = decide();
    conclude(turn);
}

// The spine, once per turn.
Cycle::Turn Cycle::decide() {
    dispatcher_.refresh_devices();
    std::vector<Actuator> actuators = dispatcher_.actuators();
    const std::vector<model::Target> distrusted = uncontrollable();
    snapshot_ = build_snapshot(live_, site_, actuators, {distrusted}, loop_.now());

    if (!started_) started_ = snapshot_.at;
    const Envelope envelope = secure(snapshot_);
    model::Wishes wishes = wish(snapshot_, envelope);
    add_device_limits(wishes, snapshot_, actuators);
    dispatcher_.dispatch(arbitrate(wishes.limits, wishes.requests, snapshot_.at + lease_time));
    return {std::move(actuators), envelope};
}

void Cycle::conclude(const Turn& turn) {
    judge_obedience(turn.actuators);
    report(turn.envelope);
    ++statistics_.count;
    if (on_snapshot) on_snapshot(snapshot_);
}

Cycle::Cycle(Loop& loop, live::LiveState& live, Site site)
    : loop_(loop), live_(live), site_(std::move(site)), faults_(loop), dispatcher_(loop, log_, faults_) {
    site_.period = std::clamp(site_.period, Duration(250ms), Duration(5s));
    statistics_.period = site_.period;
    for (std::size_t i = 0; i < site_.devices.size(); ++i) take_device(static_cast<std::uint16_t>(i));
}

void Cycle::take_device(std::uint16_t index) {
    const SiteDevice& device = site_.devices[index];
    if (device.use == model::Use::grid_meter) live_.set_grid_meter(index);
    if (device.device) dispatcher_.add_device(index, device.device);
}

void Cycle::add_device(std::uint16_t index, SiteDevice device) {
    if (site_.devices.size() <= index) site_.devices.resize(index + std::size_t{1});
    site_.devices[index] = std::move(device);
    take_device(index);
    devices_changed(site_.devices[index].use);
}

Task<void> Cycle::remove_device(std::uint16_t index) {
    if (index >= site_.devices.size()) co_return;
    co_await dispatcher_.remove_device(index, loop_.now() + release_time);
    const model::Use use = site_.devices[index].use;
    site_.devices[index] = {};
    forget(index);
    devices_changed(use);
    live_.grid_event().set();  // what holds without it must hold at once
}

Task<bool> Cycle::suspend_device(std::uint16_t index) {
    SiteDevice& device = site_.devices[index];
    if (device.is_suspended || !device.device) co_return true;
    device.is_suspended = true;
    std::vector<Actuator> had = dispatcher_.actuators();
    std::erase_if(had, [&](const Actuator& actuator) { return actuator.target.device != index; });
    const bool has_let_go = co_await dispatcher_.remove_device(index, loop_.now() + release_time);
    if (index >= site_.devices.size() || !site_.devices[index].is_suspended) co_return false;  // removed meanwhile
    if (!has_let_go) {
        resume_device(index);
        co_return false;
    }
    std::erase_if(judged_, [&](const Judged& judged) { return judged.target.device == index; });
    for (const Actuator& actuator : had)  // nobody finds out now whether it obeys
        for (const FaultKind kind :
             {FaultKind::uncontrollable, FaultKind::two_masters, FaultKind::write_refused, FaultKind::wrong_device})
            faults_.clear(kind, live_.id(index), actuator.target.role);
    devices_changed(site_.devices[index].use);
    co_return true;
}

void Cycle::resume_device(std::uint16_t index) {
    if (index >= site_.devices.size() || !site_.devices[index].is_suspended) return;
    SiteDevice& device = site_.devices[index];
    device.is_suspended = false;
    device.absent_until.reset();
    dispatcher_.add_device(index, device.device);
    devices_changed(device.use);
}

void Cycle::expect_absence(std::uint16_t index, Instant until) {
    if (index < site_.devices.size()) site_.devices[index].absent_until = until;
}

void Cycle::leave_out(std::uint16_t index, bool is_double) {
    if (index >= site_.devices.size() || site_.devices[index].is_double == is_double) return;
    site_.devices[index].is_double = is_double;
    devices_changed(site_.devices[index].use);
}

void Cycle::forget(std::uint16_t index) {
    std::erase_if(judged_, [&](const Judged& judged) { return judged.target.device == index; });
    faults_.clear_all(live_.id(index));
}

// Memories that speak of the devices there were begin anew, from what devices hold and what the meter shows.
void Cycle::devices_changed(model::Use use) {
    using model::Use;
    if (use == Use::grid_meter) {
        live_.set_grid_meter(std::nullopt);
        for (std::size_t i = 0; i < site_.devices.size(); ++i)
            if (site_.devices[i].use == Use::grid_meter) live_.set_grid_meter(static_cast<std::uint16_t>(i));
        fallback_ = {};
        grid_check_ = {};
        started_.reset();
    }
    if (use == Use::pv || use == Use::hybrid || use == Use::battery) {
        feed_in_limit_ = {};
        grid_check_ = with_other_devices(grid_check_);
    }
    if (use == Use::hybrid || use == Use::battery) self_consumption_ = {};
}

Task<void> Cycle::run() {
    Instant due = loop_.now();
    while (!is_stopping_) {
        const bool is_early = co_await loop_.wait(live_.grid_event(), due);
        if (is_stopping_) break;
        if (!is_early) statistics_.late_max = std::max(statistics_.late_max, loop_.now() - due);
        const Turn turn = decide();
        const Instant ran = loop_.now();
        co_await loop_.sleep_until(ran);  // setpoints leave before we look back
        conclude(turn);
        due = ran + site_.period;
        // A meter that answers once a period is to find the cycle waiting, not just gone.
        if (is_early) due += site_.period / 8;
        // The age at which the meter counts as lost is a deadline of its own.
        if (const auto grid_at = grid_reading_at(live_, site_); grid_at && *grid_at + grid_max_age >= ran)
            due = std::min(due, *grid_at + grid_max_age + 1ms);
        // Devices cannot follow a storm of readings; after a run by time the next one is welcome at once.
        if (is_early) co_await loop_.sleep_until(ran + std::min(min_spacing, site_.period));
    }
    co_await dispatcher_.shut_down(loop_.now() + 5s);
    has_stopped_ = true;
}

void Cycle::stop() {
    is_stopping_ = true;
    live_.grid_event().set();
}

std::optional<double> Cycle::feed_in_limit_w() const {
    return strategy::limit_w(site_.settings.feed_in_limit, site_.pv_peak_w);
}

// Fail-safe first: may the grid reading be trusted, and what must hold whatever strategies wish?
Envelope Cycle::secure(const model::Snapshot& now) {
    const GridVerdict verdict = check_grid(now, site_.grid_max_w, grid_check_);
    grid_check_ = verdict.memory;
    doubt_ = verdict.doubt;
    FallbackInput input{.now = now.at,
                        .grid_at = grid_reading_at(live_, site_),
                        .is_plausible = doubt_ == GridDoubt::none,
                        .limit_w = feed_in_limit_w(),
                        .guaranteed_load_w = site_.guaranteed_load_w};
    for (const auto& inverter : now.inverters) {
        if (inverter.is_controllable) {
            input.rated_w += inverter.rated_w.value_or(0);
        } else {
            input.others_worst_w += inverter.worst_case_w;
        }
    }
    // A hybrid's battery is behind the hybrid's cap; one of its own may discharge whatever it can.
    for (const auto& battery : now.batteries)
        if (!battery.is_hybrid && !battery.is_controllable) input.others_worst_w += battery.discharge_max_w;
    const FallbackResult result = decide_fallback(input, fallback_);
    fallback_ = result.memory;
    return result.envelope;
}

model::Wishes Cycle::wish(const model::Snapshot& now, const Envelope& envelope) {
    model::Wishes wishes;
    model::Snapshot trusted = now;
    if (!envelope.use_grid) trusted.grid_w.reset();
    const Settings& settings = site_.settings;
    auto [consume, consume_memory] = strategy::self_consumption(trusted, settings.self_consumption, self_consumption_);
    auto [limit, limit_memory] =
        strategy::feed_in_limit(trusted, settings.feed_in_limit, settings.self_consumption.enabled, feed_in_limit_);
    self_consumption_ = consume_memory;
    feed_in_limit_ = std::move(limit_memory);
    for (model::Wishes* part : {&consume, &limit}) {
        std::move(part->requests.begin(), part->requests.end(), std::back_inserter(wishes.requests));
        std::move(part->limits.begin(), part->limits.end(), std::back_inserter(wishes.limits));
    }
    add_fallback(wishes, now, envelope);
    if (const auto allowed = feed_in_limit_w()) add_lost_devices(wishes, now, *allowed + site_.guaranteed_load_w);
    return wishes;
}

void Cycle::judge_obedience(std::span<const Actuator> actuators) {
    const auto memory_of = [&](model::Target target) -> ObedienceMemory& {
        for (Judged& judged : judged_)
            if (judged.target == target) return judged.memory;
        judged_.push_back({target, {}});
        return judged_.back().memory;
    };
    for (const Actuator& actuator : actuators) {
        const SiteDevice& device = site_.devices[actuator.target.device];
        if (!device.device || device.is_suspended) continue;  // removed since this turn began
        ObedienceInput input{.now = snapshot_.at};
        for (const auto& inverter : snapshot_.inverters) {
            if (!inverter.limit_role || model::Target{inverter.device, *inverter.limit_role} != actuator.target)
                continue;
            input.bound = Bound::at_most;
            input.setpoint = inverter.cap_w;
            input.power_w = inverter.ac_power_w;
            input.tolerance_w = std::max(100.0, 0.05 * inverter.rated_w.value_or(0));
        }
        for (const auto& battery : snapshot_.batteries) {
            if (model::Target{battery.device, {model::Role::battery_power_set, 0}} != actuator.target) continue;
            input.setpoint = battery.setpoint_w;
            input.power_w = battery.power_w;
            input.tolerance_w = std::max(150.0, 0.1 * std::max(battery.charge_max_w, battery.discharge_max_w));
            input.may_rest = may_rest(battery);
        }
        ObedienceMemory& memory = memory_of(actuator.target);
        memory = judge(input, std::move(memory));
        faults_.set(memory.is_uncontrollable, FaultKind::uncontrollable, live_.id(actuator.target.device),
                    say<phrases::role_disobeyed>(to_string(actuator.target.role),
                                                 whole(input.setpoint ? input.setpoint->value : 0),
                                                 whole(input.power_w ? input.power_w->value : 0)),
                    actuator.target.role);
    }
}

std::vector<model::Target> Cycle::uncontrollable() const {
    std::vector<model::Target> targets;
    for (const Judged& judged : judged_)
        if (judged.memory.is_uncontrollable) targets.push_back(judged.target);
    return targets;
}

// Devices need a moment to open; a meter is silent when it has been heard, or could have been.
bool Cycle::is_meter_silent() const {
    if (const auto grid_at = grid_reading_at(live_, site_)) return snapshot_.at - *grid_at > grid_max_age;
    return snapshot_.at - started_.value_or(snapshot_.at) > opening_time;
}

void Cycle::report(const Envelope& envelope) {
    const auto grid_at = grid_reading_at(live_, site_);
    const bool is_silent = is_meter_silent();
    const bool has_meter = std::any_of(site_.devices.begin(), site_.devices.end(),
                                       [](const SiteDevice& d) { return d.use == model::Use::grid_meter; });
    // A box that was just unpacked has nothing that could miss its meter.
    const bool is_missed = has_meter || !dispatcher_.actuators().empty();
    if (is_silent || envelope.mode != Mode::open_loop)
        faults_.set(is_silent && is_missed && envelope.mode == Mode::open_loop, FaultKind::meter_silent, "site",
                    !has_meter ? say<phrases::meter_not_set_up>()
                    : grid_at
                        ? say<phrases::meter_silent_since>(fmt::format("{:.1f}", to_seconds(snapshot_.at - *grid_at)))
                        : say<phrases::meter_never_spoke>());
    faults_.set(doubt_ != GridDoubt::none, FaultKind::meter_implausible, "site", to_string(doubt_));
    report_devices();
    const auto limit = feed_in_limit_w();
    const bool exceeds =
        limit && snapshot_.grid_w && -snapshot_.grid_w->value > *limit + strategy::feed_in_tolerance_w(*limit);
    if (!exceeds) exceeded_since_.reset();
    if (exceeds && !exceeded_since_) exceeded_since_ = snapshot_.at;
    faults_.set(exceeds && snapshot_.at - *exceeded_since_ > 10s, FaultKind::feed_in_exceeded, "site",
                exceeds ? say<phrases::feed_in_over>(whole(-snapshot_.grid_w->value), whole(*limit)) : "");
}

// Control misses a device's power sooner than polling gives the device up.
void Cycle::report_devices() {
    for (std::size_t i = 0; i < site_.devices.size() && i < live_.device_count(); ++i) {
        const auto index = static_cast<live::DeviceIndex>(i);
        if (live_.id(index).empty()) continue;
        const live::DeviceStatus& status = live_.status(index);
        const model::Use use = site_.devices[i].use;
        // What a device told while it was being opened is old when it comes; a device that opens has not gone silent.
        const bool is_polled = status.state == live::DeviceState::online && snapshot_.at - status.since > missed_after;
        const bool is_controlled = use == model::Use::pv || use == model::Use::hybrid || use == model::Use::battery;
        const bool is_missed = is_controlled && is_polled &&
                               (has_lost(live_, index, model::Role::ac_power, snapshot_.at) ||
                                has_lost(live_, index, model::Role::battery_power, snapshot_.at));
        const bool is_expected = site_.devices[i].absent_until && snapshot_.at < *site_.devices[i].absent_until;
        // A device that starts up may look like another one for a moment; till then it is as away as it was.
        const bool is_stranger = status.state == live::DeviceState::quarantined && site_.devices[i].device;
        const bool is_wrong = is_stranger && !is_expected && snapshot_.at - status.since > stranger_time;
        const bool was_away = faults_.is_active(FaultKind::device_offline, live_.id(index));
        const bool is_away = !is_expected && (status.state == live::DeviceState::offline || is_missed ||
                                              (is_stranger && !is_wrong && was_away));
        faults_.set(is_wrong, FaultKind::wrong_device, live_.id(index), status.problem);
        std::string text = status.problem;
        if (is_away && text.empty()) text = say<phrases::power_missing>(whole(to_seconds(missed_after)));
        faults_.set(is_away, FaultKind::device_offline, live_.id(index), text);
    }
}

}  // namespace busbar::control
