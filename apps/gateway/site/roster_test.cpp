#include "site/roster.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::gateway;

namespace {
config::SiteConfig site_of(std::initializer_list<std::pair<const char*, model::Use>> devices) {
    config::SiteConfig site;
    for (const auto& [id, use] : devices) {
        site.devices.emplace_back();
        site.devices.back().id = id;
        site.devices.back().use = use;
    }
    return site;
}
using enum model::Use;
}  // namespace

TEST_CASE("who comes, goes, is replaced or becomes something else is in the roster with its times") {
    Roster r = roster_of(site_of({{"grid", grid_meter}, {"roof", pv}}));
    CHECK(r == Roster{{"grid", grid_meter}, {"roof", pv}});
    CHECK(updated(r, site_of({{"roof", pv}, {"grid", grid_meter}}), {}, 50) == r);
    r = updated(r, site_of({{"grid", grid_meter}, {"shed", pv}}), {}, 100);
    CHECK(r == Roster{{"grid", grid_meter}, {"roof", pv, 0, 100}, {"shed", pv, 100}});
    r = updated(r, site_of({{"grid", grid_meter}, {"shed", hybrid}, {"roof", pv}}), {}, 200);
    CHECK(r == Roster{{"grid", grid_meter},
                      {"roof", pv, 0, 100},
                      {"shed", pv, 100, 200},
                      {"shed", hybrid, 200},
                      {"roof", pv, 200}});
    r = updated(std::move(r), site_of({{"grid", grid_meter}, {"shed", hybrid}, {"roof", pv}}), {"grid"}, 300);
    CHECK(r.front() == Member{"grid", grid_meter, 0, 300});
    CHECK(r.back() == Member{"grid", grid_meter, 300});
    // A clock that went back makes no span of negative length.
    r = updated(std::move(r), site_of({}), {}, 50);
    for (const Member& member : r) CHECK(member.until_ms >= member.since_ms);
}

TEST_CASE("a roster survives its file, and a damaged file is refused with its line") {
    const Roster r{{"grid", grid_meter, 0, 300}, {"a-b_C9", charger, 12}, {"x", sub_meter}};
    const auto read = parse_roster(to_text(r));
    REQUIRE(read.has_value());
    CHECK(*read == r);
    CHECK(parse_roster("")->empty());
    for (const char* bad : {"1 2 pv", "1 2 pv roof more", "x - pv roof", "-1 - pv roof", "1 - sun roof", "1 - pv ro:of",
                            "1 99999999999999999999 pv roof"}) {
        const auto refused = parse_roster(std::string("0 - pv ok\n") + bad + "\n");
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().text.starts_with("roster:2:"));
    }
}

TEST_CASE("the roster is bounded: of those that are gone the oldest are forgotten") {
    Roster r;
    for (int i = 0; i < 3000; ++i) r = updated(std::move(r), site_of({{"roof", pv}}), {"roof"}, i);
    CHECK(r.size() == max_members);
    CHECK(r.back().until_ms == Member::for_ever);
    REQUIRE(parse_roster(to_text(r)).has_value());
}
