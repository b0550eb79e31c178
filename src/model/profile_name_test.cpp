#include "model/profile_name.hpp"

#include <doctest/doctest.h>

#include <string>

using busbar::model::is_profile_name;

TEST_CASE("a profile's name is a maker and a family, and leads nowhere else") {
    for (const char* good : {"chint/dtsu666", "bms-pcs/rack", "a/b", "3m/4-5-6", "a/b-"})
        CHECK_MESSAGE(is_profile_name(good), good);
    for (const char* bad : {"", "/", "a", "a/", "/b", "a/b/c", "../etc", "a/..", "a/.b", "a/b.yaml", "A/b", "a/B",
                            "a b/c", "-a/b", "a/-b", "a/b\n", "a\\b/c", "a/b_c", "\xc3\xa4/b"})
        CHECK_MESSAGE(!is_profile_name(bad), bad);
    CHECK(is_profile_name("a/" + std::string(62, 'b')));
    CHECK_FALSE(is_profile_name("a/" + std::string(63, 'b')));
    CHECK_FALSE(is_profile_name(std::string("a/b\0c", 5)));
}
