#include "control/dispatcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/log.hpp"
#include "base/phrases.hpp"
#include "base/phrases_running.hpp"
#include "device/write/refusal.hpp"

namespace busbar::control {
namespace {

using namespace std::chrono_literals;
using model::FaultKind;

constexpr Duration forget_after = 3s;  // a wish that is gone this long is released
constexpr Duration retry_after_timeout = 1s;
constexpr Duration retry_after_refusal = 20s;  // three writes per minute
constexpr Duration retry_after_no = lease_time / 5;
constexpr Duration yield_time = 60s;
constexpr int refusals_to_alarm = 3;

// Devices round; a difference below this is not a different value.
double tolerance(const device::SetpointInfo& range, double value) {
    return std::max(range.resolution, 0.01 * std::abs(value));
}
bool is_cap(model::Target target) { return target.role.role != model::Role::battery_power_set; }
// No answer, or one that got damaged on its way: nobody knows whether the write arrived, and the next try may tell.
bool is_unknown(const Error& error) { return error.retryable() || error.kind == Errc::malformed; }

std::string what_follows(const device::Fallback& fallback) {
    if (!fallback.reverts) return "it keeps its last value";
    return fmt::format("it falls back to {} after {:.0f} s", fallback.to, to_seconds(fallback.after));
}

}  // namespace

void Dispatcher::add_device(std::uint16_t index, std::shared_ptr<device::Device> device) {
    if (is_stopping_) return;
    auto lane = std::make_shared<Lane>();
    lane->index = index;
    lane->device = std::move(device);
    lanes_.push_back(lane);
    loop_.spawn("setpoints of " + lane->device->info().id, serve(lane));
}

Task<bool> Dispatcher::remove_device(std::uint16_t index, Instant deadline) {
    const auto of_device = [&](const auto& lane) { return lane->index == index; };
    const auto found = std::find_if(lanes_.begin(), lanes_.end(), of_device);
    if (found == lanes_.end()) co_return true;
    const std::shared_ptr<Lane> lane = *found;
    if (!lane->stop_by) stop(*lane, loop_.now(), deadline);
    while (!lane->is_done && loop_.now() < deadline) co_await loop_.sleep_for(20ms);
    say_what_is_held(*lane);
    std::erase(lanes_, lane);
    co_return std::none_of(lane->slots.begin(), lane->slots.end(), may_hold);
}

void Dispatcher::refresh_devices() {
    for (const auto& lane : lanes_) {
        const auto& offered = lane->device->info().setpoints;
        if (lane->stop_by || lane->is_busy || offered.size() <= lane->slots.size()) continue;
        for (const device::SetpointInfo& range : offered) {
            const model::Target target{lane->index, range.role};
            if (find(target)) continue;
            Slot slot;
            slot.known = {.target = target,
                          .range = range,
                          .fallback = lane->device->fallback(range.role),
                          .held = {},
                          .confirmed = {},
                          .confirmed_at = {}};
            // A device that keeps a setpoint for ever may still hold one of our last life.
            slot.must_release = !slot.known.fallback.reverts;
            slot.unwanted_since = loop_.now();
            faults_.set(!slot.known.fallback.reverts, FaultKind::no_fallback, lane->device->info().id,
                        say<phrases::keeps_last>(to_string(range.role)), range.role);
            lane->slots.push_back(std::move(slot));
        }
    }
}

Dispatcher::Slot* Dispatcher::find(model::Target target) {
    for (const auto& lane : lanes_)
        for (Slot& slot : lane->slots)
            if (slot.known.target == target) return &slot;
    return nullptr;
}

std::vector<Actuator> Dispatcher::actuators() const {
    std::vector<Actuator> all;
    for (const auto& lane : lanes_)
        if (!lane->stop_by)
            for (const Slot& slot : lane->slots) all.push_back(slot.known);
    return all;
}

void Dispatcher::dispatch(std::span<const model::Setpoint> setpoints) {
    for (const auto& lane : lanes_) {
        if (lane->stop_by) continue;
        for (Slot& slot : lane->slots) {
            // We yielded to the other master; now and then control may find out whether it is still there.
            if (slot.known.is_refusing && loop_.now() - *slot.last_try >= yield_time) slot.known.is_refusing = false;
            const auto wish = std::find_if(setpoints.begin(), setpoints.end(), [&](const model::Setpoint& setpoint) {
                return setpoint.target == slot.known.target;
            });
            if (wish != setpoints.end()) {
                want(slot, lane->device->info().id, *wish);
            } else if (!slot.unwanted_since) {
                slot.unwanted_since = loop_.now();
            }
            if (needs_write(slot) || needs_release(slot)) lane->wake.set();
        }
    }
}

void Dispatcher::want(Slot& slot, const model::DeviceId& device, const model::Setpoint& setpoint) {
    slot.unwanted_since.reset();
    const bool is_new = !slot.wanted || slot.wanted->value != setpoint.value;
    slot.wanted = setpoint;
    if (!is_new) return;
    const WallTime wall = loop_.wall();
    slot.decision = log_.add(
        {.id = 0,
         .at = wall,
         .device = device,
         .target = setpoint.target,
         .value = setpoint.value,
         .expires = wall + std::chrono::duration_cast<std::chrono::milliseconds>(setpoint.expires - loop_.now()),
         .state = Decision::State::pending,
         .read_back = {},
         .chain = setpoint.chain});
}

bool Dispatcher::needs_write(const Slot& slot) const {
    if (!slot.wanted || slot.unwanted_since || slot.wanted->expires <= loop_.now()) return false;
    if (!slot.last_try) return true;
    const Duration since = loop_.now() - *slot.last_try;
    if (slot.refusals > 0) return since >= pause_after_refusal(slot);
    if (slot.timeouts > 0) return since >= retry_after_timeout * std::min(slot.timeouts, 5);
    return !slot.known.held || slot.known.held->value != slot.wanted->value || since >= refresh_time;
}

Duration Dispatcher::pause_after_refusal(const Slot& slot) {
    return slot.has_said_no && slot.refusals < refusals_to_alarm ? retry_after_no : retry_after_refusal;
}

bool Dispatcher::needs_release(const Slot& slot) const {
    if (!slot.unwanted_since || loop_.now() - *slot.unwanted_since < forget_after) return false;
    if (!slot.known.held && !slot.must_release) return false;
    if (!slot.last_try) return true;
    const Duration pause = slot.timeouts > 0 ? refresh_time : slot.has_refused_release ? yield_time : Duration{0};
    return loop_.now() - *slot.last_try >= pause;
}

Task<void> Dispatcher::serve(std::shared_ptr<Lane> held) {
    Lane& lane = *held;
    while (!lane.stop_by) {
        co_await loop_.wait(lane.wake, loop_.now() + 1h);
        lane.is_busy = true;
        for (Slot& slot : lane.slots) {
            if (lane.stop_by) break;
            if (needs_release(slot)) {
                co_await release(lane, slot);
            } else if (needs_write(slot)) {
                co_await write(lane, slot);
            }
        }
        lane.is_busy = false;
    }
    co_await hand_back(lane);
}

Task<void> Dispatcher::write(Lane& lane, Slot& slot) {
    const std::optional<model::Held> before = slot.known.held;
    const double asked = slot.wanted->value;
    slot.last_try = loop_.now();
    // From the first byte on the device may obey; a change counts from here, a refresh keeps its old instant.
    if (!before || before->value != asked) slot.known.held = model::Held{asked, loop_.now()};
    const device::SetpointWrite setpoint{.role = slot.known.target.role, .value = asked, .lease = lease_time};
    const Result<double> in_force = co_await lane.device->apply(setpoint);
    if (lane.stop_by) {
        if (!in_force && is_unknown(in_force.error())) ++slot.timeouts;
    } else if (in_force) {
        accept(lane, slot, asked, *in_force);
    } else {
        fail(lane, slot, before, lane.device->shown(slot.known.target.role), in_force.error());
    }
}

void Dispatcher::accept(Lane& lane, Slot& slot, double asked, double in_force) {
    const bool is_too_high = is_cap(slot.known.target) && in_force > asked + tolerance(slot.known.range, asked);
    if (is_too_high) {
        const Error error = busbar::fail(
            Errc::refused, say<phrases::write_held>(fmt::format("{:.6g}", asked), fmt::format("{:.6g}", in_force)));
        fail(lane, slot, slot.known.held, in_force, error);
        return;
    }
    slot.refusals = slot.timeouts = 0;
    slot.known.is_refusing = slot.has_refused_release = false;
    slot.known.confirmed = in_force;
    slot.known.confirmed_at = loop_.now();
    log_.update(slot.decision, Decision::State::in_force, in_force);
    for (const FaultKind kind : {FaultKind::two_masters, FaultKind::write_refused, FaultKind::wrong_device})
        faults_.clear(kind, lane.device->info().id, slot.known.target.role);
}

// `shown`: what stands in the device, if it was read.
void Dispatcher::fail(Lane& lane, Slot& slot, std::optional<model::Held> before, std::optional<double> shown,
                      const Error& error) {
    // A program may have got as far as the setpoint before it failed: the higher cap is the one to reckon with.
    const bool may_be_higher = is_cap(slot.known.target) && before && before->value < slot.known.held->value;
    if (is_unknown(error)) {
        ++slot.timeouts;
        if (is_cap(slot.known.target) && before && !may_be_higher) slot.known.held = before;
        log_.update(slot.decision, Decision::State::unreachable, std::nullopt);
        return;
    }
    if (shown)
        slot.known.held = model::Held{*shown, loop_.now()};
    else if (!may_be_higher)
        slot.known.held = before;
    slot.timeouts = 0;
    ++slot.refusals;
    slot.has_said_no = device::says_no(error);
    const bool is_given_up = slot.refusals >= refusals_to_alarm;
    const std::string pause = fmt::format("{:.0f}", to_seconds(pause_after_refusal(slot)));
    log_.update(slot.decision, Decision::State::refused, shown,
                is_given_up ? say<phrases::refused_given_up>(error.text, pause)
                            : say<phrases::refused_asked_again>(error.text, pause));
    if (!is_given_up) return;
    slot.known.is_refusing = true;
    // A device that obeyed before and now holds something else has another master.
    const FaultKind kind = slot.known.confirmed ? FaultKind::two_masters : FaultKind::write_refused;
    say_refused(lane, slot, kind, error, error.text);
}

// One that was not asked at all refuses nothing: who is there has to be cleared up, perhaps by an alarm that stands.
void Dispatcher::say_refused(Lane& lane, const Slot& slot, FaultKind kind, const Error& error, std::string_view text) {
    const model::DeviceId& id = lane.device->info().id;
    const model::RoleKey role = slot.known.target.role;
    if (error.kind == Errc::denied) kind = FaultKind::wrong_device;
    if (kind == FaultKind::wrong_device && faults_.is_active(kind, id)) return;
    faults_.raise(kind, id, fmt::format("{}: {}", to_string(role), text), role);
}

Task<void> Dispatcher::release(Lane& lane, Slot& slot) {
    const model::RoleKey role = slot.known.target.role;
    slot.last_try = loop_.now();
    const Status released = co_await lane.device->release(role);
    if (lane.stop_by && loop_.now() >= *lane.stop_by) co_return;  // nobody listens any more
    if (!released && is_unknown(released.error())) {
        ++slot.timeouts;
        co_return;
    }
    // What a device does that refuses to let go is not known: control reckons with nothing it holds, and asks again.
    // One that refuses although we never wrote is left alone.
    const bool was_held = slot.known.held.has_value();
    slot.must_release = slot.has_refused_release = !released && (was_held || slot.has_refused_release);
    slot.known.held.reset();
    slot.timeouts = 0;
    slot.wanted.reset();
    const model::DeviceId& id = lane.device->info().id;
    if (released) {
        faults_.clear(FaultKind::write_refused, id, role);
        faults_.clear(FaultKind::wrong_device, id, role);
    } else if (slot.must_release) {
        say_refused(lane, slot, FaultKind::write_refused, released.error(),
                    say<phrases::not_released>(released.error().text));
    }
    if (was_held) note_release(id, slot.known.target, released.has_value());
}

void Dispatcher::note_release(const model::DeviceId& device, model::Target target, bool is_done) {
    const std::uint64_t id = log_.add({.id = 0,
                                       .at = loop_.wall(),
                                       .device = device,
                                       .target = target,
                                       .value = {},
                                       .expires = loop_.wall(),
                                       .state = Decision::State::pending,
                                       .read_back = {},
                                       .chain = {}});
    log_.update(id, is_done ? Decision::State::released : Decision::State::refused, std::nullopt);
}

// A device that does not answer goes again when all others have had their turn, or half of the time has gone: on a bus
// they share its time-outs would be theirs.
Task<void> Dispatcher::hand_back(Lane& lane) {
    const bool answers = std::all_of(lane.slots.begin(), lane.slots.end(), [](const Slot& s) { return !s.timeouts; });
    if (answers) co_await release_all(lane);
    lane.has_tried = true;
    while (!has_all(&Lane::has_tried) && loop_.now() < lane.last_turn) co_await loop_.sleep_for(20ms);
    co_await release_all(lane);
    lane.is_done = true;
}

// Ends at the first exchange without an answer: the next would end like it.
Task<void> Dispatcher::release_all(Lane& lane) {
    for (Slot& slot : lane.slots) {
        if (!may_hold(slot)) continue;
        if (loop_.now() >= *lane.stop_by) co_return;
        const int before = slot.timeouts;
        co_await release(lane, slot);
        if (slot.timeouts > before) co_return;
    }
}

bool Dispatcher::has_all(bool Lane::*state) const {
    return std::all_of(lanes_.begin(), lanes_.end(), [&](const auto& lane) { return (*lane).*state; });
}

Task<void> Dispatcher::shut_down(Instant deadline) {
    is_stopping_ = true;
    for (const auto& lane : lanes_)
        if (!lane->stop_by) stop(*lane, loop_.now() + (deadline - loop_.now()) / 2, deadline);
    while (!has_all(&Lane::is_done) && loop_.now() < deadline) co_await loop_.sleep_for(20ms);
    for (const auto& lane : lanes_) say_what_is_held(*lane);
}

void Dispatcher::stop(Lane& lane, Instant last_turn, Instant deadline) {
    lane.last_turn = last_turn;
    lane.stop_by = deadline;
    lane.wake.set();
}

void Dispatcher::say_what_is_held(const Lane& lane) {
    for (const Slot& slot : lane.slots)
        if (may_hold(slot))
            log(Level::warning, "control",
                fmt::format("{}: {} is not released; {}", lane.device->info().id, to_string(slot.known.target.role),
                            what_follows(slot.known.fallback)));
}

}  // namespace busbar::control
