// The part `upgrade` of a profile, and the images it describes.
#include <doctest/doctest.h>

#include "profile/load/load.hpp"
#include "profile/upgrade_image.hpp"

using namespace busbar;
using namespace busbar::profile;

namespace {

constexpr std::string_view head = R"(profile: test/inverter
source: "a document"
verified: "nothing"
products: [{brand: Test, models: [T1]}]
bus: {protocol: modbus}
identify: {maker: Test, model: {read: holding 10, count: 4, starts_with: T}, firmware: {read: holding 20, count: 4}}
points:
  battery.soc: {read: holding 100, type: u16, unit: "%"}
settings:
  mode: {text: Mode, at: holding 60, choices: {0: rest}, access: owner}
upgrade:
)";
constexpr std::string_view good =
    R"(  image: {begins_with: FW, model: {at: 2, length: 4}, version: {at: 6, length: 4}, max_bytes: 1000, check: crc16}
  records: {file: 3, registers: 4, next: input 904, type: u32}
  start:  [{to: holding 900, value: 1}]
  commit: [{to: holding 900, value: 2}]
  abort:  [{to: holding 900, value: 3}]
  received_check: input 906
  restart_within: 3min
)";

std::string with(std::string_view line, std::string_view instead) {
    std::string text(good);
    const auto at = text.find(line);
    REQUIRE(at != std::string::npos);
    return std::string(head) + text.replace(at, text.find('\n', at) - at, instead);
}

}  // namespace

TEST_CASE("an upgrade says how the image looks and where it goes") {
    const auto profile = load(std::string(head) + std::string(good), "inverter.yaml");
    REQUIRE_MESSAGE(profile.has_value(), (profile ? "" : profile.error().text));
    REQUIRE(profile->upgrade.has_value());
    const Upgrade& upgrade = *profile->upgrade;
    CHECK(upgrade.file == 3);
    CHECK(upgrade.record_words == 4);
    CHECK(upgrade.next == Address{Table::input, 904, 0});
    CHECK(upgrade.next_type == ValueType::u32);
    CHECK(upgrade.check == CheckSum::crc16);
    CHECK_FALSE(upgrade.size.has_value());
    CHECK(upgrade.commit.front().constants[0] == 2);
    CHECK(upgrade.restart_within == std::chrono::minutes(3));

    Bytes image{'F', 'W', 'T', '1', 0, 0, '2', '.', '1', 0, 7};
    const std::uint32_t check = check_value(CheckSum::crc16, image);
    image.push_back(static_cast<std::uint8_t>(check >> 8));
    image.push_back(static_cast<std::uint8_t>(check));
    const auto info = check_image(upgrade, image, "T1-9000");
    REQUIRE_MESSAGE(info.has_value(), (info ? "" : info.error().text));
    CHECK(info->model == "T1");
    CHECK(info->version == "2.1");
    CHECK(info->records == 2);
    CHECK(record_of(upgrade, image, 0) == Bytes(image.begin(), image.begin() + 8));
    const Bytes last = record_of(upgrade, image, 1);
    CHECK(last.size() == 8);
    CHECK(last[4] == image.back());
    CHECK(last[5] == 0xFF);
    CHECK(check_image(upgrade, image, "T2").error().kind == Errc::unsupported);
    for (std::size_t i = 0; i < image.size(); ++i) {  // no single wrong byte passes
        Bytes damaged = image;
        damaged[i] ^= 0x10;
        CHECK_FALSE(check_image(upgrade, damaged, "T1-9000").has_value());
    }
    for (std::size_t n = 0; n < image.size(); ++n)
        CHECK_FALSE(check_image(upgrade, ByteView(image).first(n), "T1-9000").has_value());
}

TEST_CASE("a wrong upgrade has its line, its reason and its remedy") {
    const struct {
        std::string_view line, instead, error;
    } cases[] = {
        {"  image", "", "'image' is missing"},
        {"  image", "  image: {begins_with: FW, model: {at: 2, length: 4}, version: {at: 6, length: 4}, check: crc16}",
         "'max_bytes' is missing"},
        {"  image",
         "  image: {begins_with: FW, model: {at: 2}, version: {at: 6, length: 4}, max_bytes: 99, check: crc16}",
         "image: model: 'length' is missing"},
        {"  image",
         "  image: {begins_with: FW, model: {at: 2, length: 4}, version: {at: 6, length: 4}, max_bytes: 99, check: "
         "md5}",
         "expected crc16 or crc32"},
        {"  records", "  records: {registers: 123, next: input 904}", "a whole number from 1 to 122"},
        {"  records", "  records: {next: input 904, type: f32}", "is a u16 or u32"},
        {"  records", "  records: {}", "'next' is missing"},
        {"  start", "", "'start' is missing"},
        {"  abort", "  abort: [{to: holding 60, value: 3}]", "holding 60 is also written by mode (line 10)"},
        {"  received_check", "", "'received_check' is missing"},
        {"  restart_within", "  restart_within: 1s", "expected a time from 10000"},
    };
    for (const auto& c : cases) {
        const auto profile = load(with(c.line, c.instead), "inverter.yaml");
        REQUIRE_MESSAGE(!profile.has_value(), c.instead);
        CHECK_MESSAGE(profile.error().text.find(c.error) != std::string::npos, profile.error().text);
    }
    std::string no_firmware = std::string(head) + std::string(good);
    const std::string_view text = ", firmware: {read: holding 20, count: 4}";
    no_firmware.erase(no_firmware.find(text), text.size());
    const auto profile = load(no_firmware, "inverter.yaml");
    REQUIRE_FALSE(profile.has_value());
    CHECK(profile.error().text.find("needs identify: model and firmware") != std::string::npos);
}
