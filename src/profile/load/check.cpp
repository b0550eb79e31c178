#include <algorithm>

#include "profile/codec/encode.hpp"
#include "profile/load/load_parts.hpp"

namespace busbar::profile {
namespace {

void check_model(const Profile& profile, const std::string& what, std::uint16_t model, std::uint32_t last, int line,
                 Report& report) {
    const auto add = [&](const std::string& text) { report.add(line, what + ": " + text); };
    if (!profile.sunspec)
        return add("is given by SunSpec model, but the profile has no 'sunspec' part; add it or use 'holding N'");
    const auto& models = profile.sunspec->models;
    const auto known =
        std::find_if(models.begin(), models.end(), [&](const ModelLength& m) { return m.model == model; });
    if (known == models.end())
        add(fmt::format("model {} is not listed under sunspec: models; add 'model: length'", model));
    else if (known->group == 0 && last >= known->length + 2u)
        add(fmt::format("offset {} lies beyond model {} (length {} + 2)", last, model, known->length));
}

// One rule after another over the finished profile.
class Checker {
public:
    Checker(const Profile& profile, Report& report) : profile_(profile), report_(report) {}

    void run() {
        for (const Point& point : profile_.points) check_point(point);
        check_overlaps();
        check_same_role();
        check_shared_exponents();
        for (const Control& control : profile_.controls) check_control(control);
        const Identify& identify = profile_.identify;
        for (const auto* text : {&identify.maker_text, &identify.model, &identify.serial, &identify.firmware})
            if (*text)
                check_reach("identify", (*text)->at, (*text)->at.offset, (*text)->at.offset + (*text)->count - 1u,
                            (*text)->line);
        for (const Check& c : identify.checks)
            check_reach("identify", c.at, c.at.offset, c.at.offset + words_of(c.encoding.type) - 1u, c.line);
        const bool has_model = identify.model && !identify.model->number;  // a number may be missing
        const bool says_who = has_model || !identify.checks.empty() || profile_.sunspec;
        if (!says_who)
            report_.add(1,
                        "identify: names neither a 'model' text nor a check; add one, or a wrong device would be taken "
                        "for this one");
    }

private:
    void add(int line, const std::string& what, const std::string& text) { report_.add(line, what + ": " + text); }

    void check_reach(const std::string& what, const Address& at, std::uint32_t first, std::uint32_t last, int line) {
        profile::check_reach(profile_, what, at, first, last, line, report_);
    }

    void check_point(const Point& point) {
        const std::string what = to_string(point.role);
        // An exponent too far for one answer is read when the device is opened.
        const bool is_far = point.at.model != 0 && has_far_exponent(point, profile_.bus);
        if (is_far) check_model(profile_, what, point.at.model, *point.encoding.exponent, point.line, report_);
        const Span span = span_of(is_far ? with_exponent(point, 0) : point);
        // A value's own width is checked in 32 bits: span_of() would wrap at the end of the address space.
        const std::uint32_t width = words_of(point.encoding.type);
        const std::uint32_t last = std::max<std::uint32_t>(
            {span.last, point.at.offset + width - 1, point.less ? *point.less + width - 1 : 0u});
        check_reach(what, point.at, span.first, last, point.line);
        const auto covers = [&](std::uint32_t begin, std::uint32_t reg) { return reg >= begin && reg < begin + width; };
        if (point.encoding.exponent && (covers(point.at.offset, *point.encoding.exponent) ||
                                        (point.less && covers(*point.less, *point.encoding.exponent))))
            add(point.line, what, "the exponent register is part of the value; correct one of them");
    }

    struct Use {
        Address at;
        std::uint32_t last;
        const Point* point;
    };
    void check_overlaps() {
        std::vector<Use> uses;
        for (const Point& point : profile_.points) {
            const std::uint32_t more = words_of(point.encoding.type) - 1u;
            uses.push_back({point.at, point.at.offset + more, &point});
            if (point.less) uses.push_back({{point.at.table, *point.less, point.at.model}, *point.less + more, &point});
        }
        const auto key = [](const Use& u) { return std::tuple(u.at.table, u.at.model, u.at.offset); };
        std::sort(uses.begin(), uses.end(), [&](const Use& a, const Use& b) { return key(a) < key(b); });
        for (std::size_t i = 1; i < uses.size(); ++i) {
            const Use &before = uses[i - 1], &after = uses[i];
            if (before.at.table != after.at.table || before.at.model != after.at.model || before.last < after.at.offset)
                continue;
            const bool swapped = before.point->line > after.point->line;
            const Point &first = swapped ? *after.point : *before.point,
                        &second = swapped ? *before.point : *after.point;
            add(second.line, to_string(second.role),
                fmt::format("{} also belongs to {} (line {}); a register has one meaning, correct one of them",
                            place_of(after.at), to_string(first.role), first.line));
        }
    }

    void check_same_role() {
        for (std::size_t i = 0; i < profile_.points.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) {
                const Point &a = profile_.points[j], &b = profile_.points[i];
                if (a.role == b.role && (a.at.model == 0 || a.at.model == b.at.model))
                    add(b.line, to_string(b.role),
                        fmt::format("stands twice (first in line {}); alternatives must name different SunSpec models",
                                    a.line));
            }
    }

    // A simulated device writes one exponent per register, so whoever shares it must agree on it.
    void check_shared_exponents() {
        for (const Point& a : profile_.points)
            for (const Point& b : profile_.points)
                if (&a < &b && a.encoding.exponent && a.encoding.exponent == b.encoding.exponent &&
                    a.at.model == b.at.model && a.at.table == b.at.table && typical_exponent(a) != typical_exponent(b))
                    add(b.line, to_string(b.role),
                        fmt::format("shares its exponent register with {} (line {}) but not its resolution; give both "
                                    "the same 'resolution'",
                                    to_string(a.role), a.line));
    }

    void check_step(const Control& control, const WriteStep& step, const WriteStep* before) {
        const std::string what = to_string(control.role);
        const std::uint32_t last = step.to.offset + words_of(step.encoding.type) - 1u;
        check_reach(what, step.to, step.to.offset, last, step.line);
        const int constants = step.value == StepValue::by_sign ? 3 : step.value == StepValue::constant ? 1 : 0;
        for (int i = 0; i < constants; ++i)
            if (const auto words = encode_raw(step.encoding.type, step.encoding.words, step.constants[i]); !words)
                add(step.line, what, words.error().text + "; correct value or type");
        if (step.join && (before == nullptr || before->to.model != step.to.model ||
                          before->to.offset + words_of(before->encoding.type) != step.to.offset))
            add(step.line, what, "'join' needs the step before it to end right before this register");
        const bool carries = step.value == StepValue::setpoint || step.value == StepValue::positive_part ||
                             step.value == StepValue::negative_part;
        if (step.is_optional && (carries || step.join))
            add(step.line, what, "a step that carries the setpoint or is joined to another cannot be optional");
        if (!step.percent_of) return;
        const bool is_known = std::any_of(profile_.points.begin(), profile_.points.end(),
                                          [&](const Point& p) { return p.role == *step.percent_of; });
        if (!is_known || model::info(step.percent_of->role).unit != model::Unit::watt)
            add(step.line, what,
                fmt::format("percent_of: {} is no point of this profile in W; add the point",
                            to_string(*step.percent_of)));
    }

    void check_control(const Control& control) {
        const std::string what = to_string(control.role);
        for (const auto* steps : {&control.before, &control.write, &control.release})
            for (std::size_t i = 0; i < steps->size(); ++i)
                check_step(control, (*steps)[i], i == 0 ? nullptr : &(*steps)[i - 1]);
        const auto count = [](const std::vector<WriteStep>& steps, StepValue value) {
            return std::count_if(steps.begin(), steps.end(), [&](const WriteStep& s) { return s.value == value; });
        };
        const auto whole = count(control.write, StepValue::setpoint),
                   above = count(control.write, StepValue::positive_part),
                   below = count(control.write, StepValue::negative_part);
        if (!(whole == 1 && above == 0 && below == 0) && !(whole == 0 && above == 1 && below == 1))
            add(control.line, what,
                "'write' must hold one step with value: setpoint, or one positive_part and one negative_part");
        for (const auto* steps : {&control.before, &control.release})
            for (const WriteStep& step : *steps)
                if (step.value != StepValue::constant)
                    add(step.line, what, "'before' and 'release' write constants only");
        if (control.release.empty())
            add(control.line, what, "'release' is missing; say how control goes back to the device");
        if (control.falls_back_after_lease && count(control.write, StepValue::lease) != 1)
            add(control.line, what, "falls_back_after: lease needs one step with value: lease");
        if (control.falls_back_after && (control.repeat == Duration{} || control.repeat >= *control.falls_back_after))
            add(control.line, what,
                "'repeat' must be shorter than falls_back_after, or the device falls back while it is wanted");
        const model::RoleInfo& role = model::info(control.role.role);
        if (control.min < role.min || control.max > role.max)
            add(control.line, what,
                fmt::format("range leaves what the role allows ({} to {} {})", role.min, role.max,
                            model::to_string(role.unit)));
    }

    const Profile& profile_;
    Report& report_;
};

}  // namespace

std::string place_of(const Address& at) {
    if (at.model != 0) return fmt::format("model {} offset {}", at.model, at.offset);
    return fmt::format("{} {}", to_string(at.table), at.offset);
}

void check_reach(const Profile& profile, const std::string& what, const Address& at, std::uint32_t first,
                 std::uint32_t last, int line, Report& report) {
    const BusRules& bus = profile.bus;
    const auto add = [&](const std::string& text) { report.add(line, what + ": " + text); };
    const std::uint32_t align = at.model == 0 ? bus.align : 1u;
    const std::uint32_t begin = first / align * align, end = (last / align + 1) * align - 1;
    const auto fits_answer = [&] {
        if (end - begin + 1 > bus.max_registers)
            add(fmt::format("needs {} registers in one answer, bus.max_registers is {}", end - begin + 1,
                            bus.max_registers));
    };
    if (at.model != 0) {
        check_model(profile, what, at.model, last, line, report);
        return fits_answer();
    }
    if (profile.sunspec) add(fmt::format("{} is absolute; in a SunSpec profile give 'model N offset M'", place_of(at)));
    if (last > 0xFFFF)
        return add(
            fmt::format("{} with {} registers ends beyond 65535; correct the address", place_of(at), last - first + 1));
    fits_answer();
    if (bus.block != 0 && begin / bus.block != end / bus.block)
        add(fmt::format("{} crosses a block of {} registers (bus.block); correct the address", place_of(at),
                        bus.block));
    for (const RegisterRange& range : bus.forbidden)
        if (range.table == at.table && range.first <= end && range.last >= begin)
            add(fmt::format("{} lies in the forbidden registers {} to {}", place_of(at), range.first, range.last));
}

void check(const Profile& profile, Report& report) {
    Checker(profile, report).run();
    check_controls(profile, report);
    check_settings(profile, report);
    check_clock(profile, report);
    check_upgrade(profile, report);
}

}  // namespace busbar::profile
