// The part `upgrade` of a profile: how a device takes new firmware.
#include "profile/load/load_parts.hpp"
#include "wire/file_record.hpp"

namespace busbar::profile {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t largest_image = 8 * 1024 * 1024;

Upgrade::Text read_place(const Section& image, std::string_view key) {
    Upgrade::Text place;
    const Node* node = image.find(key);
    if (node == nullptr) {
        image.problem(fmt::format("'{}' is missing; where in the file does it stand?", key));
        return place;
    }
    const Section section(*node, image.report(), fmt::format("upgrade: image: {}", key), {"at", "length"});
    place.at = static_cast<std::uint32_t>(section.integer("at", 0, 4096).value_or(0));
    place.length = static_cast<std::uint32_t>(section.integer("length", 1, 64).value_or(0));
    if (place.length == 0 && section.find("length") == nullptr) section.problem("'length' is missing; add it");
    return place;
}

void read_image(const Section& section, Upgrade& upgrade) {
    const Node* node = section.find("image");
    if (node == nullptr) return section.problem("'image' is missing; how is the file recognised?");
    const Section image(*node, section.report(), "upgrade: image",
                        {"begins_with", "model", "version", "max_bytes", "check"});
    upgrade.begins_with = image.required_text("begins_with").value_or("");
    upgrade.model = read_place(image, "model");
    upgrade.version = read_place(image, "version");
    upgrade.max_bytes = static_cast<std::uint32_t>(image.integer("max_bytes", 64, largest_image).value_or(0));
    if (image.find("max_bytes") == nullptr) image.problem("'max_bytes' is missing; how long may the file be?");
    const auto check = image.required_text("check");
    upgrade.check = check == "crc16" ? CheckSum::crc16 : CheckSum::crc32;
    if (check && *check != "crc16" && *check != "crc32") image.problem("check", "expected crc16 or crc32");
}

std::optional<Address> read_place_in_device(const Section& section, std::string_view key) {
    const auto addresses = read_addresses(section, key);
    if (addresses.empty()) return std::nullopt;
    if (addresses.size() > 1 || addresses.front().model != 0)
        section.problem(key, "expected one register, as in holding 9000");
    return addresses.front();
}

void read_records(const Section& section, const Defaults& defaults, Upgrade& upgrade) {
    const Node* node = section.find("records");
    if (node == nullptr) return section.problem("'records' is missing; which file, how long, and where is 'next'?");
    const Section records(*node, section.report(), "upgrade: records", {"file", "registers", "next", "type"});
    upgrade.file = static_cast<std::uint16_t>(records.integer("file", 1, 0xFFFF).value_or(1));
    upgrade.record_words =
        static_cast<std::uint16_t>(records.integer("registers", 1, wire::max_record_write).value_or(100));
    if (const auto next = read_place_in_device(records, "next")) upgrade.next = *next;
    const auto encoding = read_encoding(records, defaults, ValueType::u16);
    if (!encoding) return;
    upgrade.next_type = encoding->type;
    if (encoding->type != ValueType::u16 && encoding->type != ValueType::u32)
        records.problem("type", "the number of a record is a u16 or u32");
}

}  // namespace

std::optional<Upgrade> read_upgrade(const Node& node, const Defaults& defaults, Report& report) {
    const Section section(node, report, "upgrade",
                          {"image", "records", "size", "start", "commit", "abort", "received_check", "start_within",
                           "check_within", "restart_within"});
    if (node.kind != Node::Kind::map) return std::nullopt;
    Upgrade upgrade;
    upgrade.line = node.line;
    upgrade.words = defaults.words;
    read_image(section, upgrade);
    read_records(section, defaults, upgrade);
    if (section.find("size") != nullptr) upgrade.size = read_place_in_device(section, "size");
    if (const auto check = read_place_in_device(section, "received_check")) upgrade.received_check = *check;
    upgrade.start = read_constant_steps(section, "start", 4, defaults);
    upgrade.commit = read_constant_steps(section, "commit", 4, defaults);
    upgrade.abort = read_constant_steps(section, "abort", 4, defaults);
    for (const auto& [key, steps] :
         {std::pair{"start", &upgrade.start}, std::pair{"commit", &upgrade.commit}, std::pair{"abort", &upgrade.abort}})
        if (steps->empty()) section.problem(fmt::format("'{}' is missing; what is written to {}?", key, key));
    read_duration(section, "start_within", 1s, 10min, upgrade.start_within);
    read_duration(section, "check_within", 1s, 10min, upgrade.check_within);
    read_duration(section, "restart_within", 10s, 30min, upgrade.restart_within);
    return upgrade;
}

void check_upgrade(const Profile& profile, Report& report) {
    if (!profile.upgrade) return;
    const Upgrade& upgrade = *profile.upgrade;
    const auto reach = [&](const Address& at, std::uint32_t count, int line) {
        check_reach(profile, "upgrade", at, at.offset, at.offset + count - 1u, line, report);
    };
    reach(upgrade.next, words_of(upgrade.next_type), upgrade.line);
    reach(upgrade.received_check, upgrade.check == CheckSum::crc16 ? 1 : 2, upgrade.line);
    if (upgrade.size) {
        reach(*upgrade.size, 2, upgrade.line);
        check_only_writer(profile, "upgrade", *upgrade.size, 2, upgrade.line, nullptr, report);
    }
    for (const auto* steps : {&upgrade.start, &upgrade.commit, &upgrade.abort})
        for (const WriteStep& step : *steps) {
            reach(step.to, words_of(step.encoding.type), step.line);
            check_only_writer(profile, "upgrade", step.to, words_of(step.encoding.type), step.line, nullptr, report);
        }
    if (profile.sunspec) report.add(upgrade.line, "upgrade: SunSpec has no records for firmware; remove it");
    if (!profile.identify.model || !profile.identify.firmware)
        report.add(upgrade.line,
                   "upgrade: needs identify: model and firmware, to refuse the wrong file and to see the "
                   "new version run");
}

}  // namespace busbar::profile
