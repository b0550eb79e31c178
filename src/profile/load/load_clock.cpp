// The part `clock` of a profile.
#include <algorithm>

#include "profile/load/load_parts.hpp"

namespace busbar::profile {
namespace {

using namespace std::chrono_literals;

constexpr std::pair<std::string_view, ClockField> field_words[] = {
    {"year", ClockField::year}, {"month", ClockField::month},   {"day", ClockField::day},
    {"hour", ClockField::hour}, {"minute", ClockField::minute}, {"second", ClockField::second}};

void read_fields(const Section& section, Clock& clock) {
    const Node* node = section.find("fields");
    if (node == nullptr) return;
    for (const Node& item : node->items)
        for (const auto& [word, field] : field_words)
            if (item.text == word) clock.fields.push_back(field);
    std::vector<ClockField> sorted = clock.fields;
    std::ranges::sort(sorted);
    const bool is_whole = sorted.size() == 6 && std::ranges::adjacent_find(sorted) == sorted.end();
    if (node->kind != Node::Kind::list || node->items.size() != 6 || !is_whole)
        section.problem("fields",
                        "expected each of year, month, day, hour, minute and second once, in the order of "
                        "the registers");
}

void read_epoch(const Section& section, const Defaults& defaults, Clock& clock) {
    const auto encoding = read_encoding(section, defaults, ValueType::u32);
    if (!encoding) return;
    clock.epoch = *encoding;
    if (encoding->exponent || (encoding->type != ValueType::u32 && encoding->type != ValueType::u64))
        section.problem("type", "seconds since 1970 are a u32 or u64; or name the registers with 'fields'");
}

}  // namespace

std::optional<Clock> read_clock(const Node& node, const Defaults& defaults, Report& report) {
    const Section section(node, report, "clock",
                          {"at", "fields", "type", "words", "invalid", "years", "zone", "tolerance", "set", "before"});
    if (node.kind != Node::Kind::map) return std::nullopt;
    Clock clock;
    clock.line = node.line;
    const auto addresses = read_addresses(section, "at");
    if (addresses.empty()) return std::nullopt;
    clock.at = addresses.front();
    if (addresses.size() > 1) section.problem("at", "a clock names one model");
    read_fields(section, clock);
    if (clock.fields.empty()) read_epoch(section, defaults, clock);
    if (const auto years = section.text("years")) {
        if (clock.fields.empty()) section.problem("years", "is for clocks with 'fields'; remove it");
        if (*years == "since_2000")
            clock.years = YearForm::since_2000;
        else if (*years == "as_shown")
            clock.years = YearForm::as_shown;
        else if (*years != "full")
            section.problem("years", "expected full, since_2000, or as_shown for devices that do either");
    }
    const auto zone = section.required_text("zone");
    clock.is_utc = zone == "utc";
    if (zone && *zone != "utc" && *zone != "local") section.problem("zone", "expected utc or local");
    if (const auto set = section.text("set")) {
        clock.is_set = *set != "never";
        if (clock.is_set) section.problem("set", "the only word is 'never': the clock is compared and left alone");
    }
    if (clock.at.table != Table::holding && clock.is_set)
        section.problem("at", "only holding registers can be written; say 'set: never' or correct it");
    read_duration(section, "tolerance", 2s, 1h, clock.tolerance);
    clock.before = read_constant_steps(section, "before", 4, defaults);
    return clock;
}

void check_clock(const Profile& profile, Report& report) {
    if (!profile.clock) return;
    const Clock& clock = *profile.clock;
    const std::uint32_t first = clock.at.offset;
    check_reach(profile, "clock", clock.at, first, first + words_of(clock) - 1, clock.line, report);
    if (!clock.is_set) return;
    check_only_writer(profile, "clock", clock.at, words_of(clock), clock.line, nullptr, report);
    for (const WriteStep& step : clock.before) {
        const std::uint16_t count = words_of(step.encoding.type);
        check_reach(profile, "clock", step.to, step.to.offset, step.to.offset + count - 1u, step.line, report);
        check_only_writer(profile, "clock", step.to, count, step.line, nullptr, report);
    }
}

}  // namespace busbar::profile
