// How a simulated device obeys: its control registers, what they express together, and how long it holds.
#include <algorithm>
#include <array>
#include <cmath>

#include "plant/devices/simulated_device.hpp"
#include "profile/codec/decode.hpp"

namespace busbar::plant {
namespace {

using profile::StepValue;
using profile::Table;
using profile::WriteStep;

bool touches(const WriteStep& step, std::uint16_t address, std::uint16_t count) {
    return step.to.offset < std::uint32_t{address} + count &&
           address < std::uint32_t{step.to.offset} + words_of(step.encoding.type);
}
bool touches(const std::vector<WriteStep>& program, std::uint16_t address, std::uint16_t count) {
    return std::ranges::any_of(program, [&](const WriteStep& s) { return touches(s, address, count); });
}

}  // namespace

// As delivered: nothing is controlled, limits are open.
void SimulatedDevice::reset_controls() {
    for (const auto& control : profile_.controls) {
        for (const auto* program : {&control.before, &control.write, &control.release})
            for (const auto& step : *program) {
                registers_.map(step.to.table, step.to.offset, words_of(step.encoding.type));
                for (std::uint16_t i = 0; i < words_of(step.encoding.type); ++i) {
                    const auto at = static_cast<std::uint16_t>(step.to.offset + i);
                    writable_[at] = true;
                    // Setpoints can run out in this device; a register that shows "not implemented" would deny it.
                    if (step.value == StepValue::lease) registers_.set(Table::holding, at, 0);
                    if (!step.encoding.exponent) continue;
                    registers_.set(Table::holding, at, 0);
                    // A scale factor no point has set: tenths for percent, whole units otherwise.
                    const bool is_percent = info(control.role.role).unit == model::Unit::percent || step.percent_of;
                    const auto factor = *step.encoding.exponent;
                    if (!registers_.has(Table::holding, factor) || registers_.get(Table::holding, factor) == 0xFFFF)
                        registers_.set(Table::holding, factor, is_percent ? 0xFFFF : 0);  // -1 or 0
                }
            }
        run_constants(control.release);
    }
    engaged_.assign(engaged_.size(), false);
}

void SimulatedDevice::run_constants(const std::vector<WriteStep>& program) {
    for (const auto& step : program) {
        if (step.value != StepValue::constant) continue;
        if (auto words = encode_raw(step.encoding.type, step.encoding.words, step.constants[0]))
            registers_.set({step.to.table, step.to.offset, *words});
    }
}

void SimulatedDevice::tick() {
    for (std::size_t i = 0; i < engaged_.size(); ++i) {
        const auto& control = profile_.controls[i];
        if (!engaged_[i] || view_.in_force(control.role.role) || fault_ == FaultKind::disobeying) continue;
        engaged_[i] = false;
        run_constants(control.release);
    }
}

bool SimulatedDevice::is_acceptable(const RegisterFile& after, std::uint16_t address, std::uint16_t count) const {
    for (const auto& control : profile_.controls)
        for (const auto& step : control.write) {
            const bool is_value = step.value == StepValue::setpoint || step.value == StepValue::positive_part ||
                                  step.value == StepValue::negative_part;
            if (!is_value || control.min >= control.max || !touches(step, address, count)) continue;
            const auto value = step_value(after, step);
            const double least = step.value == StepValue::setpoint ? control.min : 0;
            const double most = step.value == StepValue::negative_part ? -control.min : control.max;
            const double slack = 1e-9 * std::abs(most);
            if (!value || *value < least - slack || *value > most + slack) return false;
        }
    return true;
}

std::optional<double> SimulatedDevice::step_value(const RegisterFile& file, const WriteStep& step) const {
    std::array<std::uint16_t, 4> words{};
    const auto count = words_of(step.encoding.type);
    for (std::uint16_t i = 0; i < count; ++i)
        words[i] = file.get(step.to.table, static_cast<std::uint16_t>(step.to.offset + i));
    const int exponent =
        step.encoding.exponent ? static_cast<std::int16_t>(file.get(Table::holding, *step.encoding.exponent)) : 0;
    auto value = decode_words(step.encoding, std::span(words).first(count), exponent);
    if (value && step.percent_of) {
        const auto whole = view_.value(*step.percent_of);
        if (!whole) return std::nullopt;
        *value *= *whole / 100;
    }
    return value;
}

bool SimulatedDevice::constants_stand(const std::vector<WriteStep>& program) const {
    return std::ranges::all_of(program, [&](const WriteStep& step) {
        if (step.value != StepValue::constant) return true;
        const auto words = encode_raw(step.encoding.type, step.encoding.words, step.constants[0]);
        for (std::uint16_t i = 0; words && i < words->count; ++i)
            if (registers_.get(step.to.table, static_cast<std::uint16_t>(step.to.offset + i)) != words->word[i])
                return false;
        return words.has_value();
    });
}

// The setpoint the registers express: a signed value, or one register per direction, chosen by a sign register if there
// is one.
std::optional<double> SimulatedDevice::wanted(const RegisterFile& file, const profile::Control& control) const {
    std::optional<double> value, positive, negative;
    std::optional<int> sign;
    for (const auto& step : control.write) {
        if (step.value == StepValue::setpoint) value = step_value(file, step);
        if (step.value == StepValue::positive_part) positive = step_value(file, step);
        if (step.value == StepValue::negative_part) negative = step_value(file, step);
        if (step.value != StepValue::by_sign) continue;
        // 0 and one direction may share a code: the direction counts, its power is 0 then.
        for (const int s : {1, 0, 2}) {
            const auto words = encode_raw(step.encoding.type, step.encoding.words, step.constants[s]);
            bool stands = words.has_value();
            for (std::uint16_t i = 0; stands && i < words->count; ++i)
                stands = file.get(step.to.table, static_cast<std::uint16_t>(step.to.offset + i)) == words->word[i];
            if (stands) sign = s - 1;
        }
        if (!sign) return std::nullopt;
    }
    if (value) return sign ? *sign * std::abs(*value) : *value;
    if (!positive && !negative) return std::nullopt;
    if (sign) return *sign > 0 ? positive.value_or(0) : *sign < 0 ? -negative.value_or(0) : 0;
    return positive.value_or(0) - negative.value_or(0);
}

double SimulatedDevice::lease_s(const profile::Control& control) const {
    for (const auto* program : {&control.before, &control.write})
        for (const auto& step : *program) {
            if (step.value != StepValue::lease) continue;
            const auto seconds = step_value(registers_, step);
            return seconds && *seconds > 0 ? *seconds : RemoteValue::for_ever;
        }
    return control.falls_back_after ? to_seconds(*control.falls_back_after) : RemoteValue::for_ever;
}

void SimulatedDevice::obey(std::size_t i, std::uint16_t address, std::uint16_t count) {
    const auto& control = profile_.controls[i];
    if (!touches(control.before, address, count) && !touches(control.write, address, count) &&
        !touches(control.release, address, count))
        return;
    const bool is_complete = !control.write.empty() && touches(control.write.back(), address, count);
    if (quirks().latches && !is_complete && !touches(control.release, address, count)) return;
    const auto role = control.role.role;
    const auto value = wanted(registers_, control);
    const bool is_released = !control.release.empty() && constants_stand(control.release);
    if (!value || is_released || !constants_stand(control.before) || !constants_stand(control.write)) {
        view_.release(role);
        engaged_[i] = false;
        return;
    }
    // The lease begins anew with the last step of the program, not with every register before it.
    const double left_s = engaged_[i] && !is_complete ? view_.left_s(role) : lease_s(control);
    engaged_[i] = view_.apply(role, *value, left_s);
}

}  // namespace busbar::plant
