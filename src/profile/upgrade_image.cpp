#include "profile/upgrade_image.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/crc.hpp"

namespace busbar::profile {
namespace {

std::size_t check_size(CheckSum kind) { return kind == CheckSum::crc16 ? 2 : 4; }

std::string text_in(ByteView image, const Upgrade::Text& place) {
    std::string text;
    for (const std::uint8_t c : image.subspan(place.at, place.length)) {
        if (c == 0) break;
        text += c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '?';
    }
    return text;
}

}  // namespace

std::uint32_t check_value(CheckSum kind, ByteView bytes) {
    return kind == CheckSum::crc16 ? crc16_modbus(bytes) : crc32(bytes);
}

Result<ImageInfo> check_image(const Upgrade& upgrade, ByteView image, std::string_view device_model) {
    const std::size_t trailer = check_size(upgrade.check);
    const std::size_t least =
        std::max<std::size_t>({upgrade.begins_with.size(), upgrade.model.at + std::size_t{upgrade.model.length},
                               upgrade.version.at + std::size_t{upgrade.version.length}}) +
        trailer;
    if (image.size() > upgrade.max_bytes)
        return fail(Errc::malformed,
                    fmt::format("the file has {} bytes, the device takes at most {}; is it the right one?",
                                image.size(), upgrade.max_bytes));
    if (image.size() < least || !as_text(image).starts_with(upgrade.begins_with))
        return fail(Errc::malformed, "the file is no firmware for this family of devices; get it from the maker again");
    std::uint32_t stated = 0;
    for (const std::uint8_t byte : image.last(trailer)) stated = stated << 8 | byte;
    if (check_value(upgrade.check, image.first(image.size() - trailer)) != stated)
        return fail(Errc::malformed, "the file is damaged: its check value does not hold; get it from the maker again");
    ImageInfo info{text_in(image, upgrade.model), text_in(image, upgrade.version), check_value(upgrade.check, image),
                   0};
    if (info.model.empty() || info.version.empty())
        return fail(Errc::malformed, "the file does not say for which model or which version it is");
    if (!device_model.starts_with(info.model))
        return fail(Errc::unsupported,
                    fmt::format("the file is for '{}', the device is '{}'; take the file for this model", info.model,
                                device_model));
    const std::size_t record = 2u * upgrade.record_words;
    info.records = static_cast<std::uint32_t>((image.size() + record - 1) / record);
    return info;
}

Bytes record_of(const Upgrade& upgrade, ByteView image, std::uint32_t i) {
    const std::size_t size = 2u * upgrade.record_words, begin = std::min<std::size_t>(size * i, image.size());
    const ByteView part = image.subspan(begin, std::min(size, image.size() - begin));
    Bytes record(part.begin(), part.end());
    record.resize(size, 0xFF);
    return record;
}

}  // namespace busbar::profile
