#include "views/local_time.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::gateway;
using namespace std::chrono_literals;
using Span = LocalTime::Span;

namespace {
constexpr WallTime at_utc(std::int64_t s) { return WallTime(std::chrono::seconds(s)); }
}  // namespace

TEST_CASE("days of Berlin have 23, 24 and 25 hours") {
    const auto berlin = LocalTime::of("Europe/Berlin");
    REQUIRE(berlin.has_value());
    const WallTime spring = at_utc(1774738800);  // 2026-03-29 00:00 +01:00
    CHECK(berlin->midnight(spring + 12h) == spring);
    CHECK(berlin->next(spring + 12h, Span::day) == spring + 23h);
    const WallTime autumn = at_utc(1792879200);  // 2026-10-25 00:00 +02:00
    CHECK(berlin->next(autumn, Span::day) == autumn + 25h);
    const WallTime winter = at_utc(1795215600);  // 2026-11-21 00:00 +01:00
    CHECK(berlin->midnight(winter - 1ms) == winter - 24h);
    CHECK(berlin->next(winter, Span::day) == winter + 24h);
    CHECK(berlin->next(winter, Span::month) == winter + 10 * 24h);
    CHECK(berlin->begin(winter + 90min, Span::hour) == winter + 1h);
    // The hour that autumn repeats is two steps.
    CHECK(berlin->begin(autumn + 2h + 30min, Span::hour) == autumn + 2h);
    CHECK(berlin->begin(autumn + 3h + 30min, Span::hour) == autumn + 3h);
}

TEST_CASE("half-hour zones begin their hours where their people do") {
    const auto kolkata = LocalTime::of("Asia/Kolkata");
    REQUIRE(kolkata.has_value());
    CHECK(kolkata->begin(at_utc(1795215600), Span::hour) == at_utc(1795213800));
}

TEST_CASE("the offset to UTC is that of the instant") {
    const auto berlin = LocalTime::of("Europe/Berlin");
    REQUIRE(berlin.has_value());
    const WallTime spring = at_utc(1774746000);  // 2026-03-29 01:00 UTC: summer time begins
    CHECK(berlin->utc_offset(spring - 1ms) == 1h);
    CHECK(berlin->utc_offset(spring) == 2h);
    CHECK(LocalTime::utc().utc_offset(spring) == 0s);
}

TEST_CASE("an unknown zone is refused, UTC needs no files") {
    CHECK_FALSE(LocalTime::of("Middle/Earth").has_value());
    CHECK(LocalTime::utc().midnight(at_utc(86400 + 5)) == at_utc(86400));
}
