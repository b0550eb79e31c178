#include "wire/device_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"

namespace busbar::wire {
namespace {

constexpr std::size_t most_texts = 255;

// Keys of the fields that are understood; others, such as the protocol version, are passed over.
enum Key : char { model = '1', firmware = '2', serial = '4', unit = '5' };

std::optional<std::uint8_t> number_of(std::string_view text) {
    std::uint8_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = error == std::errc() && end == text.data() + text.size();
    return is_whole ? std::optional(number) : std::nullopt;
}

void keep(std::string& field, std::string_view value) {
    if (field.empty()) field = value.substr(0, max_listed_text);
}

}  // namespace

std::optional<ListedDevice> parse_listed_device(ByteView bytes) {
    std::string_view text = as_text(bytes);
    while (text.ends_with('\0')) text.remove_suffix(1);
    if (!std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; })) return std::nullopt;
    ListedDevice device;
    bool says_something = false;
    while (!text.empty()) {
        const std::string_view field = text.substr(0, text.find(';'));
        text.remove_prefix(std::min(text.size(), field.size() + 1));
        if (field.size() < 3 || field[1] != '=') continue;
        const std::string_view value = field.substr(2);
        if (field[0] == model) keep(device.model, value);
        if (field[0] == firmware) keep(device.firmware, value);
        if (field[0] == serial) keep(device.serial, value);
        if (field[0] == unit && !device.unit) device.unit = number_of(value);
        says_something = says_something || field[0] == model || field[0] == serial || field[0] == unit;
    }
    return says_something ? std::optional(std::move(device)) : std::nullopt;
}

std::string to_text(const ListedDevice& device) {
    const auto cut = [](const std::string& text) { return std::string_view(text).substr(0, max_listed_text); };
    std::string text =
        fmt::format("1={};2={};3=P1.0-D1.0;4={}", cut(device.model), cut(device.firmware), cut(device.serial));
    if (device.unit) text += fmt::format(";5={};6=1", *device.unit);
    return text;
}

Result<bool> DeviceListReader::take(ByteView answer) {
    BUSBAR_TRY(const IdentityPage page, decode_identity_answer(answer, IdentityCode::extended));
    // A device without a list answers with its name instead, as the standard wants it.
    if (next_ == first_ && (page.objects.empty() || place_of(page.objects.front().id) > 1))
        return fail(Errc::unsupported, "it tells who it is, but no list of devices");
    unsigned last = place_of(next_);
    bool is_any = false;
    for (const IdentityObject& object : page.objects) {
        const unsigned place = place_of(object.id);
        if (place < last || (is_any && place == last))
            return fail(Errc::malformed, fmt::format("the device list goes back to object {}", object.id));
        last = place;
        is_any = true;
        take_object(object);
    }
    if (!page.more_follows) return false;
    if (!is_any || place_of(page.next_object) <= last)
        return fail(Errc::malformed, "the device list does not go on where it ended");
    next_ = page.next_object;
    return true;
}

void DeviceListReader::take_object(const IdentityObject& object) {
    if (object.id == first_) {
        if (object.value.size() == 1) list_.promised = object.value[0];
        return;
    }
    if (auto device = parse_listed_device(object.value))
        list_.devices.push_back(std::move(*device));
    else
        ++list_.unreadable;
}

std::vector<IdentityObject> device_list_objects(std::uint8_t first, std::span<const std::string> texts,
                                                std::uint8_t& count) {
    BUSBAR_ASSERT(texts.size() <= most_texts);
    count = static_cast<std::uint8_t>(texts.size());
    std::vector<IdentityObject> objects{{first, {&count, 1}}};
    for (const std::string& text : texts)
        objects.push_back({static_cast<std::uint8_t>(first + objects.size()),
                           as_bytes(std::string_view(text).substr(0, max_identity_object))});
    return objects;
}

}  // namespace busbar::wire
