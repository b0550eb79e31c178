#include "model/role.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace busbar::model;

TEST_CASE("every role's text leads back to it, with each index it may have") {
    std::set<std::string> seen;
    for (const RoleInfo& role : all_roles()) {
        const int most = role.repeat == Repeat::once ? 0 : role.repeat == Repeat::phase ? 3 : max_numbered;
        for (int i = role.repeat == Repeat::numbered ? 1 : 0; i <= most; ++i) {
            const RoleKey key{role.role, static_cast<std::uint8_t>(i)};
            CHECK(parse_role(to_string(key)) == key);
            CHECK(seen.insert(to_string(key)).second);
        }
        CHECK(role.min < role.max);
        CHECK(role.resolution > 0);
    }
}

TEST_CASE("text that names no role is refused") {
    for (const char* text : {"", ".", "ac", "ac.power.l1", "ac.voltage.l0", "ac.voltage.l4", "ac.voltage.1",
                             "pv.string.voltage", "pv.string.voltage.0", "pv.string.voltage.01", "pv.string.voltage.25",
                             "pv.string.voltage.x", "AC.power", "ac.power "})
        CHECK_FALSE(parse_role(text).has_value());
}
