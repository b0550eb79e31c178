// The part `quirks` of a profile: how its devices misbehave.
#include "profile/load/load_parts.hpp"
#include "profile/scan.hpp"

namespace busbar::profile {
namespace {

using namespace std::chrono_literals;

void read_time(const Section& section, std::string_view key, Duration& value) {
    const auto text = section.text(key);
    if (!text) return;
    const auto time = scan_duration(*text);
    if (time && *time > 0ms && *time <= 1h)
        value = *time;
    else
        section.problem(key, "expected a time from 1ms to 1h, as in 300ms");
}

// "2 %" or "0.5%".
void read_share(const Section& section, std::string_view key, double& share) {
    auto text = section.text(key);
    if (!text) return;
    if (text->ends_with('%')) text->pop_back();
    while (text->ends_with(' ')) text->pop_back();
    const auto percent = scan_decimal(*text);
    const double value = percent ? percent->multiply / percent->divide : 0;
    if (percent && value > 0 && value <= 50)
        share = value / 100;
    else
        section.problem(key, "expected a share of the requests above 0 and up to 50 %, as in \"2 %\"");
}

void read_turnaround(const Section& section, Quirks& quirks) {
    const Node* node = section.find("turnaround");
    if (node == nullptr) return;
    const bool is_range = node->kind == Node::Kind::list && node->items.size() == 2;
    const auto low = is_range ? scan_duration(node->items[0].text) : std::nullopt;
    const auto high = is_range ? scan_duration(node->items[1].text) : std::nullopt;
    if (low && high && *low <= *high && *high <= 30s) {
        quirks.turnaround_min = *low;
        quirks.turnaround_max = *high;
    } else {
        section.problem("turnaround", "expected the shortest and the longest time up to 30s, as in [50ms, 300ms]");
    }
}

void read_haste(const Section& section, const BusRules& bus, Quirks& quirks) {
    quirks.pause = bus.pause;
    read_time(section, "pause", quirks.pause);
    if (const auto word = section.text("too_soon")) {
        if (*word == "silent" || *word == "garbled")
            quirks.too_soon = *word == "silent" ? Haste::silent : Haste::garbled;
        else
            section.problem("too_soon", "expected 'silent' or 'garbled'");
        if (quirks.pause == 0ms) section.problem("too_soon", "means nothing without a pause; add 'pause' to bus");
    }
    if (quirks.pause > bus.pause)
        section.problem("pause", "is longer than the pause of bus; the driver would break it, correct one of them");
}

}  // namespace

Quirks read_quirks(const Node& node, const BusRules& bus, Report& report) {
    Quirks quirks;
    const Section section(node, report, "quirks",
                          {"missing", "longest_read", "even_only", "block", "too_soon", "pause", "turnaround",
                           "wakes_after", "idle", "clients", "newest_client", "any_unit", "silent_child",
                           "write_denied", "drops_out_of_range", "latches", "registers_only", "busy", "wrong_unit"});
    if (const auto code = section.integer("missing", 2, 3)) quirks.missing = static_cast<std::uint8_t>(*code);
    if (const auto count = section.integer("longest_read", 1, 125))
        quirks.longest_read = static_cast<std::uint16_t>(*count);
    if (quirks.longest_read < bus.max_registers)
        section.problem("longest_read", "is less than max_registers of bus; the driver would break it, correct one");
    quirks.even_only = section.flag("even_only").value_or(false);
    if (quirks.even_only && bus.align % 2 != 0)
        section.problem("even_only", "needs 'align: 2' in bus, or the driver would break it");
    if (const auto block = section.integer("block", 1, 1000)) quirks.block = static_cast<std::uint16_t>(*block);
    if (quirks.block != 0 && (bus.block == 0 || quirks.block % bus.block != 0))
        section.problem("block", "needs a 'block' of bus that divides it, or the driver would break it");
    read_haste(section, bus, quirks);
    read_turnaround(section, quirks);
    if (quirks.turnaround_max >= bus.timeout)
        section.problem("turnaround", "is longer than the timeout of bus; correct one of them");
    read_time(section, "wakes_after", quirks.wakes_after);
    if (quirks.wakes_after > bus.settle)
        section.problem("wakes_after", "is longer than 'settle' of bus; correct one of them");
    read_time(section, "idle", quirks.idle);
    if (const auto clients = section.integer("clients", 1, 64)) quirks.clients = static_cast<std::uint8_t>(*clients);
    if (const auto word = section.text("newest_client")) {
        quirks.newest_client_wins = *word == "wins";
        if (*word != "wins" && *word != "refused") section.problem("newest_client", "expected 'wins' or 'refused'");
        if (quirks.clients == 0) section.problem("newest_client", "means nothing without 'clients'; add it");
    }
    read_share(section, "busy", quirks.busy);
    if (const auto code = section.integer("silent_child", 10, 11))
        quirks.silent_child = static_cast<std::uint8_t>(*code);
    if (const auto code = section.integer("write_denied", 1, 255))
        quirks.write_denied = static_cast<std::uint8_t>(*code);
    quirks.any_unit = section.flag("any_unit").value_or(false);
    quirks.drops_out_of_range = section.flag("drops_out_of_range").value_or(false);
    quirks.latches = section.flag("latches").value_or(false);
    quirks.registers_only = section.flag("registers_only").value_or(false);
    read_share(section, "wrong_unit", quirks.wrong_unit);
    return quirks;
}

}  // namespace busbar::profile
