#include "strategy/ac_trail.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::strategy;
using namespace std::chrono_literals;

namespace {
constexpr Instant start(100s);

AcTrail trail(std::initializer_list<std::pair<Duration, double>> readings) {
    AcTrail made;
    for (const auto& [at, value] : readings) made.note({value, start + at});
    return made;
}
}  // namespace

TEST_CASE("between two readings the power was between them") {
    const Range range = trail({{0s, 1000}, {1s, 3000}}).at(start + 600ms, 5000);
    CHECK(range.low == 1000);
    CHECK(range.high == 3000);
}

TEST_CASE("after the last reading it may have gone as far as its cap, up or down") {
    const AcTrail at_two_kilowatts = trail({{0s, 2000}});
    CHECK(at_two_kilowatts.at(start + 500ms, 5000).high == 5000);
    CHECK(at_two_kilowatts.at(start + 500ms, 5000).low == 2000);
    CHECK(at_two_kilowatts.at(start + 500ms, 800).low == 800);
}

TEST_CASE("readings long before the look do not count, however many there are") {
    AcTrail made;
    for (int i = 0; i < 40; ++i) made.note({100.0 * i, start + i * 1s});
    const Range range = made.at(start + 38500ms, 9000);
    CHECK(range.low == 3800);
    CHECK(range.high == 3900);
}

TEST_CASE("without any reading only the cap is known") {
    const Range range = AcTrail().at(start, 4000);
    CHECK(range.low == 4000);
    CHECK(range.high == 4000);
}

TEST_CASE("a fall is measured from the highest reading since") {
    const AcTrail falling = trail({{0s, 5000}, {1s, 4000}, {2s, 3500}, {3s, 3600}});
    CHECK(falling.fall_since(start) == 1400);
    CHECK(falling.fall_since(start + 1s) == 400);
    CHECK(falling.fall_since(start + 3s) == 0);
    CHECK(AcTrail().fall_since(start) == 0);
}
