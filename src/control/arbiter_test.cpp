#include "control/arbiter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace busbar;
using namespace busbar::control;
using namespace std::chrono_literals;
using model::Limit;
using model::Rank;
using model::Request;
using model::Role;
using model::Step;
using model::Target;

namespace {
constexpr double none = std::numeric_limits<double>::infinity();
const Target store{3, {Role::battery_power_set, 0}};
Limit limit(Rank rank, double low, double high, Target target = store) {
    return {target, rank, low, high, std::string(to_string(rank)), "why"};
}
Request wish(double value, std::uint8_t priority = 1, Target target = store) {
    return {target, value, priority, "test", "wish"};
}
double outcome(std::vector<Limit> limits, std::vector<Request> requests) {
    const auto setpoints = arbitrate(limits, requests, Instant(5s));
    REQUIRE(setpoints.size() == 1);
    return setpoints[0].value;
}
}  // namespace

TEST_CASE("limits narrow in rank order, then the first wish is clipped") {
    struct Case {
        const char* name;
        std::vector<Limit> limits;
        std::vector<Request> requests;
        double want;
    };
    const Case cases[] = {
        {"free", {}, {wish(1234)}, 1234},
        {"inside", {limit(Rank::nameplate, -5000, 5000)}, {wish(1234)}, 1234},
        {"clipped", {limit(Rank::nameplate, -5000, 5000)}, {wish(9000)}, 5000},
        {"order of arrival does not matter",
         {limit(Rank::user, -100, 100), limit(Rank::nameplate, -5000, 5000)},
         {wish(9000)},
         100},
        {"a user cannot widen the BMS", {limit(Rank::bms, -2000, 0), limit(Rank::user, -9000, 9000)}, {wish(3000)}, 0},
        {"a user's impossible minimum moves to the edge",
         {limit(Rank::bms, -2000, 0), limit(Rank::user, 500, none)},
         {wish(-1000)},
         0},
        {"grid operator over strategy",
         {limit(Rank::strategy, 1000, 2000), limit(Rank::grid_operator, -none, 600)},
         {wish(1500)},
         600},
        {"the highest priority is heard", {}, {wish(1, 1), wish(2, 9), wish(3, 5)}, 2},
        {"limits that are not numbers are no limits",
         {limit(Rank::bms, std::nan(""), 5), limit(Rank::bms, 9, 1)},
         {wish(77)},
         77},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.name));
        CHECK(outcome(c.limits, c.requests) == c.want);
    }
}

TEST_CASE("nothing is written that nobody wishes") {
    const Limit limits[] = {limit(Rank::grid_operator, 0, 0)};
    CHECK(arbitrate(limits, {}, Instant(5s)).empty());
    const Request not_a_number[] = {wish(std::nan(""))};
    CHECK(arbitrate(limits, not_a_number, Instant(5s)).empty());
}

TEST_CASE("the chain tells wish, limits and result in order, and who decided") {
    const Limit limits[] = {limit(Rank::grid_operator, -none, 4800), limit(Rank::nameplate, 0, 8000)};
    const Request requests[] = {wish(8000)};
    const auto setpoint = arbitrate(limits, requests, Instant(5s)).at(0);
    CHECK(setpoint.expires == Instant(5s));
    REQUIRE(setpoint.chain.size() == 4);
    CHECK(setpoint.chain[0].kind == Step::Kind::request);
    CHECK(setpoint.chain[1].source == "nameplate");
    CHECK(setpoint.chain[2].source == "grid_operator");
    CHECK(setpoint.chain[2].low == std::nullopt);
    CHECK(setpoint.chain[3].kind == Step::Kind::result);
    CHECK(setpoint.chain[3].source == "grid_operator");
    CHECK(setpoint.chain[3].value == 4800);
}

TEST_CASE("whatever is wished, the highest-ranked limits hold and every target has one setpoint") {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> power(-10000, 10000);
        std::vector<Limit> limits;
        std::vector<Request> requests;
        for (unsigned i = 0; i < random() % 20; ++i) {
            const Target target{static_cast<std::uint16_t>(random() % 3), {Role::battery_power_set, 0}};
            const double a = power(random), b = power(random);
            limits.push_back(limit(static_cast<Rank>(random() % 7), std::min(a, b), std::max(a, b), target));
        }
        for (unsigned i = 0; i < random() % 8; ++i)
            requests.push_back(wish(power(random), static_cast<std::uint8_t>(random() % 4),
                                    {static_cast<std::uint16_t>(random() % 3), {Role::battery_power_set, 0}}));
        const auto setpoints = arbitrate(limits, requests, Instant(5s));
        for (std::size_t i = 0; i < setpoints.size(); ++i) {
            if (i > 0) CHECK(setpoints[i - 1].target < setpoints[i].target);
            // Prefix property: cutting lower ranks off never leaves the interval the higher ranks gave.
            double low = -none, high = none;
            for (int rank = 0; rank < 7; ++rank)
                for (const Limit& l : limits)
                    if (l.target == setpoints[i].target && l.rank == static_cast<Rank>(rank)) {
                        const double new_low = std::clamp(l.low, low, high);
                        high = std::clamp(l.high, low, high);
                        low = new_low;
                        CHECK(setpoints[i].value >= low);
                        CHECK(setpoints[i].value <= high);
                    }
        }
    }
}
