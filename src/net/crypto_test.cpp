#include "net/crypto.hpp"

#include <doctest/doctest.h>

using namespace busbar::net;

TEST_CASE("the digest is SHA-256 and equality is equality") {
    const auto digest = sha256("abc");  // FIPS 180-2, B.1
    CHECK(digest[0] == 0xba);
    CHECK(digest[1] == 0x78);
    CHECK(digest[31] == 0xad);
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abc", "ab"));
    std::array<std::uint8_t, 32> one{}, two{};
    CHECK(random_bytes(one));
    CHECK(random_bytes(two));
    CHECK(one != two);
}

TEST_CASE("base64 is read back to the last byte, and nothing else is") {
    CHECK(base64_decoded("") == "");
    CHECK(base64_decoded("Zg==") == "f");  // RFC 4648, 10
    CHECK(base64_decoded("Zm8=") == "fo");
    CHECK(base64_decoded("Zm9v") == "foo");
    CHECK(base64_decoded("Zm9vYmFy") == "foobar");
    CHECK(base64_decoded("AP+/") == std::string("\0\xff\xbf", 3));
    for (const char* bad : {"Z", "Zg", "Zg=", "====", "Z===", "Zg==Zg==", "Zm9v\n", " Zm9", "Zm-_", "Zm9vYm\xff="})
        CHECK_FALSE(base64_decoded(bad).has_value());
}
