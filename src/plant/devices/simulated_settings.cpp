// What a simulated device keeps: the settings of its profile, as delivered, until they are written; and its clock.
#include <algorithm>

#include "plant/devices/simulated_device.hpp"
#include "profile/clock.hpp"
#include "profile/codec/decode.hpp"
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
    if (const auto& clock = profile_.clock) {
        registers_.map(clock->at.table, clock->at.offset, words_of(*clock));
        for (std::uint32_t i = 0; i < words_of(*clock) && clock->is_set; ++i) writable_[clock->at.offset + i] = true;
        show_clock();
    }
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

void SimulatedDevice::show_clock() {
    const profile::Clock& clock = *profile_.clock;
    const auto count = words_of(clock);
    const auto shown = registers_.read(clock.at.table, clock.at.offset, count);
    const auto utc = std::chrono::floor<std::chrono::seconds>(view_.site().wall().time_since_epoch());
    const auto words = encode_clock(clock, profile::ClockFace{utc + clock_ahead_},
                                    shown ? std::span<const std::uint16_t>(*shown) : std::span<const std::uint16_t>());
    for (std::uint32_t i = 0; words && i < count; ++i)
        registers_.set(clock.at.table, static_cast<std::uint16_t>(clock.at.offset + i), (*words)[i]);
}

// False: a date that does not exist. The clock starts its second when it is written.
bool SimulatedDevice::takes_clock(const RegisterFile& after, std::uint16_t address, std::uint16_t count) {
    if (!profile_.clock) return true;
    const profile::Clock& clock = *profile_.clock;
    const auto width = words_of(clock);
    if (clock.at.offset >= std::uint32_t{address} + count || address >= std::uint32_t{clock.at.offset} + width)
        return true;
    const auto words = after.read(clock.at.table, clock.at.offset, width);
    const auto face = words ? decode_clock(clock, *words) : std::nullopt;
    if (!face) return false;
    const auto utc = std::chrono::floor<std::chrono::seconds>(view_.site().wall().time_since_epoch());
    clock_ahead_ = face->time_since_epoch() - utc;
    return true;
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
