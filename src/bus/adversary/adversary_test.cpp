#include "bus/adversary/adversary.hpp"

#include <doctest/doctest.h>

using namespace busbar::bus;

TEST_CASE("no answer is ever taken for another's, and no misbehaviour lasts") {
    constexpr std::uint64_t requests = 8'000;
    std::uint32_t seed = 11;
    for (const Medium medium : all_media) {
        CAPTURE(name_of(medium));
        CAPTURE(seed);
        const Fight f = fight(medium, seed++, requests);
        CHECK(f.wrong == 0);
        CHECK(f.right > requests / 2);
        CHECK(f.is_in_step);
        for (const std::uint64_t times : f.answers) CHECK(times > 100);
    }
}
