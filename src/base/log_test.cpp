#include "base/log.hpp"

#include <doctest/doctest.h>

using busbar::printable;

TEST_CASE("a hostile string cannot forge a line or steer a terminal") {
    CHECK(printable("plain Wärmepumpe ☀ 太阳") == "plain Wärmepumpe ☀ 太阳");
    CHECK(printable("a\nb\r\tc\x1b[2J") == "a; b??c?[2J");
    CHECK(printable("\xC2\x9B" "x") == "??x");              // C1 control
    CHECK(printable("\xE2\x80\xAE" "cba") == "???cba");      // right-to-left override
    CHECK(printable("\xC0\xAF\xED\xA0\x80\xFF") == "??????");  // overlong, surrogate, no UTF-8
    CHECK(printable("\xF0\x9F\x98") == "???");               // cut off
}

TEST_CASE("long strings are cut between characters") {
    CHECK(printable("aaaa", 2) == "aa");
    CHECK(printable("aä", 2) == "a");
    CHECK(printable(std::string(5000, 'x')).size() == 1000);
}
