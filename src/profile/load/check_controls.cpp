#include <fmt/format.h>

#include <algorithm>

#include "profile/load/load_parts.hpp"

namespace busbar::profile {
namespace {

using Steps = std::vector<WriteStep>;

bool is_constant(const WriteStep& step) { return step.value == StepValue::constant; }
bool carries_setpoint(const WriteStep& step) {
    return step.value == StepValue::setpoint || step.value == StepValue::positive_part ||
           step.value == StepValue::negative_part;
}
bool overlap(const WriteStep& a, const WriteStep& b) {
    return a.to.model == b.to.model && a.to.table == b.to.table &&
           a.to.offset < b.to.offset + words_of(b.encoding.type) &&
           b.to.offset < a.to.offset + words_of(a.encoding.type);
}
bool touches(const Steps& steps, const WriteStep& step) {
    return std::ranges::any_of(steps, [&](const WriteStep& one) { return overlap(one, step); });
}

class ControlChecker {
public:
    ControlChecker(const Profile& profile, Report& report) : profile_(profile), report_(report) {}

    void run() {
        for (auto a = profile_.controls.begin(); a != profile_.controls.end(); ++a) {
            for (auto b = profile_.controls.begin(); b != a; ++b) check_apart(*a, *b);
            check_lets_go(*a);
        }
    }

private:
    // Two controls may share a register only where it means the same to both: a switch that each sets to one and the
    // same value while it is in charge. Anything else is one command written over another.
    void check_apart(const Control& control, const Control& other) {
        for (const Steps* steps : {&control.before, &control.write, &control.release})
            for (const WriteStep& step : *steps)
                for (const Steps* its : {&other.before, &other.write, &other.release})
                    for (const WriteStep& one : *its) {
                        const bool is_same_switch = is_constant(step) && is_constant(one) && step.to == one.to &&
                                                    step.constants[0] == one.constants[0];
                        if (overlap(step, one) && !is_same_switch)
                            return report_.add(
                                step.line,
                                fmt::format("{}: {} is also written by {} (line {}); one of them would write over "
                                            "the other's command, correct the register",
                                            to_string(control.role), place_of(step.to), to_string(other.role),
                                            one.line));
                    }
    }

    // A release that leaves alone what was written lets go of nothing: the register that carries the setpoint, or a
    // switch that was set for it.
    void check_lets_go(const Control& control) {
        if (control.release.empty()) return;  // told elsewhere
        const bool clears_all = std::ranges::all_of(control.write, [&](const WriteStep& step) {
            return !carries_setpoint(step) || touches(control.release, step);
        });
        const auto is_switched_off = [&](const WriteStep& off) {
            const auto was_set = [&](const WriteStep& step) {
                return step.to == off.to && !carries_setpoint(step) &&
                       !(is_constant(step) && step.constants[0] == off.constants[0]);
            };
            return std::ranges::any_of(control.before, was_set) || std::ranges::any_of(control.write, was_set);
        };
        if (!clears_all && std::ranges::none_of(control.release, is_switched_off))
            report_.add(control.release.front().line,
                        fmt::format("{}: 'release' writes none of the registers that control sets, so the device would "
                                    "keep the last command; write the one with the setpoint, or its switch",
                                    to_string(control.role)));
    }

    const Profile& profile_;
    Report& report_;
};

}  // namespace

void check_controls(const Profile& profile, Report& report) { ControlChecker(profile, report).run(); }

}  // namespace busbar::profile
