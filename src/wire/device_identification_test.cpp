#include "wire/device_identification.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "wire/modbus_rtu.hpp"

using namespace busbar;
using namespace busbar::wire;

namespace {

bool same(ByteView a, const Bytes& b) { return std::ranges::equal(a, b); }

}  // namespace

TEST_CASE("a device says who it is as the document's example has it") {
    // 6.21: three basic objects in one answer.
    const Pdu request = encode_identity_request({IdentityCode::basic, 0});
    CHECK(same(request.view(), {0x2B, 0x0E, 0x01, 0x00}));
    const auto asked = decode_identity_request(request.view());
    REQUIRE(asked.has_value());
    CHECK(asked->code == IdentityCode::basic);
    const std::string vendor = "Company identification", product = "Product code XX", version = "V2.11";
    const IdentityObject objects[] = {{0, as_bytes(vendor)}, {1, as_bytes(product)}, {2, as_bytes(version)}};
    const Pdu answer = encode_identity_answer(IdentityCode::basic, 0x01, objects);
    CHECK(same(answer.view().first(9), {0x2B, 0x0E, 0x01, 0x01, 0x00, 0x00, 0x03, 0x00, 0x16}));
    const auto page = decode_identity_answer(answer.view(), IdentityCode::basic);
    REQUIRE(page.has_value());
    CHECK_FALSE(page->more_follows);
    REQUIRE(page->objects.size() == 3);
    CHECK(as_text(page->objects[0].value) == vendor);
    CHECK(page->objects[2].id == 2);
    CHECK(as_text(page->objects[2].value) == version);
}

TEST_CASE("what does not fit one answer follows in the next") {
    const std::string long_text(max_identity_object, 'x');
    const IdentityObject objects[] = {{0x88, as_bytes(long_text)}, {0x89, as_bytes(long_text)}};
    const Pdu answer = encode_identity_answer(IdentityCode::extended, 0x83, objects);
    CHECK(answer.size == max_pdu_size);
    const auto page = decode_identity_answer(answer.view(), IdentityCode::extended);
    REQUIRE(page.has_value());
    CHECK(page->objects.size() == 1);
    CHECK(page->more_follows);
    CHECK(page->next_object == 0x89);
}

TEST_CASE("an answer that is none is refused") {
    const auto error = [](const Bytes& pdu) {
        const auto page = decode_identity_answer(pdu, IdentityCode::basic);
        return page ? std::string() : std::string(to_string(page.error().kind)) + ": " + page.error().text;
    };
    CHECK(error({0xAB, 1}) == "refused: exception 1: illegal function");
    const std::string none = "malformed: device identification: the answer is no such answer";
    CHECK(error({}) == none);
    CHECK(error({0x2B, 0x0D, 1, 1, 0, 0, 0}) == none);
    CHECK(error({0x2B, 0x0E, 3, 1, 0, 0, 0}) == none);  // to another question
    CHECK(error({0x2B, 0x0E, 1, 1, 0, 0}) == none);
    const std::string beyond = "malformed: device identification: an object ends beyond the answer";
    CHECK(error({0x2B, 0x0E, 1, 1, 0, 0, 255}) == beyond);
    CHECK(error({0x2B, 0x0E, 1, 1, 0, 0, 1, 0, 5, 'A'}) == beyond);
    CHECK(error({0x2B, 0x0E, 1, 1, 0, 0, 1, 0, 1, 'A', 'B'}) ==
          "malformed: device identification: bytes are left behind the last object");
    CHECK(error({0x2B, 0x0E, 1, 1, 0, 0, 0}) == "");
}

TEST_CASE("a request that is none is refused, and a serial server knows where it ends") {
    const auto code = [](const Bytes& pdu) {
        const auto asked = decode_identity_request(pdu);
        return asked ? 0 : static_cast<int>(asked.error());
    };
    CHECK(code({}) == 1);
    CHECK(code({0x2B}) == 1);
    CHECK(code({0x2B, 0x0D, 1, 0}) == 1);
    CHECK(code({0x2B, 0x0E, 1}) == 3);
    CHECK(code({0x2B, 0x0E, 0, 0}) == 3);
    CHECK(code({0x2B, 0x0E, 5, 0}) == 3);
    CHECK(code({0x2B, 0x0E, 1, 0, 0}) == 3);
    CHECK(code({0x2B, 0x0E, 4, 0xFF}) == 0);
    CHECK(rtu_request_size(Bytes{7, 0x2B, 0x0E}) == 7u);
    CHECK_FALSE(rtu_request_size(Bytes{7, 0x2B}).has_value());
}
