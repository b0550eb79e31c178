#include <algorithm>

#include "profile/load/load_parts.hpp"
#include "profile/scan.hpp"

namespace busbar::profile {
namespace {

constexpr std::pair<std::string_view, StepValue> value_words[] = {{"setpoint", StepValue::setpoint},
                                                                  {"positive_part", StepValue::positive_part},
                                                                  {"negative_part", StepValue::negative_part},
                                                                  {"lease", StepValue::lease}};

void read_value(const Section& section, WriteStep& step) {
    if (const Node* by_sign = section.find("by_sign")) {
        step.value = StepValue::by_sign;
        bool is_good = by_sign->kind == Node::Kind::list && by_sign->items.size() == 3;
        for (std::size_t i = 0; is_good && i < 3; ++i) {
            const auto constant = scan_integer(by_sign->items[i].text);
            is_good = constant.has_value();
            step.constants[i] = constant.value_or(0);
        }
        if (!is_good) section.problem("by_sign", "expected three numbers: [below zero, zero, above zero]");
        if (section.find("value") != nullptr) section.problem("value", "a step has either 'value' or 'by_sign'");
        return;
    }
    const auto text = section.required_text("value");
    if (!text) return;
    for (const auto& [word, value] : value_words)
        if (*text == word) step.value = value;
    if (step.value != StepValue::constant) return;
    const auto constant = scan_integer(*text);
    if (constant)
        step.constants[0] = *constant;
    else
        section.problem("value", "expected a number, setpoint, positive_part, negative_part or lease");
}

// Lease registers count seconds or minutes; scale turns raw into seconds.
void read_lease_unit(const Section& section, Scale& scale) {
    const auto unit = section.required_text("unit").value_or("");
    if (unit == "s")
        scale = {1, 1};
    else if (unit == "min")
        scale = {60, 1};
    else if (unit == "ms")
        scale = {1, 1000};
    else
        section.problem("unit", "a lease counts in ms, s or min");
}

void read_percent_of(const Section& section, WriteStep& step) {
    const auto text = section.text("percent_of");
    step.percent_of = text ? model::parse_role(*text) : std::nullopt;
    if (!step.percent_of) section.problem("percent_of", "expected the role of a point in W, as in ac.power.rated");
    const auto unit = scan_unit(section.required_text("unit").value_or("?"));
    if (unit && unit->unit == model::Unit::percent)
        step.encoding.scale = unit->scale;
    else
        section.problem("unit", "with 'percent_of' the register counts in \"%\", with a factor if needed (\"0.1 %\")");
}

std::optional<WriteStep> read_step(const Node& node, RoleKey role, const Defaults& defaults, Report& report) {
    const Section section(node, report, to_string(role),
                          {"to", "type", "words", "unit", "sign", "exponent", "value", "by_sign", "percent_of", "join",
                           "verify", "optional"});
    if (node.kind != Node::Kind::map) return std::nullopt;
    const auto addresses = read_addresses(section, "to");
    auto encoding = read_encoding(section, defaults, ValueType::u16);
    if (addresses.empty() || !encoding) return std::nullopt;
    WriteStep step;
    step.to = addresses.front();
    step.encoding = std::move(*encoding);
    step.line = node.line;
    read_value(section, step);
    if (addresses.size() > 1) section.problem("to", "a write names one model");
    if (step.to.table != Table::holding) section.problem("to", "only holding registers can be written");
    if (step.value == StepValue::lease) {
        read_lease_unit(section, step.encoding.scale);
    } else if (step.value == StepValue::setpoint || step.value == StepValue::positive_part ||
               step.value == StepValue::negative_part) {
        if (section.find("percent_of") != nullptr)
            read_percent_of(section, step);
        else
            read_unit(section, role, step.encoding.scale);
        if (step.value == StepValue::setpoint)
            read_sign(section, role, step.encoding.scale);
        else if (section.find("sign") != nullptr)
            section.problem("sign", "a part has no sign: it is the amount above or below zero");
    } else if (section.find("unit") != nullptr) {
        section.problem("unit", "a constant is written as it stands; remove the unit");
    }
    step.join = section.flag("join").value_or(false);
    step.verify = section.flag("verify").value_or(true);
    step.is_optional = section.flag("optional").value_or(false);
    return step;
}

std::vector<WriteStep> read_steps(const Section& control, std::string_view key, RoleKey role,
                                  const Defaults& defaults) {
    std::vector<WriteStep> steps;
    const Node* node = control.find(key);
    if (node == nullptr) return steps;
    if (node->kind != Node::Kind::list || node->items.size() > 16)
        control.problem(key, "expected a list of 1 to 16 steps, as in [{to: holding 100, value: 1}]");
    for (const Node& item : node->items)
        if (auto step = read_step(item, role, defaults, control.report())) steps.push_back(std::move(*step));
    return steps;
}

void read_fallback(const Section& section, Control& control) {
    const auto after = section.required_text("falls_back_after");
    control.falls_back_to = section.text("falls_back_to").value_or("");
    if (!after || *after == "never") return;
    if (*after == "lease")
        control.falls_back_after_lease = true;
    else if (const auto duration = scan_duration(*after))
        control.falls_back_after = *duration;
    else
        section.problem("falls_back_after", "expected never, lease, or a time such as 60s");
    if (control.falls_back_to.empty()) section.problem("'falls_back_to' is missing; say what the device does then");
}

Control read_control(const Node& node, RoleKey role, const Defaults& defaults, Report& report) {
    Control control;
    control.role = role;
    control.line = node.line;
    const Section section(node, report, to_string(role),
                          {"before", "write", "release", "range", "repeat", "falls_back_after", "falls_back_to"});
    if (node.kind != Node::Kind::map) return control;
    control.before = read_steps(section, "before", role, defaults);
    control.write = read_steps(section, "write", role, defaults);
    control.release = read_steps(section, "release", role, defaults);
    if (const auto range = read_range(section)) {
        control.min = range->first;
        control.max = range->second;
    }
    if (const auto repeat = section.text("repeat")) {
        const auto duration = scan_duration(*repeat);
        if (duration && *duration >= std::chrono::seconds(1))
            control.repeat = *duration;
        else
            section.problem("repeat", "expected a time of at least 1s");
    }
    read_fallback(section, control);
    return control;
}

// "type: u16": a number in as many registers as it takes, instead of a text.
void read_number_of(const Section& section, const Defaults& defaults, TextRead& text) {
    auto encoding = read_encoding(section, defaults, std::nullopt);
    if (!encoding) return;
    if (encoding->type != ValueType::u16 && encoding->type != ValueType::u32)
        return section.problem("type", "expected u16 or u32; a text has none");
    for (const char* key : {"count", "starts_with"})
        if (section.find(key) != nullptr) section.problem(key, "belongs to texts; a number has 'type' and 'codes'");
    text.count = words_of(encoding->type);
    text.number = std::move(encoding);
    text.codes = read_names(section, "codes", 0xFFFFFFFF);
}

TextRead read_text(const Section& section, const Defaults& defaults) {
    TextRead text;
    text.line = section.line();
    const auto addresses = read_addresses(section, "read");
    if (!addresses.empty()) text.at = addresses.front();
    if (section.find("type") != nullptr) {
        read_number_of(section, defaults, text);
        return text;
    }
    if (section.find("codes") != nullptr) section.problem("codes", "needs 'type': what kind of number they are");
    if (const auto count = section.integer("count", 1, 32))
        text.count = static_cast<std::uint16_t>(*count);
    else if (section.find("count") == nullptr)
        section.problem("'count' is missing; how many registers has the text?");
    if (const Node* starts = section.find("starts_with")) {
        if (starts->kind == Node::Kind::scalar) text.starts_with.push_back(starts->text);
        for (const Node& item : starts->items) text.starts_with.push_back(item.text);
        for (const std::string& start : text.starts_with)
            if (start.empty() || start.size() > 64)
                section.problem("starts_with", "expected texts of 1 to 64 characters");
    }
    return text;
}

void read_check(const Node& node, const Defaults& defaults, Report& report, std::vector<Check>& checks) {
    const Section section(node, report, "identify: checks",
                          {"read", "type", "words", "unit", "exponent", "range", "what"});
    if (node.kind != Node::Kind::map) return;
    const auto addresses = read_addresses(section, "read");
    const auto encoding = read_encoding(section, defaults, std::nullopt);
    const auto range = read_range(section);
    if (addresses.empty() || !encoding || !range) return;
    Check check{addresses.front(), *encoding, range->first, range->second, section.required_text("what").value_or(""),
                node.line};
    if (const auto unit = section.text("unit")) {
        const auto scale = scan_unit(*unit);
        if (scale)
            check.encoding.scale = scale->scale;
        else
            section.problem("unit", "not understood; use for example \"0.01 Hz\"");
    }
    checks.push_back(std::move(check));
}

}  // namespace

std::vector<Control> read_controls(const Node& node, const Defaults& defaults, Report& report) {
    std::vector<Control> controls;
    if (node.kind != Node::Kind::map) report.add(node.line, "controls: expected 'role: {write: ...}' lines");
    for (const Entry& entry : node.entries) {
        const auto role = read_role(entry, "controls", report);
        if (!role) continue;
        if (model::info(role->role).kind != model::RoleKind::setpoint)
            report.add(entry.line, fmt::format("controls: {} is no setpoint; setpoints end in '.set'", entry.key));
        else
            controls.push_back(read_control(entry.value, *role, defaults, report));
    }
    return controls;
}

Identify read_identify(const Node& node, const Defaults& defaults, Report& report) {
    Identify identify;
    const Section section(node, report, "identify", {"maker", "model", "serial", "firmware", "checks"});
    if (node.kind != Node::Kind::map) return identify;
    const auto text_of = [&](std::string_view key, std::optional<TextRead>& text) {
        const Node* value = section.find(key);
        if (value == nullptr) return;
        const Section part(*value, report, fmt::format("identify: {}", key),
                           {"read", "count", "starts_with", "type", "words", "invalid", "codes"});
        if (value->kind == Node::Kind::map) text = read_text(part, defaults);
    };
    const Node* maker = section.find("maker");
    if (maker != nullptr && maker->kind == Node::Kind::scalar)
        identify.maker = section.text("maker").value_or("").substr(0, 64);
    else
        text_of("maker", identify.maker_text);
    text_of("model", identify.model);
    text_of("serial", identify.serial);
    text_of("firmware", identify.firmware);
    if (const Node* checks = section.find("checks"))
        for (const Node& item : checks->items) read_check(item, defaults, report, identify.checks);
    return identify;
}

}  // namespace busbar::profile
