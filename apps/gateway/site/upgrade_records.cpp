#include "site/upgrade_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "base/log.hpp"
#include "config/rules.hpp"

namespace busbar::gateway {
namespace {

using device::UpgradePhase;

constexpr std::size_t most_bytes = 1 << 20, most_records = 256, longest_text = 1000;

std::optional<UpgradePhase> phase_named(std::string_view word) {
    using enum UpgradePhase;
    for (const auto phase : {none, transferring, checking, installing, done, interrupted, cancelled, failed})
        if (to_string(phase) == word) return phase;
    return std::nullopt;
}

template <class Number>
bool read(std::string_view word, Number& into) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), into);
    return error == std::errc{} && end == word.data() + word.size();
}

bool is_digest(std::string_view word) {
    return word.size() == 64 && word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// False: no such key, or not what belongs there.
bool take(UpgradeRecord& record, std::string_view key, std::string_view value) {
    device::UpgradeState& state = record.state;
    const std::pair<std::string_view, std::string*> texts[] = {
        {"model", &state.model}, {"from", &state.from},      {"to", &state.to},
        {"text", &state.text},   {"user", &record.username}, {"address", &record.address}};
    for (const auto& [name, text] : texts)
        if (name == key) {
            *text = printable(value, longest_text);
            return true;
        }
    if (key == "phase") {
        const auto phase = phase_named(value);
        state.phase = phase.value_or(UpgradePhase::none);
        return phase.has_value();
    }
    if (key == "image") {
        record.image = value;
        return is_digest(value);
    }
    if (key == "under_way") {
        record.is_under_way = value == "yes";
        return value == "yes" || value == "no";
    }
    if (key == "size") return read(value, record.size);
    if (key == "check") return read(value, state.image_check);
    if (key == "sent") return read(value, state.sent);
    if (key == "total") return read(value, state.total);
    return false;
}

}  // namespace

// A block per device: "device ID", then "key value" lines.
std::string to_text(const UpgradeRecords& records) {
    std::string text;
    for (const auto& [id, r] : records) {
        const auto line = [&](std::string_view key, const std::string& value) {
            text += fmt::format("{} {}\n", key, printable(value, longest_text));
        };
        line("device", id);
        line("phase", std::string(to_string(r.state.phase)));
        line("under_way", r.is_under_way ? "yes" : "no");
        line("image", r.image);
        line("user", r.username);
        line("address", r.address);
        line("model", r.state.model);
        line("from", r.state.from);
        line("to", r.state.to);
        line("text", r.state.text);
        text += fmt::format("size {}\ncheck {}\nsent {}\ntotal {}\n", r.size, r.state.image_check, r.state.sent,
                            r.state.total);
    }
    return text;
}

UpgradeRecords parse_upgrade_records(std::string_view text) {
    UpgradeRecords records;
    std::string id;
    UpgradeRecord record;
    bool is_good = false;
    const auto finish = [&] {
        if (is_good && !record.image.empty() && records.size() < most_records) records.emplace(id, std::move(record));
        record = {};
    };
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) {
            is_good = false;  // cut off here
            break;
        }
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        const auto space = line.find(' ');
        const std::string_view key = line.substr(0, space);
        const std::string_view value = space == std::string_view::npos ? "" : line.substr(space + 1);
        if (key != "device") {
            is_good = is_good && take(record, key, value);
            continue;
        }
        finish();
        id = value;
        is_good = config::is_id(id);
    }
    finish();
    return records;
}

UpgradeRecords read_upgrade_records(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(most_bytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return parse_upgrade_records(text);
}

api::UpgradeView view_of(const UpgradeRecord& record) {
    using enum UpgradePhase;
    api::UpgradeView view;
    view.percent = record.state.percent();
    view.text = record.state.text;
    view.from = record.state.from;
    view.to = record.state.to;
    view.image = record.image;
    switch (record.state.phase) {
        case none:
            view.state = record.is_under_way ? api::UpgradeState::transferring : api::UpgradeState::idle;
            break;
        case transferring:
            view.state = record.is_under_way ? api::UpgradeState::transferring : api::UpgradeState::interrupted;
            break;
        case checking:
            view.state = record.is_under_way ? api::UpgradeState::verifying : api::UpgradeState::interrupted;
            break;
        case installing:
            view.state = record.is_under_way ? api::UpgradeState::installing : api::UpgradeState::interrupted;
            break;
        case done:
            view.state = api::UpgradeState::done;
            break;
        case interrupted:
            view.state = api::UpgradeState::interrupted;
            break;
        case cancelled:
            view.state = api::UpgradeState::cancelled;
            break;
        case failed:
            view.state = api::UpgradeState::failed;
            break;
    }
    return view;
}

}  // namespace busbar::gateway
