#include "nearest.hpp"

#include <doctest/doctest.h>

using namespace busbar::ctl;
using Names = std::vector<std::string>;

TEST_CASE("the nearest names, best first") {
    const Names known{"roof/ac.power", "roof/ac.energy", "grid/meter.power", "hybrid/battery.soc"};
    CHECK(nearest("rof/ac.power", known) == Names{"roof/ac.power"});
    CHECK(nearest("roof/ac", known) == Names{"roof/ac.power", "roof/ac.energy"});
    CHECK(nearest("ROOF/AC.POWER", known).front() == "roof/ac.power");
    CHECK(nearest("roof/ac.pwoer", known).front() == "roof/ac.power");
    CHECK(nearest("soc", known) == Names{"hybrid/battery.soc"});
    CHECK(nearest("x", known).empty());
    CHECK(nearest("", known).empty());
    CHECK(nearest("meter", {}).empty());
    CHECK(nearest(std::string(100'000, 'r'), known).empty());
    CHECK(did_you_mean("roof/ac", known) == "; did you mean roof/ac.power or roof/ac.energy?");
    CHECK(did_you_mean("stauts", {"status", "devices"}) == "; did you mean status?");
    CHECK(did_you_mean("nothing like it", known).empty());
}
