#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/ranges.h>

#include "profile/codec/raw.hpp"
#include "profile/load/load_parts.hpp"
#include "profile/scan.hpp"

namespace busbar::profile {
namespace {

using model::Role;
using model::Unit;

constexpr std::size_t max_points = 400;

// The words for the two directions of a role, ours first.
struct SignWords {
    std::string_view ours, theirs;
};
std::optional<SignWords> sign_words(std::string_view role) {
    if (role.starts_with("meter.")) return SignWords{"import_positive", "export_positive"};
    if (role.starts_with("ac.")) return SignWords{"export_positive", "import_positive"};
    if (role.starts_with("battery.")) return SignWords{"discharge_positive", "charge_positive"};
    return std::nullopt;
}

// Where a wrong guess would steer the plant the wrong way, the author has to state the direction.
bool must_state_sign(Role role) {
    return role == Role::meter_power || role == Role::meter_phase_power || role == Role::battery_power ||
           role == Role::battery_current || role == Role::battery_power_set;
}

PollClass standard_class(RoleKey role) {
    switch (role.role) {
        case Role::meter_power:
        case Role::ac_power:
        case Role::pv_power:
        case Role::battery_power:
        case Role::battery_soc:
            return PollClass::critical;
        default:
            break;
    }
    return model::info(role.role).kind == model::RoleKind::setting ? PollClass::slow : PollClass::telemetry;
}

std::string units_for(Unit unit) {
    switch (unit) {
        case Unit::watt:
            return "W, kW or MW";
        case Unit::watt_hour:
            return "Wh, kWh or MWh";
        case Unit::volt:
            return "V, mV or kV";
        case Unit::ampere:
            return "A or mA";
        case Unit::hertz:
            return "Hz or mHz";
        case Unit::celsius:
            return "degC";
        case Unit::percent:
            return "\"%\"";
        case Unit::var:
            return "var or kvar";
        case Unit::watt_per_square_metre:
            return "W/m2";
        case Unit::metre_per_second:
            return "m/s";
        case Unit::degree:
            return "deg";
        case Unit::none:
            break;
    }
    return "a plain factor such as 0.001";
}

// The device's codes in the role's own words. Only charger.state has such words: control acts on it.
void read_codes(const Section& section, Point& point) {
    constexpr std::span<const std::string_view> words(model::charger_state_words);
    const bool has_words = point.role.role == Role::charger_state;
    const Node* node = section.find("codes");
    if (!has_words) {
        if (node != nullptr) section.problem("codes", "this role has no words of its own; use 'states'");
        return;
    }
    for (std::uint32_t i = 0; i < words.size(); ++i) point.names.emplace_back(i, words[i]);
    if (node == nullptr || node->kind != Node::Kind::map || node->entries.empty()) {
        section.problem(
            fmt::format("'codes' is missing; give each code of the device one of: {}", fmt::join(words, ", ")));
        return;
    }
    for (const Entry& e : node->entries) {
        const auto code = scan_integer(e.key);
        const auto word = std::find(words.begin(), words.end(), e.value.text);
        if (code && *code >= 0 && *code <= 0xFFFFFFFF && word != words.end())
            point.codes.emplace_back(static_cast<std::uint32_t>(*code),
                                     static_cast<std::uint32_t>(word - words.begin()));
        else
            section.report().add(e.line, fmt::format("{}: codes: expected 'number: word' with one of: {}",
                                                     section.what(), fmt::join(words, ", ")));
    }
}

void read_less(const Section& section, Point& point) {
    point.adds = section.find("plus") != nullptr;
    const std::string_view key = point.adds ? "plus" : "less";
    if (section.find(key) == nullptr) return;
    if (point.adds && section.find("less") != nullptr) section.problem("less", "a point has either 'less' or 'plus'");
    const auto other = read_addresses(section, key);
    if (other.empty()) return;
    if (other.front().table != point.at.table || other.front().model != point.at.model)
        section.problem(key, "must lie in the same table or model as 'read', so that one request brings both");
    else
        point.less = other.front().offset;
}

void read_resolution(const Section& section, Point& point) {
    const Encoding& e = point.encoding;
    point.resolution = model::info(point.role.role).resolution;
    if (!is_float(e.type) && !e.exponent) point.resolution = std::fabs(e.scale.multiply) / e.scale.divide;
    const auto text = section.text("resolution");
    if (!text) return;
    const auto value = scan_decimal(*text);
    if (value)
        point.resolution = value->multiply / value->divide;
    else
        section.problem("resolution", "expected a number above 0 in the role's unit, as in 0.1");
}

void read_every(const Section& section, Point& point) {
    point.every = standard_class(point.role);
    const auto text = section.text("every");
    if (!text) return;
    if (*text == "critical")
        point.every = PollClass::critical;
    else if (*text == "telemetry")
        point.every = PollClass::telemetry;
    else if (*text == "slow")
        point.every = PollClass::slow;
    else
        section.problem("every", "expected critical, telemetry or slow");
}

// The points of one line: one, or as many as the line has roles, `step` registers apart. The exponent is shared.
void add_points(const Section& section, Point point, const std::vector<RoleKey>& roles, std::vector<Point>& points) {
    const auto step = section.integer("step", 1, 2000);
    if (roles.size() > 1 && !step && section.find("step") == nullptr)
        section.problem("'step' is missing; how many registers lie between one and the next?");
    if (roles.size() == 1 && step) section.problem("step", "is for a range of roles, as in 'meter.voltage.l1..l3'");
    const std::int64_t reach = step.value_or(0) * static_cast<std::int64_t>(roles.size() - 1);
    if (std::max<std::int64_t>(point.at.offset, point.less.value_or(0)) + reach > 0xFFFF) {
        section.problem("step", "the last one lies beyond register 65535");
        return;
    }
    for (const RoleKey role : roles) {
        if (points.size() > max_points) return;  // read_points() says so
        point.role = role;
        points.push_back(point);
        point.at.offset = static_cast<std::uint16_t>(point.at.offset + step.value_or(0));
        if (point.less) point.less = static_cast<std::uint16_t>(*point.less + step.value_or(0));
    }
}

void read_point(const Node& node, const std::vector<RoleKey>& roles, const Defaults& defaults, Report& report,
                std::vector<Point>& points) {
    const RoleKey role = roles.front();
    const Section section(node, report, to_string(role),
                          {"read", "step", "count", "less", "plus", "type", "words", "unit", "sign", "invalid",
                           "exponent", "every", "resolution", "states", "bits", "codes"});
    if (node.kind != Node::Kind::map) return;
    const auto addresses = read_addresses(section, "read");
    const auto encoding = read_encoding(section, defaults, std::nullopt);
    if (addresses.empty() || !encoding) return;
    Point point;
    point.role = role;
    point.at = addresses.front();
    point.encoding = *encoding;
    point.line = node.line;
    if (const auto count = section.integer("count", 1, 125); count && *count != words_of(encoding->type))
        section.problem("count", fmt::format("{} takes {} registers, not {}; correct type or count",
                                             to_string(encoding->type), words_of(encoding->type), *count));
    if (!read_unit(section, role, point.encoding.scale)) return;
    read_sign(section, role, point.encoding.scale);
    read_less(section, point);
    read_resolution(section, point);
    read_every(section, point);
    point.names = read_names(section, "states", 0xFFFFFFFF);
    if (section.find("bits") != nullptr) {
        if (!point.names.empty()) section.problem("bits", "a point has either 'states' or 'bits'");
        point.encoding.top_bit_is_invalid = defaults.is_sunspec;
        point.names = read_names(section, "bits", 16 * words_of(point.encoding.type) - 1);
    }
    read_codes(section, point);
    for (const Address& at : addresses) {
        point.at = at;
        add_points(section, point, roles, points);
    }
}

// "meter.voltage.l1..l3", "pv.string.current.1..24": first to last. A plain role is a list of one; empty: not known.
std::vector<RoleKey> read_roles(const Entry& entry, Report& report) {
    const auto dots = entry.key.find("..");
    if (dots == std::string::npos) {
        const auto role = read_role(entry, "points", report);
        return role ? std::vector{*role} : std::vector<RoleKey>{};
    }
    const std::string first_text = entry.key.substr(0, dots);
    const std::string last_text = first_text.substr(0, first_text.rfind('.') + 1) + entry.key.substr(dots + 2);
    const auto first = model::parse_role(first_text), last = model::parse_role(last_text);
    std::vector<RoleKey> roles;
    if (!first || !last || first->role != last->role || first->index == 0 || first->index >= last->index)
        report.add(entry.line, fmt::format("points: '{}' is no range of roles; write it as 'meter.voltage.l1..l3' or "
                                           "'pv.string.current.1..8'",
                                           entry.key.substr(0, 60)));
    else
        for (std::uint8_t i = first->index; i <= last->index; ++i) roles.push_back({first->role, i});
    return roles;
}

}  // namespace

std::vector<Name> read_names(const Section& section, std::string_view key, std::int64_t max) {
    std::vector<Name> names;
    const Node* node = section.find(key);
    if (node == nullptr) return names;
    for (const Entry& e : node->entries) {
        const auto code = scan_integer(e.key);
        if (!code || *code < 0 || *code > max || e.value.kind != Node::Kind::scalar || e.value.text.size() > 80)
            section.report().add(
                e.line, fmt::format("{}: {}: expected 'number: words', number 0 to {}", section.what(), key, max));
        else
            names.emplace_back(static_cast<std::uint32_t>(*code), e.value.text);
    }
    if (node->kind != Node::Kind::map) section.problem(key, "expected 'number: words' pairs");
    return names;
}

std::vector<std::uint64_t> read_patterns(const Node& node, ValueType type, const Section& section,
                                         std::string_view key) {
    std::vector<std::uint64_t> patterns;
    if (node.kind == Node::Kind::scalar && node.text == "none") return patterns;
    const auto add = [&](const Node& item) {
        const auto value = item.kind == Node::Kind::scalar ? scan_integer(item.text) : std::nullopt;
        const std::uint64_t mask = mask_of(type);
        const auto bits = static_cast<std::uint64_t>(value.value_or(0));
        // A negative decimal stands for its two's complement in the register's width.
        const bool fits =
            value && ((bits & ~mask) == 0 || (*value < 0 && item.text.starts_with('-') && (~bits & ~(mask >> 1)) == 0));
        if (fits && patterns.size() < 8)
            patterns.push_back(bits & mask);
        else
            section.report().add(
                item.line, fmt::format("{}: {}: '{}' is no {} value; write its bits, as in 0x{:X}", section.what(), key,
                                       item.text.substr(0, 40), to_string(type), mask));
    };
    if (node.kind == Node::Kind::list)
        for (const Node& item : node.items) add(item);
    else
        add(node);
    return patterns;
}

std::optional<Encoding> read_encoding(const Section& section, const Defaults& defaults,
                                      std::optional<ValueType> standard) {
    Encoding encoding;
    const auto text = section.find("type") == nullptr && standard ? std::string(to_string(*standard))
                                                                  : section.required_text("type").value_or("");
    if (text.empty()) return std::nullopt;
    const auto type = scan_type(text);
    if (!type) {
        section.problem("type", text.starts_with("string") ? "a point is a number; texts belong to 'identify'"
                                                           : "unknown; use u16, s16, u32, s32, u64, s64, f32 or f64");
        return std::nullopt;
    }
    encoding.type = *type;
    encoding.words = defaults.words;
    if (const auto words = section.text("words")) {
        if (*words == "low_first")
            encoding.words = WordOrder::low_first;
        else if (*words == "high_first")
            encoding.words = WordOrder::high_first;
        else
            section.problem("words", "expected 'high_first' or 'low_first'");
    }
    if (const auto standard_patterns = defaults.invalid.find(*type); standard_patterns != defaults.invalid.end())
        encoding.invalid = standard_patterns->second;
    if (const Node* invalid = section.find("invalid"))
        encoding.invalid = read_patterns(*invalid, *type, section, "invalid");
    if (const auto exponent = section.integer("exponent", 0, 0xFFFF))
        encoding.exponent = static_cast<std::uint16_t>(*exponent);
    return encoding;
}

std::vector<Address> read_addresses(const Section& section, std::string_view key) {
    const auto text = section.required_text(key);
    if (!text) return {};
    auto addresses = scan_address(*text);
    if (addresses) return std::move(*addresses);
    section.problem(
        key, fmt::format("'{}' is no register; use 'holding 40125', 'input 30' (0 to 65535) or 'model 103 offset 14'",
                         text->substr(0, 60)));
    return {};
}

bool read_unit(const Section& section, RoleKey role, Scale& scale) {
    const Unit wanted = model::info(role.role).unit;
    if (section.find("unit") == nullptr && wanted == Unit::none) return true;
    const auto text = section.required_text("unit");
    if (!text) return false;
    const auto unit = scan_unit(*text);
    if (!unit || unit->unit != wanted) {
        section.problem("unit", fmt::format("'{}' does not fit this role; use {}, with a factor if needed (0.1 {})",
                                            text->substr(0, 40), units_for(wanted), model::to_string(wanted)));
        return false;
    }
    scale = unit->scale;
    return true;
}

void read_sign(const Section& section, RoleKey role, Scale& scale) {
    const auto words = sign_words(model::info(role.role).key);
    const auto text = section.text("sign");
    if (!text) {
        if (must_state_sign(role.role) && section.find("sign") == nullptr)
            section.problem(
                fmt::format("'sign' is missing; the document says which: {} or {}", words->ours, words->theirs));
        return;
    }
    if (!words)
        section.problem("sign", "this role has no direction; remove it");
    else if (*text == words->theirs)
        scale.multiply = -scale.multiply;
    else if (*text != words->ours)
        section.problem("sign", fmt::format("expected {} or {}", words->ours, words->theirs));
}

std::optional<std::pair<double, double>> read_range(const Section& section) {
    const Node* node = section.find("range");
    if (node == nullptr) {
        section.problem("'range' is missing; add [lowest, highest]");
        return std::nullopt;
    }
    if (node->kind == Node::Kind::list && node->items.size() == 2) {
        const auto min = scan_number(node->items[0].text), max = scan_number(node->items[1].text);
        if (min && max && *min < *max) return std::pair{*min, *max};
    }
    section.problem("range", "expected [lowest, highest]");
    return std::nullopt;
}

std::optional<RoleKey> read_role(const Entry& entry, std::string_view part, Report& report) {
    const auto role = model::parse_role(entry.key);
    if (role) return role;
    std::vector<std::string_view> known;
    for (const model::RoleInfo& r : model::all_roles()) known.push_back(r.key);
    const auto guess = nearest(entry.key, known);
    report.add(entry.line, fmt::format("{}: '{}' is no role{}; the list is in docs/reference/profile-format.md", part,
                                       entry.key, guess ? fmt::format("; did you mean '{}'?", *guess) : ""));
    return std::nullopt;
}

std::vector<Point> read_points(const Node& node, const Defaults& defaults, Report& report) {
    std::vector<Point> points;
    if (node.kind != Node::Kind::map || node.entries.empty())
        report.add(node.line, "points: expected 'role: {read: ..., type: ...}' lines");
    for (const Entry& entry : node.entries) {
        const auto roles = read_roles(entry, report);
        if (roles.empty()) continue;
        if (model::info(roles.front().role).kind == model::RoleKind::setpoint) {
            report.add(entry.line, fmt::format("points: {} is a setpoint; move it to 'controls'", entry.key));
            continue;
        }
        if (entry.value.kind == Node::Kind::list)
            for (const Node& alternative : entry.value.items) read_point(alternative, roles, defaults, report, points);
        else
            read_point(entry.value, roles, defaults, report, points);
    }
    if (points.size() > max_points)
        report.add(node.line, fmt::format("points: more than {}; split the device", max_points));
    return points;
}

}  // namespace busbar::profile
