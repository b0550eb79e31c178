#include "profile/load/load.hpp"

#include <algorithm>

#include "model/profile_name.hpp"
#include "profile/load/load_parts.hpp"
#include "profile/scan.hpp"

namespace busbar::profile {
namespace {

void read_forbidden(const Section& section, std::vector<RegisterRange>& ranges) {
    const Node* node = section.find("forbidden");
    if (node == nullptr) return;
    for (const Node& item : node->items) {
        const auto dots = std::min(item.text.find(".."), item.text.size());
        const auto first = scan_address(item.text.substr(0, dots));
        const auto last = dots < item.text.size()
                              ? scan_integer(item.text.substr(dots + 2))
                              : (first ? std::optional<std::int64_t>(first->front().offset) : std::nullopt);
        if (!first || !last || first->front().model != 0 || *last < first->front().offset || *last > 0xFFFF)
            section.report().add(item.line, "bus: forbidden: expected 'holding 100..119' or 'input 7'");
        else
            ranges.push_back({first->front().table, first->front().offset, static_cast<std::uint16_t>(*last)});
    }
    if (node->kind != Node::Kind::list) section.problem("forbidden", "expected a list, as in [holding 100..119]");
}

BusRules read_bus(const Node& node, Report& report) {
    BusRules rules;
    const Section bus(node, report, "bus",
                      {"protocol", "max_registers", "max_gap", "block", "align", "forbidden", "write", "timeout",
                       "pause", "settle", "pipeline", "unit", "baud"});
    if (const auto protocol = bus.required_text("protocol"); protocol && *protocol != "modbus")
        bus.problem("protocol", "only 'modbus' is known");
    const auto number = [&](std::string_view key, std::int64_t min, std::int64_t max, auto& value) {
        if (const auto read = bus.integer(key, min, max))
            value = static_cast<std::remove_reference_t<decltype(value)>>(*read);
    };
    number("max_registers", 1, 125, rules.max_registers);
    number("max_gap", 0, 124, rules.max_gap);
    number("block", 0, 10'000, rules.block);
    number("align", 1, 4, rules.align);
    number("pipeline", 1, 16, rules.pipeline);
    number("unit", 0, 255, rules.unit);
    number("baud", 1200, 921'600, rules.baud);
    read_forbidden(bus, rules.forbidden);
    if (const auto write = bus.text("write")) {
        if (*write == "single")
            rules.write = WriteFunction::single;
        else if (*write != "multiple")
            bus.problem("write", "expected 'multiple' (function 16) or 'single' (function 6)");
    }
    using namespace std::chrono_literals;
    read_duration(bus, "timeout", 50ms, 30s, rules.timeout);
    read_duration(bus, "pause", 0ms, 10s, rules.pause);
    read_duration(bus, "settle", 0ms, 10s, rules.settle);
    if (rules.pipeline > 1 && rules.pause > 0ms)
        bus.problem("pipeline", "a device that wants a 'pause' takes one request at a time; leave one of them out");
    return rules;
}

SunSpec read_sunspec(const Node& node, Report& report) {
    SunSpec sunspec;
    const Section section(node, report, "sunspec", {"bases", "models"});
    if (const Node* bases = section.find("bases"))
        for (const Node& item : bases->items) {
            const auto base = scan_integer(item.text);
            if (base && *base >= 0 && *base <= 0xFFF0)
                sunspec.bases.push_back(static_cast<std::uint16_t>(*base));
            else
                report.add(item.line, "sunspec: bases: expected a register from 0 to 65520");
        }
    if (sunspec.bases.empty()) section.problem("'bases' is missing or empty; devices use [40000, 50000, 0]");
    if (const Node* models = section.find("models"))
        for (const Entry& e : models->entries) {
            const auto model = scan_integer(e.key);
            const auto length = scan_model_length(e.value.text);
            if (model && length && *model > 0 && *model < 0xFFFF)
                sunspec.models.push_back({static_cast<std::uint16_t>(*model), length->first, length->second});
            else
                report.add(e.line, "sunspec: models: expected 'model number: length', as in 103: 50, or 160: 8 + 20n");
        }
    if (sunspec.models.empty()) section.problem("'models' is missing or empty; list each model with its length");
    return sunspec;
}

std::vector<Product> read_products(const Node& node, Report& report) {
    std::vector<Product> products;
    for (const Node& item : node.items) {
        const Section section(item, report, "products", {"brand", "models"});
        Product product{section.required_text("brand").value_or(""), {}};
        if (const Node* models = section.find("models"))
            for (const Node& model : models->items) {
                if (model.text.empty() || model.text.size() > 80)
                    report.add(model.line, "products: models: expected texts of 1 to 80 characters");
                product.models.push_back(model.text);
            }
        products.push_back(std::move(product));
    }
    if (products.empty()) report.add(node.line, "products: expected a list, as in [{brand: Maker, models: [A1]}]");
    return products;
}

// The patterns the SunSpec information model gives each type for "not implemented".
void add_sunspec_defaults(Defaults& defaults) {
    defaults.invalid = {{ValueType::u16, {0xFFFF}},
                        {ValueType::s16, {0x8000}},
                        {ValueType::u32, {0xFFFFFFFF}},
                        {ValueType::s32, {0x80000000}},
                        {ValueType::u64, {0xFFFFFFFFFFFFFFFF}},
                        {ValueType::s64, {0x8000000000000000}}};
}

Defaults read_defaults(const Node* node, bool is_sunspec, Report& report) {
    Defaults defaults;
    defaults.is_sunspec = is_sunspec;
    if (is_sunspec) add_sunspec_defaults(defaults);
    if (node == nullptr) return defaults;
    const Section section(*node, report, "defaults", {"words", "invalid"});
    if (const auto words = section.text("words")) {
        if (*words == "low_first")
            defaults.words = WordOrder::low_first;
        else if (*words != "high_first")
            section.problem("words", "expected 'high_first' or 'low_first'");
    }
    if (const Node* invalid = section.find("invalid"))
        for (const Entry& e : invalid->entries) {
            const auto type = scan_type(e.key);
            if (!type)
                report.add(e.line,
                           fmt::format("defaults: invalid: '{}' is no type; use u16, s16, u32, s32, u64, s64", e.key));
            else
                defaults.invalid[*type] = read_patterns(e.value, *type, section, "invalid");
        }
    return defaults;
}

Profile assemble(const Node& root, Report& report) {
    Profile profile;
    const Section top(root, report, "profile",
                      {"profile", "source", "verified", "products", "bus", "sunspec", "defaults", "identify", "points",
                       "controls", "settings", "clock", "quirks", "children", "firmware", "upgrade"});
    if (root.kind != Node::Kind::map) return profile;
    profile.name = top.required_text("profile").value_or("");
    if (!profile.name.empty() && !model::is_profile_name(profile.name))
        top.problem("profile", "expected maker/family in small letters, digits and '-', as in eastron/sdm630");
    profile.source = top.required_text("source").value_or("");
    profile.verified = top.required_text("verified").value_or("");
    const auto part = [&](std::string_view key) {
        const Node* node = top.find(key);
        if (node == nullptr) top.problem(fmt::format("'{}' is missing; add it", key));
        return node;
    };
    if (const Node* node = part("products")) profile.products = read_products(*node, report);
    if (const Node* node = part("bus")) profile.bus = read_bus(*node, report);
    if (const Node* node = top.find("quirks")) profile.quirks = read_quirks(*node, profile.bus, report);
    if (const Node* node = top.find("children")) profile.children = read_children(*node, report);
    if (const Node* node = top.find("sunspec")) profile.sunspec = read_sunspec(*node, report);
    const Defaults defaults = read_defaults(top.find("defaults"), profile.sunspec.has_value(), report);
    if (const Node* node = part("identify")) profile.identify = read_identify(*node, defaults, report);
    if (const Node* node = part("points")) profile.points = read_points(*node, defaults, report);
    if (const Node* node = top.find("controls")) profile.controls = read_controls(*node, defaults, report);
    if (const Node* node = top.find("settings")) profile.settings = read_settings(*node, defaults, report);
    if (const Node* node = top.find("upgrade")) profile.upgrade = read_upgrade(*node, defaults, report);
    if (const Node* node = top.find("firmware")) profile.firmware = read_firmware(*node, report);
    if (const Node* node = top.find("clock")) profile.clock = read_clock(*node, defaults, report);
    return profile;
}

}  // namespace

void read_duration(const Section& section, std::string_view key, Duration min, Duration max, Duration& value) {
    const auto text = section.text(key);
    if (!text) return;
    const auto duration = scan_duration(*text);
    if (duration && *duration >= min && *duration <= max)
        value = *duration;
    else
        section.problem(key, fmt::format("expected a time from {} to {} ms, as in 500ms or 2s",
                                         min / std::chrono::milliseconds(1), max / std::chrono::milliseconds(1)));
}

Result<Profile> load(std::string_view yaml, std::string_view file_name) {
    Report report(file_name);
    if (yaml.size() > max_profile_bytes)
        return fail(Errc::malformed, fmt::format("{}:1: {} bytes, at most {} are read; is this a profile?", file_name,
                                                 yaml.size(), max_profile_bytes));
    BUSBAR_TRY(const Node root, parse_yaml(yaml, file_name));
    Profile profile = assemble(root, report);
    if (report.empty()) check(profile, report);
    if (!report.empty()) return fail(Errc::malformed, report.text());
    return profile;
}

}  // namespace busbar::profile
