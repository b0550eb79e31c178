#include "base/crc.hpp"

#include <doctest/doctest.h>

using namespace busbar;

TEST_CASE("the published check values hold") {
    CHECK(crc16_modbus(as_bytes("123456789")) == 0x4B37);
    CHECK(crc32c(as_bytes("123456789")) == 0xE3069283u);
    CHECK(crc32(as_bytes("123456789")) == 0xCBF43926u);
    CHECK(crc32({}) == 0);
}

TEST_CASE("a checksum can be continued") {
    const std::string_view text = "a longer text than eight bytes, cut anywhere";
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        CHECK(crc32c(as_bytes(text.substr(cut)), crc32c(as_bytes(text.substr(0, cut)))) == crc32c(as_bytes(text)));
}
