// The part `settings` of a profile: what an installer sets in the device and the device keeps.
#include <algorithm>
#include <cmath>

#include "profile/codec/encode.hpp"
#include "profile/load/load_parts.hpp"
#include "profile/scan.hpp"

namespace busbar::profile {
namespace {

constexpr std::size_t max_settings = 100, max_choices = 600, max_unlock_steps = 4;

// Units that no point has. Values of settings are shown as the device counts them.
constexpr std::string_view more_units[] = {"ms", "s",   "min", "h",     "Ah",      "mAh",     "ohm", "kohm",
                                           "VA", "kVA", "%/s", "%/min", "imp/kWh", "min UTC", "K",   "°"};

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= 40 && key.front() >= 'a' && key.front() <= 'z' &&
           key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

// "0.1 kW" is shown in W as every power is; "min" stays what it is.
void read_setting_unit(const Section& section, Setting& setting) {
    const auto text = section.text("unit");
    if (!text) return;
    if (const auto known = scan_unit(*text)) {
        setting.encoding.scale = known->scale;
        setting.unit = model::to_string(known->unit);
        return;
    }
    const auto blank = text->find(' ');
    const auto factor = blank == std::string::npos ? std::nullopt : scan_decimal(text->substr(0, blank));
    const std::string name = factor ? text->substr(blank + 1) : *text;
    for (const std::string_view unit : more_units)
        if (name == unit) {
            setting.unit = name;
            if (factor) setting.encoding.scale = *factor;
            return;
        }
    section.problem("unit", fmt::format("'{}' is not understood; use a unit of the points, one of {}, or a factor",
                                        text->substr(0, 40), fmt::join(more_units, ", ")));
}

void read_choices(const Section& section, Setting& setting) {
    const Node* node = section.find("choices");
    if (node == nullptr) return;
    for (const char* key : {"unit", "range", "step"})
        if (section.find(key) != nullptr) section.problem(key, "a setting with 'choices' has none; remove it");
    for (const Entry& e : node->entries) {
        const auto code = scan_integer(e.key);
        const bool is_text = e.value.kind == Node::Kind::scalar && !e.value.text.empty() && e.value.text.size() <= 80;
        if (code && is_text)
            setting.choices.push_back({*code, e.value.text});
        else
            section.report().add(e.line, fmt::format("{}: choices: expected 'number: words'", section.what()));
    }
    if (setting.choices.empty() || setting.choices.size() > max_choices)
        section.problem("choices", fmt::format("expected 1 to {} 'number: words' pairs", max_choices));
}

void read_limits(const Section& section, Setting& setting) {
    const auto range = read_range(section);
    if (!range) return;
    setting.min = range->first;
    setting.max = range->second;
    const Encoding& e = setting.encoding;
    if (!is_float(e.type)) setting.step = e.exponent ? 1 : std::fabs(e.scale.multiply) / e.scale.divide;
    const auto text = section.text("step");
    if (!text) return;
    if (const auto step = scan_decimal(*text))
        setting.step = step->multiply / step->divide;
    else
        section.problem("step", "expected a number above 0 in the setting's unit, as in 0.5");
}

Access read_access(const Section& section) {
    const auto text = section.required_text("access");
    for (const Access access : {Access::owner, Access::installer, Access::nobody})
        if (text == to_string(access)) return access;
    if (text) section.problem("access", "expected owner, installer, or nobody for what is only shown");
    return Access::installer;
}

Setting read_setting(const Entry& entry, const Defaults& defaults, Report& report) {
    Setting setting;
    setting.key = entry.key;
    setting.line = entry.line;
    const Section section(entry.value, report, "settings: " + entry.key.substr(0, 40),
                          {"text", "at", "type", "words", "invalid", "exponent", "unit", "range", "step", "choices",
                           "access", "verify", "before", "applies", "danger"});
    if (entry.value.kind != Node::Kind::map) return setting;
    if (!is_key(entry.key))
        section.problem("a key is 1 to 40 small letters, digits and '_', beginning with a letter: feed_in_limit");
    setting.text = section.required_text("text").value_or("");
    if (setting.text.size() > 100)
        section.problem("text", "longer than 100 characters; what more there is belongs to 'danger'");
    const auto addresses = read_addresses(section, "at");
    auto encoding = read_encoding(section, defaults, ValueType::u16);
    if (addresses.empty() || !encoding) return setting;
    if (addresses.size() > 1) section.problem("at", "a setting names one model");
    setting.at = addresses.front();
    setting.encoding = std::move(*encoding);
    setting.access = read_access(section);
    if (setting.at.table != Table::holding && setting.access != Access::nobody)
        section.problem("at", "only holding registers can be written; give 'access: nobody' to what is only shown");
    read_setting_unit(section, setting);
    read_choices(section, setting);
    if (setting.choices.empty() && (setting.access != Access::nobody || section.find("range") != nullptr))
        read_limits(section, setting);
    setting.verify = section.flag("verify").value_or(true);
    setting.before = read_constant_steps(section, "before", max_unlock_steps, defaults);
    setting.applies = section.text("applies").value_or("");
    setting.danger = section.text("danger").value_or("");
    return setting;
}

bool overlap(const Address& a, std::uint16_t a_count, const Address& b, std::uint16_t b_count) {
    return a.table == b.table && a.model == b.model && a.offset < std::uint32_t{b.offset} + b_count &&
           b.offset < std::uint32_t{a.offset} + a_count;
}

// One rule after another over what is set, once everything is known.
class SettingChecker {
public:
    SettingChecker(const Profile& profile, Report& report) : profile_(profile), report_(report) {}

    void run() {
        for (const Setting& setting : profile_.settings) {
            what_ = "settings: " + setting.key;
            check_reach(setting);
            check_values(setting);
            if (setting.access != Access::nobody) check_writer(setting);
            check_meaning(setting);
        }
    }

private:
    void add(int line, const std::string& text) { report_.add(line, what_ + ": " + text); }

    void check_reach(const Setting& setting) {
        // Value and exponent come in one answer. Counted in 32 bits: a value may end beyond the address space.
        std::uint32_t first = setting.at.offset, last = first + words_of(setting.encoding.type) - 1;
        if (const auto& exponent = setting.encoding.exponent) {
            first = std::min<std::uint32_t>(first, *exponent);
            last = std::max<std::uint32_t>(last, *exponent);
        }
        profile::check_reach(profile_, what_, setting.at, first, last, setting.line, report_);
        for (const WriteStep& step : setting.before)
            profile::check_reach(profile_, what_, step.to, step.to.offset,
                                 step.to.offset + words_of(step.encoding.type) - 1u, step.line, report_);
    }

    // What is offered must fit the register.
    void check_values(const Setting& setting) {
        for (const Choice& choice : setting.choices)
            if (!encode_words(setting.encoding, static_cast<double>(choice.code)))
                add(setting.line, fmt::format("choice {} does not fit a {} register; correct it or the type",
                                              choice.code, to_string(setting.encoding.type)));
        if (!setting.choices.empty() || setting.min >= setting.max) return;
        const Encoding& e = setting.encoding;
        if (!e.exponent)
            for (const double end : {setting.min, setting.max})
                if (const auto words = encode_words(e, end); !words)
                    add(setting.line, "range: " + words.error().text + "; correct range, unit or type");
        if (setting.step > setting.max - setting.min) add(setting.line, "step: is wider than the range; correct one");
        const double count = std::fabs(e.scale.multiply) / e.scale.divide;
        const double counts = setting.step / count;
        if (setting.step > 0 && !is_float(e.type) && !e.exponent && std::fabs(counts - std::round(counts)) > 1e-6)
            add(setting.line, fmt::format("step: one count of the register is {:g}; use a multiple of it", count));
    }

    void check_writer(const Setting& setting) {
        check_only_writer(profile_, what_, setting.at, words_of(setting.encoding.type), setting.line, &setting,
                          report_);
        for (const WriteStep& step : setting.before)
            check_only_writer(profile_, what_, step.to, words_of(step.encoding.type), step.line, nullptr, report_);
    }

    // A register that is also a point is the same number, not a part of it.
    void check_meaning(const Setting& setting) {
        for (const Point& point : profile_.points)
            if (overlap(setting.at, words_of(setting.encoding.type), point.at, words_of(point.encoding.type)) &&
                (setting.at != point.at || setting.encoding.type != point.encoding.type))
                add(setting.line, fmt::format("{} overlaps {} (line {}) and is read differently; correct one of them",
                                              place_of(setting.at), to_string(point.role), point.line));
    }

    const Profile& profile_;
    Report& report_;
    std::string what_;
};

}  // namespace

void check_only_writer(const Profile& profile, const std::string& what, const Address& at, std::uint16_t count,
                       int line, const Setting* mine, Report& report) {
    const auto report_writer = [&](const std::string& writer, int its_line) {
        report.add(line,
                   fmt::format("{}: {} is also written by {} (line {}); a register has one writer, remove this one",
                               what, place_of(at), writer, its_line));
    };
    for (const Control& control : profile.controls)
        for (const auto* steps : {&control.before, &control.write, &control.release})
            for (const WriteStep& step : *steps)
                if (overlap(at, count, step.to, words_of(step.encoding.type)))
                    return report_writer(to_string(control.role), step.line);
    for (const Setting& other : profile.settings) {
        if (&other == mine) return;  // the later one of two is told
        if (other.access != Access::nobody && overlap(at, count, other.at, words_of(other.encoding.type)))
            return report_writer(other.key, other.line);
    }
}

std::vector<WriteStep> read_constant_steps(const Section& section, std::string_view key, std::size_t most,
                                           const Defaults& defaults) {
    std::vector<WriteStep> steps;
    const Node* node = section.find(key);
    if (node == nullptr) return steps;
    if (node->kind != Node::Kind::list || node->items.size() > most)
        section.problem(key,
                        fmt::format("expected a list of 1 to {} steps, as in [{{to: holding 24, value: 1000}}]", most));
    for (const Node& item : node->items) {
        const Section part(item, section.report(), section.what() + ": " + std::string(key),
                           {"to", "type", "words", "value", "verify"});
        if (item.kind != Node::Kind::map) continue;
        const auto addresses = read_addresses(part, "to");
        const auto encoding = read_encoding(part, defaults, ValueType::u16);
        const auto value = part.integer("value", INT64_MIN, INT64_MAX);
        if (!value && part.find("value") == nullptr) part.problem("'value' is missing; give the number to write");
        if (addresses.empty() || !encoding || !value) continue;
        WriteStep step;
        step.to = addresses.front();
        step.encoding = *encoding;
        step.constants[0] = *value;
        step.verify = part.flag("verify").value_or(true);
        step.line = item.line;
        if (step.to.table != Table::holding || addresses.size() > 1 || encoding->exponent)
            part.problem("to", "expected one holding register");
        if (const auto words = encode_raw(encoding->type, encoding->words, *value); !words)
            part.problem("value", words.error().text + "; correct value or type");
        steps.push_back(std::move(step));
    }
    return steps;
}

std::vector<Setting> read_settings(const Node& node, const Defaults& defaults, Report& report) {
    std::vector<Setting> settings;
    if (node.kind != Node::Kind::map || node.entries.empty())
        report.add(node.line, "settings: expected 'key: {text: ..., at: ..., access: ...}' lines");
    for (const Entry& entry : node.entries)
        if (settings.size() < max_settings) settings.push_back(read_setting(entry, defaults, report));
    if (node.entries.size() > max_settings)
        report.add(node.line, fmt::format("settings: more than {}; keep those an installer sets", max_settings));
    return settings;
}

void check_settings(const Profile& profile, Report& report) { SettingChecker(profile, report).run(); }

}  // namespace busbar::profile
