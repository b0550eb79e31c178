#include "control/obedience.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::control;
using namespace std::chrono_literals;

namespace {

struct Watched {
    Bound bound = Bound::follow;
    bool may_rest = false;
    ObedienceMemory memory;
    Instant now{1000s};

    // One judgement a second; returns after how many of them the verdict was `verdict`.
    std::optional<int> seconds_until(bool verdict, std::optional<double> asked, std::optional<double> power, int most) {
        for (int s = 0; s <= most; ++s) {
            if (memory.is_uncontrollable == verdict) return s;
            ObedienceInput input{.now = now, .bound = bound, .tolerance_w = 150, .may_rest = may_rest};
            if (asked) input.setpoint = model::Held{*asked, Instant{900s}};
            if (power) input.power_w = model::Measured{*power, now};
            memory = judge(input, memory);
            now += 1s;
        }
        return std::nullopt;
    }
};

}  // namespace

TEST_CASE("what counts as obeying, and what not") {
    struct Case {
        std::string_view name;
        Bound bound;
        double asked, power;
        bool may_rest, obeys;
    };
    const Case cases[] = {
        {"a cap that is kept", Bound::at_most, 3000, 2990, false, true},
        {"a cap with less sun", Bound::at_most, 3000, 0, false, true},
        {"a cap that is not kept", Bound::at_most, 3000, 3200, false, false},
        {"a battery that follows", Bound::follow, -2000, -1990, false, true},
        {"a warm battery that takes less", Bound::follow, -2000, -900, false, true},
        {"a battery that takes more", Bound::follow, -2000, -2400, false, false},
        {"a battery that goes the other way", Bound::follow, -2000, 500, false, false},
        {"a battery that does not move", Bound::follow, 2000, 0, false, false},
        {"an empty battery that does not move", Bound::follow, 2000, 0, true, true},
        {"an empty battery that charges though told to discharge", Bound::follow, 2000, -800, true, false},
        {"a battery told to rest", Bound::follow, 0, 60, false, true},
        {"a battery that does not rest", Bound::follow, 0, 600, false, false},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.name));
        Watched watched{.bound = c.bound, .may_rest = c.may_rest};
        const auto caught = watched.seconds_until(true, c.asked, c.power, 60);
        CHECK(caught.has_value() != c.obeys);
        if (caught) CHECK(*caught <= 10);
    }
}

TEST_CASE("a minute of obeying clears it, and a relapse starts the minute again") {
    Watched watched{.bound = Bound::at_most};
    REQUIRE(watched.seconds_until(true, 1000, 4000, 20));
    CHECK_FALSE(watched.seconds_until(false, 1000, 900, 50));
    CHECK_FALSE(watched.seconds_until(false, 1000, 4000, 5));
    CHECK_FALSE(watched.seconds_until(false, 1000, 900, 55));
    CHECK(watched.seconds_until(false, 1000, 900, 10));
}

TEST_CASE("silence proves nothing, and being asked nothing is forgiven after ten minutes") {
    Watched watched{};
    REQUIRE(watched.seconds_until(true, -2000, 2000, 20));
    CHECK_FALSE(watched.seconds_until(false, -2000, std::nullopt, 300));
    CHECK_FALSE(watched.seconds_until(false, std::nullopt, 0, 590));
    CHECK(watched.seconds_until(false, std::nullopt, 0, 20));
    // It gets its next try, and is caught again if it did not change.
    CHECK(watched.seconds_until(true, -2000, 2000, 20));
}
