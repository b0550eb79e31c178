// What a simulated device keeps: the settings of its profile, as delivered, until they are written.
#include <algorithm>

#include "plant/simulated_device.hpp"
#include "profile/decode.hpp"
#include "profile/setting.hpp"

namespace busbar::plant {
namespace {

using profile::Setting;
using profile::Table;

// The first choice, or the value nearest to 0 that is offered.
double as_delivered(const Setting& setting) {
    if (!setting.choices.empty()) return static_cast<double>(setting.choices.front().code);
    return setting.min < setting.max ? std::clamp(0.0, setting.min, setting.max) : 0;
}

}  // namespace

void SimulatedDevice::lay_out_settings() {
    for (const Setting& setting : profile_.settings) {
        const Table table = setting.at.table;
        const auto count = words_of(setting.encoding.type);
        const bool is_point = std::ranges::any_of(profile_.points, [&](const auto& p) { return p.at == setting.at; });
        const auto& exponent = setting.encoding.exponent;
        const bool is_scaled = exponent && std::ranges::any_of(profile_.points, [&](const profile::Point& p) {
                                   return p.encoding.exponent == exponent;
                               });
        if (exponent && !is_scaled) registers_.set(table, *exponent, 0);
        const int power = exponent ? static_cast<std::int16_t>(registers_.get(table, *exponent)) : 0;
        const auto words = encode_words(setting.encoding, as_delivered(setting), power);
        registers_.map(table, setting.at.offset, count);
        if (!is_point && words) registers_.set({table, setting.at.offset, *words});
        if (setting.access == profile::Access::nobody) continue;
        for (std::uint32_t i = 0; i < count; ++i) writable_[setting.at.offset + i] = true;
        for (const profile::WriteStep& step : setting.before) {
            registers_.map(step.to.table, step.to.offset, words_of(step.encoding.type));
            for (std::uint32_t i = 0; i < words_of(step.encoding.type); ++i) writable_[step.to.offset + i] = true;
        }
    }
}

// Real devices refuse what they do not offer; steps between are rounded by some and taken by most, so they are taken.
bool SimulatedDevice::takes_settings(const RegisterFile& after, std::uint16_t address, std::uint16_t count) const {
    for (const Setting& setting : profile_.settings) {
        const auto width = words_of(setting.encoding.type);
        const bool is_touched = setting.at.table == Table::holding &&
                                setting.at.offset < std::uint32_t{address} + count &&
                                address < std::uint32_t{setting.at.offset} + width;
        if (!is_touched || setting.access == profile::Access::nobody) continue;
        std::array<std::uint16_t, 4> words{};
        for (std::uint16_t i = 0; i < width; ++i)
            words[i] = after.get(Table::holding, static_cast<std::uint16_t>(setting.at.offset + i));
        const auto& exponent = setting.encoding.exponent;
        const int power = exponent ? static_cast<std::int16_t>(after.get(Table::holding, *exponent)) : 0;
        Setting offered = setting;
        offered.step = 0;
        const auto value = decode_words(setting.encoding, std::span(words).first(width), power);
        if (!value || !check_value(offered, *value)) return false;
    }
    return true;
}

}  // namespace busbar::plant
