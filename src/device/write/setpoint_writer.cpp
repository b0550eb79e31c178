#include "device/write/setpoint_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "base/phrases_running.hpp"
#include "profile/codec/decode.hpp"

namespace busbar::device {
namespace {

using profile::StepValue;
using profile::WriteStep;

constexpr Duration standard_lease = std::chrono::seconds(60);
constexpr Duration confirm_every = std::chrono::seconds(10);

bool carries_setpoint(StepValue value) {
    return value == StepValue::setpoint || value == StepValue::positive_part || value == StepValue::negative_part;
}

// A busy device has not refused: control may ask again at once, long before the lease of the last setpoint runs out.
Error not_now(Error error) {
    if (says_busy(error)) error.kind = Errc::unavailable;
    return error;
}

bool same(const profile::Words& a, const profile::Words& b) {
    return std::equal(a.view().begin(), a.view().end(), b.view().begin(), b.view().end());
}

int exponent_of(const WriteStep& step, const std::map<std::uint16_t, int>& exponents) {
    if (!step.encoding.exponent) return 0;
    const auto found = exponents.find(*step.encoding.exponent);
    return found == exponents.end() ? 0 : found->second;
}

// Lease registers count in their own unit; a lease is never cut to 0, which most devices read as "for ever".
Result<profile::Words> lease_words(const WriteStep& step, Duration lease) {
    const double units = to_seconds(lease) * step.encoding.scale.divide / step.encoding.scale.multiply;
    const double longest = profile::words_of(step.encoding.type) == 1 ? 32767 : 1e9;
    const double raw = std::clamp(std::ceil(units), 1.0, longest);
    return profile::encode_raw(step.encoding.type, step.encoding.words, static_cast<std::int64_t>(raw));
}

// How far a device may round before we call it disobedience: one step of the register, or one percent.
bool is_close(double wanted, double found, const WriteStep& step, int exponent) {
    const double unit = std::fabs(step.encoding.scale.multiply) / step.encoding.scale.divide * std::pow(10.0, exponent);
    const double step_size = profile::is_float(step.encoding.type) ? 1e-3 : unit;
    return std::fabs(wanted - found) <= std::max(step_size * 1.001, std::fabs(wanted) * 0.01);
}

}  // namespace

SetpointWriter::SetpointWriter(Loop& loop, ModbusUnit unit, std::shared_ptr<const profile::Profile> profile,
                               LastGood last_good)
    : loop_(loop), unit_(unit), profile_(std::move(profile)), last_good_(std::move(last_good)) {}

const profile::Control* SetpointWriter::find(model::RoleKey role) const {
    const auto& controls = profile_->controls;
    const auto found =
        std::find_if(controls.begin(), controls.end(), [&](const profile::Control& c) { return c.role == role; });
    return found == controls.end() ? nullptr : &*found;
}

// The lease, or the profile's own time, asks for the whole program again although nothing changed.
bool SetpointWriter::is_refresh_due(const profile::Control& control, const Held& held) const {
    const Duration age = loop_.now() - held.written;
    if (control.repeat != Duration{} && age >= control.repeat) return true;
    return control.falls_back_after_lease && age >= held.lease / 2;
}

Result<double> SetpointWriter::percent(const WriteStep& step, double value) const {
    if (!step.percent_of) return value;
    const auto rated = last_good_(*step.percent_of);
    if (!rated || *rated <= 0)
        return fail(Errc::unavailable,
                    to_string(*step.percent_of) + " is not known yet, and the device counts in percent of it");
    return std::clamp(value / *rated * 100, -100.0, 100.0);
}

Result<profile::Words> SetpointWriter::words_for(const WriteStep& step, const SetpointWrite& setpoint,
                                                 const Held& held) const {
    double value = setpoint.value;
    switch (step.value) {
        case StepValue::constant:
            return profile::encode_raw(step.encoding.type, step.encoding.words, step.constants[0]);
        case StepValue::by_sign: {
            const int which = value < 0 ? 0 : value > 0 ? 2 : 1;
            return profile::encode_raw(step.encoding.type, step.encoding.words, step.constants[which]);
        }
        case StepValue::lease:
            return lease_words(step, setpoint.lease);
        case StepValue::positive_part:
            value = std::max(value, 0.0);
            break;
        case StepValue::negative_part:
            value = std::max(-value, 0.0);
            break;
        case StepValue::setpoint:
            break;
    }
    BUSBAR_TRY(const double shown, percent(step, value));
    return profile::encode_words(step.encoding, shown, exponent_of(step, held.exponents));
}

Result<SetpointWriter::Writes> SetpointWriter::prepare(const std::vector<WriteStep>& steps,
                                                       const SetpointWrite& setpoint, const Held& held) const {
    Writes writes;
    for (const WriteStep& step : steps) {
        if (held.skipped.contains(step.to.offset)) continue;
        BUSBAR_TRY(const profile::Words words, words_for(step, setpoint, held));
        writes.push_back({&step, words});
    }
    return writes;
}

// A new value need not repeat what already stands in its register; the last step is what makes the device look.
SetpointWriter::Writes SetpointWriter::changed(const Writes& writes, const Held& held) const {
    Writes due;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        const auto before = held.last_words.find(writes[i].step->to.offset);
        const bool stands = before != held.last_words.end() && same(before->second, writes[i].words);
        const bool is_joined = writes[i].step->join || (i + 1 < writes.size() && writes[i + 1].step->join);
        if (!stands || is_joined || i + 1 == writes.size()) due.push_back(writes[i]);
    }
    return due;
}

// Everything the device should show now, `before` included.
SetpointWriter::Writes SetpointWriter::standing(const profile::Control& control, const Held& held) const {
    Writes writes;
    for (const auto* steps : {&control.before, &control.write})
        for (const WriteStep& step : *steps)
            if (const auto found = held.last_words.find(step.to.offset); found != held.last_words.end())
                writes.push_back({&step, found->second});
    return writes;
}

Task<Status> SetpointWriter::send(const Writes& writes, Held& held) const {
    for (std::size_t i = 0; i < writes.size();) {
        const std::size_t first = i;
        std::vector<std::uint16_t> words;
        do {
            const auto view = writes[i].words.view();
            words.insert(words.end(), view.begin(), view.end());
            ++i;
        } while (i < writes.size() && writes[i].step->join);
        const WriteStep& step = *writes[first].step;
        const Status done = co_await unit_.write(step.to.offset, words);
        if (done) {
            for (std::size_t sent = first; sent < i; ++sent)
                held.last_words[writes[sent].step->to.offset] = writes[sent].words;
        } else if (step.is_optional && says_absent(done.error())) {
            held.skipped.insert(step.to.offset);
        } else {
            co_return done;
        }
    }
    co_return ok();
}

Task<Status> SetpointWriter::read_exponent(const WriteStep& step, Held& held) const {
    const std::uint16_t at = *step.encoding.exponent;
    const Result<bus::Registers> answer = co_await unit_.read(profile::Table::holding, at, 1, bus::Urgency::setpoint);
    if (!answer) co_return answer.error();
    const int exponent = static_cast<std::int16_t>(answer->words[0]);
    if (exponent < -10 || exponent > 10)
        co_return fail(Errc::unsupported,
                       fmt::format("the scale factor in holding {} is not implemented by this device", at));
    held.exponents[at] = exponent;
    co_return ok();
}

// A register that is not there, or shows "not implemented", is left alone.
Task<Status> SetpointWriter::look_for_optional(const WriteStep& step, Held& held) const {
    const std::uint16_t words = profile::words_of(step.encoding.type);
    const Result<bus::Registers> answer =
        co_await unit_.read(profile::Table::holding, step.to.offset, words, bus::Urgency::setpoint);
    if (!answer && !says_absent(answer.error())) co_return answer.error();
    const bool is_there = answer && profile::decode_words(step.encoding, answer->view()).has_value();
    if (!is_there) held.skipped.insert(step.to.offset);
    co_return ok();
}

Task<Status> SetpointWriter::take(const profile::Control& control, Held& held) {
    held.exponents.clear();
    held.last_words.clear();
    held.skipped.clear();
    for (const WriteStep& step : control.write) {
        Status known = ok();
        if (step.encoding.exponent && !held.exponents.contains(*step.encoding.exponent))
            known = co_await read_exponent(step, held);
        else if (step.is_optional)
            known = co_await look_for_optional(step, held);
        if (!known) co_return known;
    }
    const SetpointWrite none;
    const auto before = prepare(control.before, none, held);
    if (!before) co_return before.error();
    co_return co_await send(*before, held);
}

// Whether the device holds what was written; `held` is as look() left it.
Status SetpointWriter::compare(const Write& write, double setpoint, const Held& held) const {
    const WriteStep& step = *write.step;
    const auto stands = held.last_words.find(step.to.offset);
    if (stands == held.last_words.end() || same(stands->second, write.words)) return ok();
    const int exponent = exponent_of(step, held.exponents);
    const auto written = profile::decode_words(step.encoding, write.words.view(), exponent);
    const auto holds = profile::decode_words(step.encoding, stands->second.view(), exponent);
    // Where the device rounded, what it holds is what is in force.
    if (carries_setpoint(step.value) && written && holds && is_close(*written, *holds, step, exponent)) return ok();
    return fail(Errc::refused, fmt::format("holding {}: {}", step.to.offset,
                                           say<phrases::setpoint_held>(
                                               fmt::format("{:g}", written.value_or(0)), fmt::format("{:g}", setpoint),
                                               holds ? fmt::format("{:g}", *holds) : "nothing")));
}

// Reads what stands in these registers of the device, in as few requests as they allow.
Task<Status> SetpointWriter::look(const Writes& writes, Held& held) const {
    std::vector<profile::Point> registers;
    std::vector<std::uint16_t> which;
    for (const Write& write : writes) {
        profile::Point point;
        point.at = write.step->to;
        point.encoding.type = write.step->encoding.type;
        registers.push_back(point);
        if (write.step->verify && !held.skipped.contains(point.at.offset))
            which.push_back(static_cast<std::uint16_t>(registers.size() - 1));
    }
    const std::vector<profile::ReadRequest> plan = profile::plan_reads(registers, which, profile_->bus);
    std::deque<profile::ReadRequest> todo(plan.begin(), plan.end());
    while (!todo.empty()) {
        const profile::ReadRequest request = std::move(todo.front());
        todo.pop_front();
        const Result<bus::Registers> answer =
            co_await unit_.read(request.table, request.first, request.count, bus::Urgency::setpoint);
        if (!answer && says_absent(answer.error())) {
            // A register in between may not be there; each alone must be.
            const auto smaller = profile::split_read(registers, request, profile_->bus);
            todo.insert(todo.end(), smaller.begin(), smaller.end());
            if (!smaller.empty()) continue;
        }
        if (!answer) co_return answer.error();
        for (const std::uint16_t i : request.points) {
            const WriteStep& step = *writes[i].step;
            const auto found =
                answer->view().subspan(step.to.offset - request.first, profile::words_of(step.encoding.type));
            std::copy(found.begin(), found.end(), held.last_words[step.to.offset].word.begin());
        }
    }
    co_return ok();
}

Task<Status> SetpointWriter::read_back(const profile::Control& control, const Writes& writes, double setpoint,
                                       Held& held) const {
    const Status seen = co_await look(writes, held);
    if (!seen) co_return seen;
    const bool can_tell = std::ranges::all_of(
        control.write, [](const WriteStep& step) { return step.verify || !carries_setpoint(step.value); });
    if (can_tell) held.shown = in_force(control, held);
    for (const Write& write : writes)
        if (const Status agrees = compare(write, setpoint, held); !agrees) co_return agrees;
    held.confirmed = loop_.now();
    co_return ok();
}

double SetpointWriter::in_force(const profile::Control& control, const Held& held) const {
    double sum = 0;
    for (const WriteStep& step : control.write) {
        const auto found = held.last_words.find(step.to.offset);
        if (!carries_setpoint(step.value) || found == held.last_words.end()) continue;
        const int exponent = exponent_of(step, held.exponents);
        double value = profile::decode_words(step.encoding, found->second.view(), exponent).value_or(0);
        if (step.percent_of) value *= last_good_(*step.percent_of).value_or(0) / 100;
        sum += step.value == StepValue::negative_part ? -value : value;
    }
    return sum;
}

Task<Status> SetpointWriter::run_program(const profile::Control& control, const SetpointWrite& setpoint, Held& held) {
    bool is_whole = !held.is_taken || held.lease != setpoint.lease || is_refresh_due(control, held);
    if (!held.is_taken) {
        const Status taken = co_await take(control, held);
        if (!taken) co_return taken;
    }
    held.is_taken = false;  // until all of it is confirmed
    Result<Writes> writes = prepare(control.write, setpoint, held);
    if (!writes) co_return writes.error();
    const Writes due = is_whole ? *writes : changed(*writes, held);
    const Status sent = co_await send(due, held);
    if (!sent) co_return sent;
    const Status checked = co_await read_back(control, is_whole ? standing(control, held) : due, setpoint.value, held);
    if (!checked) co_return checked;
    held.is_taken = true;
    held.wanted = setpoint.value;
    held.in_force = in_force(control, held);
    held.lease = setpoint.lease;
    if (is_whole) held.written = loop_.now();
    co_return ok();
}

Task<Result<double>> SetpointWriter::apply(SetpointWrite setpoint) {
    const profile::Control* control = find(setpoint.role);
    if (control == nullptr)
        co_return fail(Errc::unsupported, to_string(setpoint.role) + " is not among this device's controls");
    if (!(setpoint.value >= control->min && setpoint.value <= control->max))
        co_return fail(Errc::out_of_range, fmt::format("{} is outside {:g} to {:g}, which is all the device takes",
                                                       setpoint.value, control->min, control->max));
    if (setpoint.lease <= Duration{}) setpoint.lease = standard_lease;
    Held& held = held_[setpoint.role];
    held.shown.reset();
    const bool is_same = held.is_taken && held.wanted == setpoint.value && held.lease == setpoint.lease;
    if (!is_same || is_refresh_due(*control, held)) {
        const Status done = co_await run_program(*control, setpoint, held);
        if (!done) co_return not_now(done.error());
    } else if (loop_.now() - held.confirmed >= confirm_every) {
        const Status stands = co_await read_back(*control, standing(*control, held), setpoint.value, held);
        if (!stands) {
            held.is_taken = false;  // the next call writes all of it again
            co_return not_now(stands.error());
        }
    }
    co_return held.in_force;
}

std::optional<double> SetpointWriter::shown(model::RoleKey role) const {
    const auto held = held_.find(role);
    return held == held_.end() ? std::nullopt : held->second.shown;
}

Task<Status> SetpointWriter::release(model::RoleKey role) {
    const profile::Control* control = find(role);
    if (control == nullptr) co_return fail(Errc::unsupported, to_string(role) + " is not among this device's controls");
    Held& held = held_[role];
    held.is_taken = false;
    const SetpointWrite none{role, 0, standard_lease};
    const Result<Writes> writes = prepare(control->release, none, held);
    if (!writes) co_return writes.error();
    const Status sent = co_await send(*writes, held);
    if (!sent) co_return not_now(sent.error());
    const Status shown = co_await read_back(*control, *writes, 0, held);
    if (!shown) co_return not_now(shown.error());
    co_return ok();
}

Fallback SetpointWriter::fallback(model::RoleKey role) const {
    Fallback fallback;
    const profile::Control* control = find(role);
    if (control == nullptr) return fallback;
    const auto held = held_.find(role);
    const bool has_held = held != held_.end();
    if (control->falls_back_after) {
        fallback = {true, *control->falls_back_after, control->falls_back_to};
    } else if (control->falls_back_after_lease) {
        // A device without the optional lease register keeps the last setpoint for ever.
        const bool has_no_lease =
            has_held && std::ranges::any_of(control->write, [&](const WriteStep& step) {
                return step.value == StepValue::lease && held->second.skipped.contains(step.to.offset);
            });
        if (has_no_lease) return fallback;
        const Duration lease = has_held && held->second.lease > Duration{} ? held->second.lease : standard_lease;
        fallback = {true, lease, control->falls_back_to};
    }
    return fallback;
}

}  // namespace busbar::device
