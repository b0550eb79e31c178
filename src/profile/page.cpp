#include "profile/page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace busbar::profile {
namespace {

std::string place_of(const Address& at, std::uint16_t offset) {
    if (at.model != 0) return fmt::format("model {} offset {}", at.model, offset);
    return fmt::format("{} {}", to_string(at.table), offset);
}

std::string time_of(Duration time) {
    const double s = to_seconds(time);
    return s < 1     ? fmt::format("{:g} ms", 1e3 * s)
           : s < 120 ? fmt::format("{:g} s", s)
                     : fmt::format("{:g} min", s / 60);
}

// "1/10 V", "-1 W": what one count of the register is worth, with our sign.
std::string worth_of(const Encoding& e, model::Unit unit) {
    std::string text = e.scale.divide == 1 ? fmt::format("{:g}", e.scale.multiply)
                                           : fmt::format("{:g}/{:g}", e.scale.multiply, e.scale.divide);
    if (e.exponent) text += fmt::format(" x 10^({})", *e.exponent);
    const std::string_view name = model::to_string(unit);
    return name.empty() ? text : fmt::format("{} {}", text, name);
}

std::string_view polled(PollClass every) {
    switch (every) {
        case PollClass::critical:
            return "each second";
        case PollClass::telemetry:
            return "10 s";
        case PollClass::slow:
            return "10 min";
    }
    return "";
}

bool is_alike(const Point& a, const Point& b) {
    return a.role.role == b.role.role && a.at.table == b.at.table && a.at.model == b.at.model &&
           a.encoding.type == b.encoding.type && a.encoding.scale == b.encoding.scale &&
           a.encoding.exponent == b.encoding.exponent && a.less.has_value() == b.less.has_value() &&
           b.role.index == a.role.index + 1;
}

// How many points from `begin` on make one row: the same value of each phase or string, equally far apart.
std::size_t row_length(const std::vector<Point>& points, std::size_t begin) {
    std::size_t n = 1;
    while (begin + n < points.size() && is_alike(points[begin + n - 1], points[begin + n]) &&
           points[begin + n].at.offset - points[begin + n - 1].at.offset ==
               points[begin + 1].at.offset - points[begin].at.offset)
        ++n;
    return n;
}

std::string point_row(const std::vector<Point>& points, std::size_t begin, std::size_t count) {
    const Point &first = points[begin], &last = points[begin + count - 1];
    std::string role = fmt::format("`{}`", to_string(first.role)), place = place_of(first.at, first.at.offset);
    if (count > 1) {
        role += fmt::format(" to `.{}{}`", model::info(first.role.role).repeat == model::Repeat::phase ? "l" : "",
                            last.role.index);
        place += fmt::format(", each {} further", points[begin + 1].at.offset - first.at.offset);
    }
    if (first.less) place += fmt::format(" {} {}", first.adds ? "plus" : "less", *first.less);
    const std::string_view order = first.encoding.words == WordOrder::low_first ? ", low word first" : "";
    return fmt::format("| {} | {} | {}{} | {} | {} |\n", role, place, to_string(first.encoding.type),
                       words_of(first.encoding.type) > 1 ? order : "",
                       worth_of(first.encoding, model::info(first.role.role).unit), polled(first.every));
}

std::string names_of(const Profile& profile) {
    std::string text;
    for (const Point& point : profile.points) {
        if (point.names.empty()) continue;
        text += fmt::format("\n`{}` ({}):\n", to_string(point.role), place_of(point.at, point.at.offset));
        if (point.codes.empty())
            for (const auto& [code, words] : point.names) text += fmt::format(" {} {};", code, words);
        for (const auto& [theirs, ours] : point.codes)
            text += fmt::format(" {} {};", theirs, model::charger_state_words[ours]);
        text.back() = '.';
        text += '\n';
    }
    return text.empty() ? text : "\n### Codes and bits\n" + text;
}

std::string steps_of(std::string_view what, const std::vector<WriteStep>& steps) {
    if (steps.empty()) return {};
    std::vector<std::string> places;
    for (const WriteStep& step : steps) places.push_back(place_of(step.to, step.to.offset));
    return fmt::format("- {}: {}\n", what, fmt::join(places, ", "));
}

std::string control_part(const Control& control) {
    std::string text = fmt::format("\n### `{}`\n\n", to_string(control.role));
    const std::string_view unit = model::to_string(model::info(control.role.role).unit);
    text += fmt::format("- accepts {:g} to {:g}{}{}\n", control.min, control.max, unit.empty() ? "" : " ", unit);
    text += steps_of("takes control by writing", control.before) + steps_of("each value writes", control.write) +
            steps_of("control is handed back by writing", control.release);
    if (control.repeat != Duration{})
        text += fmt::format("- an unchanged value is written again every {}\n", time_of(control.repeat));
    if (control.falls_back_after_lease)
        text += fmt::format("- **without the gateway** it falls back when the lease runs out, to: {}\n",
                            control.falls_back_to);
    else if (control.falls_back_after)
        text += fmt::format("- **without the gateway** it falls back after {}, to: {}\n",
                            time_of(*control.falls_back_after), control.falls_back_to);
    else
        text += "- **without the gateway** it keeps the last value for ever\n";
    return text;
}

// Characters that would end a cell or begin a tag.
std::string cell(std::string_view text) {
    std::string safe;
    for (const char c : text) safe += c == '|' ? '/' : c == '<' ? '(' : c == '>' ? ')' : c;
    return safe;
}

// One row of the table of settings. Of long lists of choices the first are enough to recognise them.
std::string setting_row(const Setting& setting) {
    constexpr std::size_t shown = 8;
    std::string accepts = setting.access == Access::nobody ? "only shown" : "";
    if (setting.min < setting.max) {
        accepts = fmt::format("{:.10g} to {:.10g}{}{}", setting.min, setting.max, setting.unit.empty() ? "" : " ",
                              setting.unit);
        if (setting.step > 0) accepts += fmt::format(", step {:g}", setting.step);
    }
    for (std::size_t i = 0; i < std::min(shown, setting.choices.size()); ++i)
        accepts +=
            fmt::format("{}{} {}", accepts.empty() ? "" : "; ", setting.choices[i].code, setting.choices[i].text);
    if (setting.choices.size() > shown) accepts += fmt::format("; and {} more", setting.choices.size() - shown);
    std::string notes = setting.danger;
    if (!setting.applies.empty()) notes += fmt::format("{}Applies {}.", notes.empty() ? "" : " ", setting.applies);
    if (!setting.before.empty()) notes += fmt::format("{}Unlocked first.", notes.empty() ? "" : " ");
    return fmt::format("| `{}` | {} | {} {} | {} | {} | {} |\n", setting.key, cell(setting.text),
                       place_of(setting.at, setting.at.offset), to_string(setting.encoding.type), cell(accepts),
                       to_string(setting.access), cell(notes));
}

std::string settings_part(const Profile& profile) {
    if (profile.settings.empty()) return {};
    std::string text = "\n## Settings\n\n| key | what | where | accepts | by | notes |\n|---|---|---|---|---|---|\n";
    for (const Setting& setting : profile.settings) text += setting_row(setting);
    return text;
}

std::string clock_part(const Profile& profile) {
    if (!profile.clock) return {};
    const Clock& clock = *profile.clock;
    const std::string face = clock.fields.empty() ? "seconds since 1970" : "one register each for date and time";
    const std::string kept =
        fmt::format(fmt::runtime(clock.is_set ? "set when it is off by more than {}"
                                              : "only compared, an alarm when it is off by more than {}"),
                    time_of(clock.tolerance));
    return fmt::format("\n## Clock\n\n{}, {}, {}; {}.\n", place_of(clock.at, clock.at.offset), face,
                       clock.is_utc ? "UTC" : "local time", kept);
}

std::string bus_part(const BusRules& bus) {
    std::string text =
        fmt::format("Modbus, delivered as unit {}, {} baud where it is serial. A read takes at most {} registers",
                    bus.unit, bus.baud, bus.max_registers);
    if (bus.max_gap != 0) text += fmt::format(", over gaps of at most {}", bus.max_gap);
    if (bus.block != 0) text += fmt::format(", not across multiples of {}", bus.block);
    if (bus.align > 1) text += fmt::format(", start and count multiples of {}", bus.align);
    text += fmt::format(". It may answer for {}", time_of(bus.timeout));
    if (bus.pause != Duration{}) text += fmt::format(" and wants {} of silence after an answer", time_of(bus.pause));
    if (bus.settle != Duration{}) text += fmt::format(", {} after a connection was opened", time_of(bus.settle));
    if (bus.pipeline > 1) text += fmt::format(". Over TCP it takes {} requests at once", bus.pipeline);
    text += fmt::format(". Writes use function {}.\n", bus.write == WriteFunction::multiple ? "16" : "6");
    for (const RegisterRange& range : bus.forbidden)
        text += fmt::format("Never read: {} {} to {}.\n", to_string(range.table), range.first, range.last);
    return text;
}

// What somebody saw such devices do; empty when nothing is known.
std::string quirks_part(const Quirks& q) {
    std::vector<std::string> lines;
    if (q.missing == 3) lines.emplace_back("a register it does not have fails the whole read with exception 3");
    if (q.longest_read < 125) lines.push_back(fmt::format("a read of more than {} registers fails", q.longest_read));
    if (q.even_only) lines.emplace_back("an odd start or count fails");
    if (q.block != 0) lines.push_back(fmt::format("a read across a multiple of {} fails", q.block));
    if (q.too_soon != Haste::allowed)
        lines.push_back(fmt::format("what comes within {} of its last answer {}", time_of(q.pause),
                                    q.too_soon == Haste::silent ? "is not answered" : "is answered with garbage"));
    if (q.turnaround_max > Duration{})
        lines.push_back(fmt::format("takes {} to {} to answer", time_of(q.turnaround_min), time_of(q.turnaround_max)));
    if (q.wakes_after > Duration{})
        lines.push_back(fmt::format("says nothing for {} after a connection was opened", time_of(q.wakes_after)));
    if (q.idle > Duration{}) lines.push_back(fmt::format("closes a connection that is idle for {}", time_of(q.idle)));
    if (q.clients != 0)
        lines.push_back(fmt::format("serves {} TCP {}; one more {}", q.clients, q.clients == 1 ? "client" : "clients",
                                    q.newest_client_wins ? "ends the oldest" : "is refused"));
    if (q.any_unit) lines.emplace_back("answers whatever unit is asked");
    if (q.silent_child != 0)
        lines.push_back(fmt::format("answers exception {} for a silent device behind it", q.silent_child));
    if (q.write_denied != 0) lines.push_back(fmt::format("refuses writes with exception {}", q.write_denied));
    if (q.drops_out_of_range) lines.emplace_back("says yes to a setpoint out of its range, and does nothing");
    if (q.latches) lines.emplace_back("takes a new setpoint over only when its last register is written again");
    if (q.registers_only) lines.emplace_back("refuses functions other than 3, 4, 6 and 16");
    if (q.busy > 0) lines.push_back(fmt::format("is busy now and then ({:g} %)", 100 * q.busy));
    if (q.wrong_unit > 0)
        lines.push_back(fmt::format("answers under another unit now and then ({:g} %)", 100 * q.wrong_unit));
    return lines.empty() ? ""
                         : fmt::format("\nKnown to misbehave, and played by the simulation:\n\n- {}.\n",
                                       fmt::join(lines, ";\n- "));
}

std::string children_part(const Children& c) {
    std::string text = fmt::format("\n## Behind it\n\nDevices on units {} to {} of the same connection: {}.",
                                   c.first_unit, c.last_unit, fmt::join(c.profiles, ", "));
    if (c.presence)
        text +=
            fmt::format(" Whether somebody is there is told by holding {} of that unit", c.presence->register_address);
    if (c.presence && c.serial) text += fmt::format(", its serial number by {}", c.serial->register_address);
    if (c.presence && c.name) text += fmt::format(", its name by {}", c.name->register_address);
    if (c.presence) text += '.';
    if (!c.counts.empty()) text += fmt::format(" Their number: holding {}.", fmt::join(c.counts, " plus "));
    if (c.list) text += fmt::format(" It lists them by function 43/14, from object 0x{:02X} on.", *c.list);
    if (c.changes) text += fmt::format(" Changes of the list are counted in holding {}.", *c.changes);
    return text + '\n';
}

}  // namespace

std::string device_page(const Profile& profile) {
    std::string text =
        fmt::format("# {}\n\nWritten from `profiles/{}.yaml` by `./dev pages`; change that file instead.\n\n",
                    profile.name, profile.name);
    for (const Product& product : profile.products)
        text +=
            fmt::format("- {}: {}\n", cell(product.brand), cell(fmt::format("{}", fmt::join(product.models, ", "))));
    text += fmt::format("\n**Source:** {}.\n\n**Verified:** {}.\n", cell(profile.source), cell(profile.verified));
    text += "\n## Bus\n\n" + bus_part(profile.bus);
    text += quirks_part(profile.quirks);
    if (profile.children) text += children_part(*profile.children);
    if (profile.sunspec)
        text += fmt::format("Its SunSpec models are found from base {}.\n", fmt::join(profile.sunspec->bases, ", "));
    text +=
        "\n## Points\n\nOne count of the register is worth what the fourth column says; a minus turns the device's "
        "sign "
        "into ours.\n\n| role | where | type | worth | read every |\n|---|---|---|---|---|\n";
    for (std::size_t i = 0; i < profile.points.size();) {
        const std::size_t count = row_length(profile.points, i);
        text += point_row(profile.points, i, count);
        i += count;
    }
    text += names_of(profile);
    text += profile.controls.empty() ? "\n## Controls\n\nNone: it is only read.\n" : "\n## Controls\n";
    for (const Control& control : profile.controls) text += control_part(control);
    return text + settings_part(profile) + clock_part(profile);
}

std::string device_index(std::span<const Profile> profiles) {
    std::size_t points = 0;
    for (const Profile& profile : profiles) points += profile.points.size();
    std::string text = fmt::format(
        "# Devices\n\nWritten from `profiles/` by `./dev pages`. {} families, {} points. What a column of a "
        "page means stands in the profile format, `docs/reference/profile-format.md`.\n\n"
        "| family | for | points | controls | verified |\n|---|---|---|---|---|\n",
        profiles.size(), points);
    for (const Profile& profile : profiles) {
        std::vector<std::string> products, controls;
        for (const Product& p : profile.products)
            products.push_back(fmt::format("{} {}", p.brand, fmt::join(p.models, ", ")));
        for (const Control& c : profile.controls) controls.push_back(fmt::format("`{}`", to_string(c.role)));
        text += fmt::format("| [{0}]({0}.md) | {1} | {2} | {3} | {4} |\n", profile.name,
                            cell(fmt::format("{}", fmt::join(products, "; "))), profile.points.size(),
                            fmt::join(controls, ", "), cell(profile.verified));
    }
    return text;
}

}  // namespace busbar::profile
