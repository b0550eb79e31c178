// Who a simulated device says it is.
#include <algorithm>
#include <charconv>

#include "plant/devices/simulated_device.hpp"
#include "profile/codec/decode.hpp"
#include "profile/codec/encode.hpp"

namespace busbar::plant {

using profile::Table;

void SimulatedDevice::show_text(const std::optional<profile::TextRead>& text, std::string_view fallback) {
    if (!text) return;
    const std::string shown = text->starts_with.empty() ? std::string(fallback) : text->starts_with.front();
    const std::string full = text->starts_with.empty() || shown.size() + 4 > text->count * 2u ? shown : shown + "-SIM";
    write_text(*text, full);
}

// The code of that name, or the digits themselves; a name without either becomes a number of eight digits of its own.
void SimulatedDevice::write_number(const profile::TextRead& text, std::string_view shown) {
    std::uint32_t number = 0;
    const auto named = std::ranges::find_if(text.codes, [&](const profile::Name& code) {
        return shown.starts_with(code.second) || code.second.starts_with(shown);
    });
    const auto end = std::from_chars(shown.data(), shown.data() + shown.size(), number).ptr;
    const bool is_number = !shown.empty() && end == shown.data() + shown.size();
    if (!text.codes.empty()) {
        number = named == text.codes.end() ? text.codes.front().first : named->first;
    } else if (!is_number) {
        constexpr std::uint32_t offset = 2166136261, prime = 16777619;  // FNV-1a: the same on every machine
        number = offset;
        for (const char c : shown) number = (number ^ static_cast<unsigned char>(c)) * prime;
        number = text.count == 1 ? number % 50'000 + 10'000 : number % 90'000'000 + 10'000'000;
    }
    if (const auto words = profile::encode_words(*text.number, number))
        registers_.set({text.at.table, text.at.offset, *words});
}

std::string SimulatedDevice::told(IdentityText which) const {
    const auto& text = place_of(which);
    if (!text) return which == IdentityText::maker ? profile_.identify.maker : std::string();
    std::vector<std::uint16_t> words;
    for (std::uint16_t i = 0; i < text->count; ++i)
        words.push_back(registers_.get(text->at.table, static_cast<std::uint16_t>(text->at.offset + i)));
    return profile::decode_text(*text, words);
}

void SimulatedDevice::write_text(const profile::TextRead& text, std::string_view shown) {
    if (text.number) return write_number(text, shown);
    for (std::uint16_t i = 0; i < text.count; ++i) {
        const auto at = [&](std::size_t n) { return n < shown.size() ? static_cast<unsigned char>(shown[n]) : 0; };
        registers_.set(text.at.table, static_cast<std::uint16_t>(text.at.offset + i),
                       static_cast<std::uint16_t>(at(2u * i) << 8 | at(2u * i + 1)));
    }
}

const std::optional<profile::TextRead>& SimulatedDevice::place_of(IdentityText which) const {
    const auto& who = profile_.identify;
    switch (which) {
        case IdentityText::maker:
            return who.maker_text;
        case IdentityText::model:
            return who.model;
        case IdentityText::serial:
            return who.serial;
        case IdentityText::firmware:
            break;
    }
    return who.firmware;
}

void SimulatedDevice::claim(IdentityText which, std::string_view text) {
    if (says(which)) write_text(*place_of(which), text);
}

// Of a name that is too long for the place the end counts: there devices of one kind differ.
std::string SimulatedDevice::own_serial(const profile::TextRead& text) const {
    const std::string mark = "SIM-";
    const std::size_t bytes = text.count * std::size_t{2};
    if (text.number || mark.size() + id_.size() <= bytes) return mark + id_;
    const std::size_t room = bytes > mark.size() ? bytes - mark.size() : 0;
    return mark + id_.substr(id_.size() - room);
}

void SimulatedDevice::show_identity() {
    const auto& who = profile_.identify;
    // The first product the profile names, as far as the device can say what it is.
    const auto* product = profile_.products.empty() ? nullptr : &profile_.products.front();
    const std::string_view brand = product ? std::string_view(product->brand) : "Busbar";
    show_text(who.maker_text, who.maker.empty() ? brand : std::string_view(who.maker));
    show_text(who.model, product && !product->models.empty() ? std::string_view(product->models.front()) : "Plant");
    if (who.serial) show_text(who.serial, own_serial(*who.serial));
    show_text(who.firmware, "1.0");
    for (const auto& check : who.checks) {
        const bool is_point = std::ranges::any_of(profile_.points, [&](const profile::Point& p) {
            const auto span = span_of(p);
            return p.at.table == check.at.table && check.at.offset >= span.first && check.at.offset <= span.last;
        });
        if (is_point || registers_.has(check.at.table, check.at.offset)) continue;
        if (auto words = encode_words(check.encoding, (check.min + check.max) / 2))
            registers_.set({check.at.table, check.at.offset, *words});
    }
}

}  // namespace busbar::plant
