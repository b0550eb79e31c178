#include "text.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

using namespace busbar::ctl;

TEST_CASE("quantities have three significant digits and a unit, unknown is a word") {
    const struct {
        std::optional<double> value;
        const char* unit;
        const char* text;
    } cases[] = {
        {4213, "W", "4.21 kW"},
        {-4213, "W", "-4.21 kW"},
        {420.4, "W", "420 W"},
        {999.6, "W", "1.00 kW"},
        {12345678, "Wh", "12.3 MWh"},
        {230.14, "V", "230 V"},
        {50.02, "Hz", "50.0 Hz"},
        {0.5, "A", "0.50 A"},
        {7, "", "7"},
        {std::nullopt, "W", "unknown"},
        {0, "W", "0 W"},
    };
    for (const auto& c : cases) CHECK(quantity(c.value, c.unit) == c.text);
}

TEST_CASE("tables align numbers to the right and disarm control characters") {
    CHECK(table({"name", "power"}, {{"roof", "4.21 kW"}, {"a\x1b[2Jb", "20 W"}}) ==
          "name      power\nroof    4.21 kW\na?[2Jb     20 W\n");
    CHECK(table({"from", "n"}, {{"2026-11-21 14:05:09", "12"}}) ==
          "from                  n\n2026-11-21 14:05:09  12\n");
    CHECK(table({"", ""}, {{"PV", "producing"}}) == "PV  producing\n");
    CHECK(table({"a"}, {{"x\xc2\x9b"
                         "1m\xe2\x80\xae"}})
              .find('\x9b') == std::string::npos);  // C1, right-to-left
}

TEST_CASE("large counts are grouped, sizes have a unit") {
    CHECK(grouped(999) == "999");
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(grouped(-123456) == "-123,456");
    CHECK(bytes(999) == "999 B");
    CHECK(bytes(1234567) == "1.23 MB");
    CHECK(bytes(2.5e9) == "2.50 GB");
}

TEST_CASE("times as people type them") {
    ::setenv("TZ", "Europe/Berlin", 1);
    ::tzset();
    const std::int64_t now = 1'700'000'000'000;  // 2023-11-14 23:13:20 +01:00
    CHECK(*parse_time("now", now) == now);
    CHECK(*parse_time("-90m", now) == now - 90 * 60'000);
    CHECK(*parse_time("-7d", now) == now - 7 * 86'400'000LL);
    CHECK(local_time(*parse_time("today", now)) == "2023-11-14 00:00:00");
    CHECK(local_time(*parse_time("yesterday", now)) == "2023-11-13 00:00:00");
    CHECK(*parse_time("2023-11-14T22:13:20Z", now) == now);
    CHECK(*parse_time("2023-11-14T23:13:20", now) == now);
    CHECK(*parse_time("1700000000000", now) == now);
    for (const char* bad : {"", "soon", "-5x", "-", "2023-13-01", "2023-11-14T", "-99999999999999999999d"})
        CHECK_FALSE(parse_time(bad, now));
}
