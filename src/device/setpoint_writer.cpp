#include "device/setpoint_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "profile/decode.hpp"

namespace busbar::device {
namespace {

using profile::StepValue;
using profile::WriteStep;

constexpr Duration standard_lease = std::chrono::seconds(60);

bool carries_setpoint(StepValue value) {
    return value == StepValue::setpoint || value == StepValue::positive_part || value == StepValue::negative_part;
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

bool SetpointWriter::is_current(const profile::Control& control, const Held& held,
                                const SetpointWrite& setpoint) const {
    if (!held.is_taken || held.wanted != setpoint.value || held.lease != setpoint.lease) return false;
    const Duration age = loop_.now() - held.written;
    if (control.repeat != Duration{} && age >= control.repeat) return false;
    return !control.falls_back_after_lease || age < setpoint.lease / 2;
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

Result<std::vector<SetpointWriter::Write>> SetpointWriter::prepare(const std::vector<WriteStep>& steps,
                                                                   const SetpointWrite& setpoint,
                                                                   const Held& held) const {
    std::vector<Write> writes;
    for (const WriteStep& step : steps) {
        BUSBAR_TRY(const profile::Words words, words_for(step, setpoint, held));
        writes.push_back({&step, words});
    }
    return writes;
}

Task<Status> SetpointWriter::send(const std::vector<Write>& writes) const {
    for (std::size_t i = 0; i < writes.size();) {
        const std::uint16_t address = writes[i].step->to.offset;
        std::vector<std::uint16_t> words;
        do {
            const auto view = writes[i].words.view();
            words.insert(words.end(), view.begin(), view.end());
            ++i;
        } while (i < writes.size() && writes[i].step->join);
        const Status done = co_await unit_.write(address, words);
        if (!done) co_return done;
    }
    co_return ok();
}

Task<Status> SetpointWriter::take(const profile::Control& control, Held& held) {
    held.exponents.clear();
    held.last_words.clear();
    for (const WriteStep& step : control.write) {
        if (!step.encoding.exponent || held.exponents.contains(*step.encoding.exponent)) continue;
        const Result<bus::Registers> answer =
            co_await unit_.read(profile::Table::holding, *step.encoding.exponent, 1, bus::Urgency::setpoint);
        if (!answer) co_return answer.error();
        const int exponent = static_cast<std::int16_t>(answer->words[0]);
        if (exponent < -10 || exponent > 10)
            co_return fail(Errc::unsupported,
                           fmt::format("the scale factor in holding {} is not implemented by this device",
                                       *step.encoding.exponent));
        held.exponents[*step.encoding.exponent] = exponent;
    }
    const SetpointWrite none;
    const auto before = prepare(control.before, none, held);
    if (!before) co_return before.error();
    co_return co_await send(*before);
}

// Compares what stands in the device with what was written, and learns the value in force.
Task<Status> SetpointWriter::read_back(const std::vector<Write>& writes, const SetpointWrite& setpoint,
                                       Held& held) const {
    std::vector<profile::Point> registers;
    std::vector<std::uint16_t> which;
    for (const Write& write : writes) {
        profile::Point point;
        point.at = write.step->to;
        point.encoding.type = write.step->encoding.type;
        registers.push_back(point);
        if (write.step->verify) which.push_back(static_cast<std::uint16_t>(registers.size() - 1));
    }
    for (const profile::ReadRequest& request : profile::plan_reads(registers, which, profile_->bus)) {
        const Result<bus::Registers> answer =
            co_await unit_.read(request.table, request.first, request.count, bus::Urgency::setpoint);
        if (!answer) co_return answer.error();
        for (const std::uint16_t i : request.points) {
            const WriteStep& step = *writes[i].step;
            const auto found =
                answer->view().subspan(step.to.offset - request.first, profile::words_of(step.encoding.type));
            const auto wanted = writes[i].words.view();
            if (std::equal(found.begin(), found.end(), wanted.begin(), wanted.end())) continue;
            const int exponent = exponent_of(step, held.exponents);
            const auto written = profile::decode_words(step.encoding, wanted, exponent);
            const auto holds = profile::decode_words(step.encoding, found, exponent);
            if (carries_setpoint(step.value) && written && holds && is_close(*written, *holds, step, exponent)) {
                // The device rounded; what it holds is what is in force.
                std::copy(found.begin(), found.end(), held.last_words[step.to.offset].word.begin());
                continue;
            }
            co_return fail(Errc::refused, fmt::format("holding {}: wrote {:g} for a setpoint of {:g}, device holds {}",
                                                      step.to.offset, written.value_or(0), setpoint.value,
                                                      holds ? fmt::format("{:g}", *holds) : "nothing"));
        }
    }
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
    if (is_current(*control, held, setpoint)) co_return held.in_force;

    const bool is_refresh = !held.is_taken || held.wanted == setpoint.value;
    if (!held.is_taken) {
        const Status taken = co_await take(*control, held);
        if (!taken) co_return taken.error();
    }
    held.is_taken = false;  // until all of it is confirmed
    Result<std::vector<Write>> writes = prepare(control->write, setpoint, held);
    if (!writes) co_return writes.error();
    // A new value need not repeat what already stands in its register; the last step is what makes the device look.
    std::vector<Write> due;
    for (std::size_t i = 0; i < writes->size(); ++i) {
        const Write& write = (*writes)[i];
        const auto before = held.last_words.find(write.step->to.offset);
        const bool stands = before != held.last_words.end() && same(before->second, write.words);
        const bool is_joined = write.step->join || (i + 1 < writes->size() && (*writes)[i + 1].step->join);
        if (is_refresh || !stands || is_joined || i + 1 == writes->size()) due.push_back(write);
    }
    const Status sent = co_await send(due);
    if (!sent) co_return sent.error();
    for (const Write& write : due) held.last_words[write.step->to.offset] = write.words;
    const Status checked = co_await read_back(due, setpoint, held);
    if (!checked) co_return checked.error();

    double in_force = 0;
    for (const WriteStep& step : control->write) {
        if (!carries_setpoint(step.value)) continue;
        const auto shown = profile::decode_words(step.encoding, held.last_words[step.to.offset].view(),
                                                 exponent_of(step, held.exponents));
        double value = shown.value_or(0);
        if (step.percent_of) value *= last_good_(*step.percent_of).value_or(0) / 100;
        in_force += step.value == StepValue::negative_part ? -value : value;
    }
    held.is_taken = true;
    held.wanted = setpoint.value;
    held.in_force = in_force;
    held.lease = setpoint.lease;
    held.written = loop_.now();
    co_return in_force;
}

Task<Status> SetpointWriter::release(model::RoleKey role) {
    const profile::Control* control = find(role);
    if (control == nullptr) co_return fail(Errc::unsupported, to_string(role) + " is not among this device's controls");
    Held& held = held_[role];
    held.is_taken = false;
    const SetpointWrite none{role, 0, standard_lease};
    const Result<std::vector<Write>> writes = prepare(control->release, none, held);
    if (!writes) co_return writes.error();
    const Status sent = co_await send(*writes);
    if (!sent) co_return sent;
    co_return co_await read_back(*writes, none, held);
}

Fallback SetpointWriter::fallback(model::RoleKey role) const {
    Fallback fallback;
    const profile::Control* control = find(role);
    if (control == nullptr) return fallback;
    fallback.reverts = control->falls_back_after.has_value() || control->falls_back_after_lease;
    fallback.to = control->falls_back_to;
    const auto held = held_.find(role);
    const bool has_lease = held != held_.end() && held->second.lease > Duration{};
    if (control->falls_back_after)
        fallback.after = *control->falls_back_after;
    else if (control->falls_back_after_lease)
        fallback.after = has_lease ? held->second.lease : standard_lease;
    return fallback;
}

}  // namespace busbar::device
