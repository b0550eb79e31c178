#include "discovery/judge/use_of.hpp"

#include <doctest/doctest.h>

#include "device/profile_store.hpp"
#include "model/use.hpp"

using namespace busbar;

TEST_CASE("what is suggested for a family is something it can be") {
    const std::filesystem::path folders[] = {"profiles"};
    const auto store = device::ProfileStore::read(folders);
    REQUIRE(store.names().size() > 40);
    for (const std::string& name : store.names()) {
        CAPTURE(name);
        const auto profile = store.find(name);
        REQUIRE(profile.has_value());
        CHECK(model::can_be(discovery::use_of(**profile), profile::roles_of(**profile)));
    }
    CHECK(discovery::use_of(**store.find("atess/hps")) == model::Use::hybrid);
    CHECK(discovery::use_of(**store.find("pylontech/powercube")) == model::Use::sub_meter);
}
