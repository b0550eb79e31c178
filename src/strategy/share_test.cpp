#include "strategy/share.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <random>

using busbar::strategy::Part;
using busbar::strategy::share;

TEST_CASE("power is split by weight, and what one cannot take goes to the others") {
    struct Case {
        const char* name;
        double total;
        std::vector<Part> parts;
        std::vector<double> want;
    };
    const Case cases[] = {
        {"nobody", 100, {}, {}},
        {"one takes all", 100, {{1, 500}}, {100}},
        {"by weight", 900, {{1, 5000}, {2, 5000}}, {300, 600}},
        {"the small one is full", 900, {{1, 100}, {1, 5000}}, {100, 800}},
        {"all are full", 9000, {{1, 100}, {1, 200}}, {100, 200}},
        {"no weight, no share", 900, {{0, 1000}, {1, 500}}, {0, 500}},
        {"negative is nothing", -5, {{1, 100}}, {0}},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.name));
        const auto got = share(c.total, c.parts);
        REQUIRE(got.size() == c.want.size());
        for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(c.want[i]));
    }
}

TEST_CASE("shares never exceed a maximum and sum up to what is possible") {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> power(0, 10000);
    for (int round = 0; round < 2000; ++round) {
        CAPTURE(round);
        std::vector<Part> parts(random() % 6 + 1);
        double most = 0;
        for (Part& part : parts) most += (part = {power(random) + 1, power(random)}).max_w;
        const double total = power(random) * 3;
        const auto got = share(total, parts);
        for (std::size_t i = 0; i < got.size(); ++i) CHECK((got[i] >= 0 && got[i] <= parts[i].max_w + 1e-6));
        CHECK(std::accumulate(got.begin(), got.end(), 0.0) == doctest::Approx(std::min(total, most)).epsilon(1e-6));
    }
}
