#include "northbound/effect.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::northbound;
using bus::Table;

namespace {

Effect effect(std::vector<std::uint8_t> pdu) { return effect_of(pdu); }
const Effect anything{Effect::Kind::unknown, {}};

}  // namespace

TEST_CASE("every function that writes says what, and what cannot be told counts as anything") {
    for (std::uint8_t read = 1; read <= 4; ++read) CHECK(effect({read, 0, 200, 0, 4}) == Effect{});
    CHECK(effect({5, 0, 200, 0xFF, 0}) == writes({Table::coil, 200, 200}));
    CHECK(effect({6, 0, 200, 0, 1}) == writes({Table::holding, 200, 200}));
    CHECK(effect({15, 0, 200, 0, 9, 2, 1, 1}) == writes({Table::coil, 200, 208}));
    CHECK(effect({16, 0, 199, 0, 2, 4, 0, 1, 0, 2}) == writes({Table::holding, 199, 200}));
    CHECK(effect({22, 0, 200, 0, 0xF2, 0, 0x25}) == writes({Table::holding, 200, 200}));
    CHECK(effect({23, 0, 1, 0, 2, 0, 199, 0, 2, 4, 0, 1, 0, 2}) == writes({Table::holding, 199, 200}));
    CHECK(effect({16, 0xFF, 0xFF, 0, 1, 2, 0, 1}) == writes({Table::holding, 0xFFFF, 0xFFFF}));
}

TEST_CASE("a write that follows no format may still be obeyed, and what restarts a device is no reading") {
    CHECK(effect({16, 0, 199, 0, 2, 4, 0, 1}) == anything);  // cut off
    CHECK(effect({6}) == anything);
    CHECK(effect({16, 0xFF, 0xFF, 0, 2, 4, 0, 1, 0, 2}) == anything);  // beyond the last register
    CHECK(effect({8, 0, 1, 0, 0}) == anything);                        // restart communications
    CHECK(effect({8, 0, 0, 0xA5, 0x37}) == Effect{});                  // echo
    CHECK(effect({21, 9, 6, 0, 4, 0, 7, 0, 1, 0, 5}) == anything);     // a file
    CHECK(effect({43, 14, 1, 0}) == Effect{});
    CHECK(effect({43, 13, 1, 0}) == anything);
    for (std::uint8_t makers = 65; makers < 128; ++makers) CHECK(effect({makers, 0, 0}) == anything);
    for (const auto& tells : std::vector<std::vector<std::uint8_t>>{{7}, {11}, {12}, {17}, {20, 7}, {24, 0, 1}})
        CHECK(effect(tells) == Effect{});
}

TEST_CASE("only what control writes is in its way") {
    DeviceRules rules;
    rules.controlled = {{Table::holding, 200, 204}};
    CHECK_FALSE(meets_control(rules, {}));
    CHECK_FALSE(meets_control(rules, writes({Table::holding, 190, 199})));
    CHECK_FALSE(meets_control(rules, writes({Table::coil, 200, 200})));
    CHECK(meets_control(rules, writes({Table::holding, 190, 200})));
    CHECK(meets_control(rules, writes({Table::holding, 204, 230})));
    CHECK(meets_control(rules, anything));
}
