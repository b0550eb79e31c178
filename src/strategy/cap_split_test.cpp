#include "strategy/cap_split.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace busbar;
using namespace busbar::strategy;
using namespace std::chrono_literals;

namespace {

// Inverters that follow their caps at once, as far as their sun goes; one division a second.
struct Roofs {
    std::vector<double> sun_w, rated_w, caps_w;
    CapSplit split;
    Instant now{100s};
    int changes = 0;

    Roofs(std::vector<double> sun, std::vector<double> rated)
        : sun_w(std::move(sun)), rated_w(std::move(rated)), caps_w(rated_w) {}

    double given(std::size_t i) const { return std::min(sun_w[i], caps_w[i]); }
    double given() const {
        double sum = 0;
        for (std::size_t i = 0; i < sun_w.size(); ++i) sum += given(i);
        return sum;
    }
    void run(double total_w, int seconds, double drawn_w = 0) {
        for (int s = 0; s < seconds; ++s) {
            std::vector<CapUse> uses;
            for (std::size_t i = 0; i < sun_w.size(); ++i) uses.push_back({rated_w[i], caps_w[i], given(i)});
            const std::vector<double> next = split.divide(total_w, drawn_w, uses, now);
            const double rated = std::accumulate(rated_w.begin(), rated_w.end(), 0.0);
            const double sum = std::accumulate(next.begin(), next.end(), 0.0);
            CHECK(sum <= std::min(total_w + drawn_w, rated) + 1e-6);
            CHECK(sum >= std::min(total_w, rated) - 1e-6);
            if (next != caps_w) ++changes;
            caps_w = next;
            now += 1s;
        }
    }
};

}  // namespace

TEST_CASE("caps begin by rated power and sum up to the total") {
    Roofs roofs({8000, 4000}, {8000, 4000});
    roofs.run(6000, 1);
    CHECK(roofs.caps_w[0] == doctest::Approx(4000));
    CHECK(roofs.caps_w[1] == doctest::Approx(2000));
}

TEST_CASE("headroom that the shaded roof leaves goes to the sunny one, and then nothing moves any more") {
    Roofs roofs({7500, 1000}, {8000, 6000});
    roofs.run(8000, 40);
    CHECK(roofs.given(0) >= 6500);
    CHECK(roofs.given() >= 7500);
    roofs.changes = 0;
    roofs.run(8000, 60);
    CHECK(roofs.changes == 0);
    // The sun moves round: what was given away comes back.
    roofs.sun_w = {2000, 5500};
    roofs.run(8000, 40);
    CHECK(roofs.given() >= 7300);
}

TEST_CASE("while all stand at their caps nothing is wasted, so nothing moves") {
    Roofs roofs({8000, 6000}, {8000, 6000});
    roofs.run(7000, 5);
    const std::vector<double> caps = roofs.caps_w;
    roofs.run(7000, 30);
    CHECK(roofs.caps_w == caps);
}

TEST_CASE("a cloud over everything leaves the division as it is") {
    Roofs roofs({8000, 6000}, {8000, 6000});
    roofs.run(7000, 5);
    const std::vector<double> caps = roofs.caps_w;
    roofs.sun_w = {1000, 800};
    roofs.run(7000, 30);
    CHECK(roofs.caps_w == caps);
}

TEST_CASE("what a hybrid draws is given to others only while they can give it") {
    Roofs roofs({500, 0}, {8000, 6000});
    roofs.run(3000, 20, 2000);
    CHECK(roofs.caps_w[0] + roofs.caps_w[1] == doctest::Approx(3000));
    roofs.sun_w = {8000, 0};
    roofs.run(3000, 40, 2000);
    CHECK(roofs.caps_w[0] + roofs.caps_w[1] == doctest::Approx(5000));
    CHECK(roofs.given() > 4500);
}

TEST_CASE("from nothing allowed caps grow again by rated power, and one without rating takes no part") {
    Roofs roofs({8000, 4000}, {8000, 4000});
    roofs.run(0, 3);
    CHECK(roofs.given() == 0);
    roofs.run(6000, 1);
    CHECK(roofs.caps_w[0] == doctest::Approx(4000));
    CHECK(roofs.caps_w[1] == doctest::Approx(2000));
    const std::vector<CapUse> uses{{8000, 8000, 100}, {}};
    CHECK(CapSplit{}.divide(3000, 0, uses, Instant{1s}) == std::vector<double>{3000, 0});
    CHECK(CapSplit{}.divide(3000, 0, {}, Instant{1s}).empty());
}
