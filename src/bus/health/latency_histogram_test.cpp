#include "bus/health/latency_histogram.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "bus/health/utilisation.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

TEST_CASE("quantiles are those of the values, at most one bucket too high") {
    std::mt19937 random(5);
    for (double spread : {3.0, 8.0, 14.0}) {
        LatencyHistogram histogram;
        std::vector<std::uint32_t> values;
        std::lognormal_distribution<double> draw(spread / 2, spread / 6);
        for (int i = 0; i < 5000; ++i) {
            values.push_back(static_cast<std::uint32_t>(draw(random)));
            histogram.add(std::chrono::microseconds(values.back()));
        }
        std::sort(values.begin(), values.end());
        for (double q : {0.0, 0.5, 0.9, 0.99}) {
            const std::uint32_t exact = values[static_cast<std::size_t>(q * 5000)];
            CHECK(histogram.quantile_us(q) >= exact);
            CHECK(histogram.quantile_us(q) <= exact + exact / 8 + 1);
        }
        CHECK(histogram.max_us() == values.back());
    }
}

TEST_CASE("extremes do not leave the table") {
    LatencyHistogram histogram;
    CHECK(histogram.quantile_us(0.5) == 0);
    histogram.add(-5s);
    CHECK(histogram.quantile_us(0.99) == 0);
    histogram.add(1000h);
    CHECK(histogram.max_us() == (1u << 24) - 1);
    CHECK(histogram.quantile_us(0.99) == (1u << 24) - 1);
}

TEST_CASE("utilisation is the busy share of the last ten seconds") {
    Utilisation u;
    const Instant start(1000s);
    for (int i = 0; i < 100; ++i) u.add(start + i * 100ms, start + i * 100ms + 25ms);
    CHECK(u.share(start + 9999ms) == doctest::Approx(0.25).epsilon(0.01));
    CHECK(u.share(start + 15s) == doctest::Approx(0.11).epsilon(0.1));  // half of it is too old
    CHECK(u.share(start + 30s) == 0.0);
    u.add(start + 30s, start + 60s);  // longer than the window
    CHECK(u.share(start + 60s - 1ns) == doctest::Approx(1.0).epsilon(0.01));
}
