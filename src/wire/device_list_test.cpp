#include "wire/device_list.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

using namespace busbar;
using namespace busbar::wire;

namespace {

constexpr std::uint8_t first = 0x87;

std::optional<ListedDevice> parse(std::string_view text) { return parse_listed_device(as_bytes(text)); }

// What a logger with these texts answers; `asked` is its PDU.
Pdu tell(const std::vector<std::string>& texts, ByteView asked) {
    std::uint8_t count = 0;
    const auto objects = device_list_objects(first, texts, count);
    const std::uint8_t from = decode_identity_request(asked)->object;
    const auto skipped = static_cast<std::size_t>(static_cast<std::uint8_t>(from - first));
    return encode_identity_answer(IdentityCode::extended, 0x03, std::span(objects).subspan(skipped));
}

// An answer by hand.
Bytes answer(std::uint8_t more, std::uint8_t next, const std::vector<std::pair<int, std::string>>& objects) {
    Bytes pdu{0x2B, 0x0E, 0x03, 0x03, more, next, static_cast<std::uint8_t>(objects.size())};
    for (const auto& [id, text] : objects) {
        pdu.push_back(static_cast<std::uint8_t>(id));
        pdu.push_back(static_cast<std::uint8_t>(text.size()));
        pdu.insert(pdu.end(), text.begin(), text.end());
    }
    return pdu;
}

}  // namespace

TEST_CASE("a text of the list says model, firmware, serial number and unit") {
    const auto device = parse("1=SUN2000;2=V100R001C01SPC120;3=P1.0-D1.0;4=123232323;5=2;6=1");
    REQUIRE(device.has_value());
    CHECK(*device == ListedDevice{"SUN2000", "V100R001C01SPC120", "123232323", 2});
    CHECK(parse(to_text(*device)) == device);
    // Not all say all, in any order, some more.
    CHECK(parse("5=12;8=33") == ListedDevice{"", "", "", 12});
    CHECK(parse("4=A=B;1=X;1=Y;") == ListedDevice{"X", "", "A=B", {}});
    CHECK(parse(std::string_view("1=X;5=0\0\0", 9)) == ListedDevice{"X", "", "", 0});
}

TEST_CASE("a text that says nothing, or no text, is unreadable") {
    CHECK_FALSE(parse("").has_value());
    CHECK_FALSE(parse("SUN2000").has_value());
    CHECK_FALSE(parse(";;;=;1;1=").has_value());
    CHECK_FALSE(parse("2=V100;3=P1").has_value());  // of whom?
    CHECK_FALSE(parse("1=SUN\x1b[2J;5=2").has_value());
    CHECK_FALSE(parse(std::string_view("1=SUN\0;5=2", 10)).has_value());
    CHECK_FALSE(parse("12=X;55=1").has_value());
    for (const std::string_view unit : {"256", "-1", "1x", "99999999999999999999", " 1"})
        CHECK_FALSE(parse(fmt::format("1=X;5={}", unit))->unit.has_value());
    CHECK(parse("1=" + std::string(200, 'x'))->model.size() == max_listed_text);
    // The longest that is played fits an object.
    const std::string longest(300, 'x');
    CHECK(to_text({longest, longest, longest, 247}).size() <= max_identity_object);
}

TEST_CASE("a list of any length is read to its end, round the ring of ids") {
    for (const std::size_t n : {0u, 1u, 3u, 120u, 121u, 255u}) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < n; ++i)
            texts.push_back(to_text({"SUN2000", "V1", fmt::format("SN{}", i), static_cast<std::uint8_t>(i)}));
        DeviceListReader reader(first);
        unsigned pages = 0;
        for (bool is_more = true; is_more; ++pages) {
            const auto taken = reader.take(tell(texts, reader.request().view()).view());
            REQUIRE_MESSAGE(taken.has_value(), (taken ? "" : taken.error().text));
            is_more = *taken;
        }
        CHECK(reader.list().is_complete());
        REQUIRE(reader.list().devices.size() == n);
        CHECK(pages <= 1 + n / 4);
        if (n > 0) CHECK(reader.list().devices.back().serial == fmt::format("SN{}", n - 1));
        if (n == 255) CHECK(reader.list().devices[120].unit == 120);  // behind 0xFF: object 0x00
    }
}

TEST_CASE("a list that never ends, goes back or stands still is given up, and keeps what was read") {
    const auto error_after = [](const std::vector<Bytes>& answers) {
        DeviceListReader reader(first);
        for (const Bytes& a : answers) {
            const auto more = reader.take(a);
            if (!more) return more.error().text + fmt::format(" [{}]", reader.list().devices.size());
        }
        return fmt::format("[{}]", reader.list().devices.size());
    };
    const std::string still = "the device list does not go on where it ended";
    CHECK(error_after({answer(0xFF, 0x87, {{0x87, "\x02"}})}) == still + " [0]");
    CHECK(error_after({answer(0xFF, 0x88, {})}) == "it tells who it is, but no list of devices [0]");
    CHECK(error_after({answer(0xFF, 0x89, {{0x87, "\x02"}, {0x88, "1=A"}}), answer(0xFF, 0x8A, {})}) == still + " [1]");
    CHECK(error_after({answer(0xFF, 0x89, {{0x87, "\x02"}, {0x88, "1=A"}}), answer(0, 0, {{0x88, "1=A"}})}) ==
          "the device list goes back to object 136 [1]");
    CHECK(error_after({answer(0, 0, {{0x87, "\x02"}, {0x88, "1=A"}, {0x88, "1=B"}})}) ==
          "the device list goes back to object 136 [1]");
    // One at a time for ever: over after 255.
    DeviceListReader reader(first);
    unsigned taken = 0;
    for (; taken < 10'000; ++taken) {
        const std::uint8_t id = reader.request().bytes[3];
        const auto more = reader.take(answer(0xFF, static_cast<std::uint8_t>(id + 1), {{id, "1=A"}}));
        if (!more) break;
    }
    CHECK(taken == 255);
    CHECK(reader.list().devices.size() == 255);
    CHECK_FALSE(reader.list().is_complete());
}

TEST_CASE("who tells no list is told from a list") {
    DeviceListReader reader(first);
    const auto name = reader.take(answer(0, 0, {{0, "HUAWEI"}, {1, "SUN2000"}, {2, "V100"}}));
    REQUIRE_FALSE(name.has_value());
    CHECK(name.error().kind == Errc::unsupported);
    const auto refused = reader.take(Bytes{0xAB, 2});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().text == "exception 2: illegal data address");
    CHECK(reader.list().devices.empty());
}

TEST_CASE("a list that says less or more than it promised is not complete") {
    const auto read = [](std::string_view count, const std::vector<std::pair<int, std::string>>& texts) {
        auto objects = texts;
        if (!count.empty()) objects.insert(objects.begin(), {0x87, std::string(count)});
        DeviceListReader reader(first);
        REQUIRE(reader.take(answer(0, 0, objects)).has_value());
        return reader.list();
    };
    CHECK(read("\x01", {{0x88, "1=A;5=3"}}).is_complete());
    CHECK_FALSE(read("\x02", {{0x88, "1=A;5=3"}}).is_complete());
    CHECK_FALSE(read("\x01", {{0x88, "1=A;5=3"}, {0x89, "1=B;5=4"}}).is_complete());
    CHECK_FALSE(read("", {{0x88, "1=A;5=3"}}).is_complete());
    CHECK_FALSE(read("12", {{0x88, "1=A;5=3"}}).is_complete());
    const DeviceList odd = read("\x02", {{0x88, "1=A;5=3"}, {0x89, "hello"}});
    CHECK(odd.unreadable == 1);
    CHECK_FALSE(odd.is_complete());
}
