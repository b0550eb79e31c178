#include "discovery/compare.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::discovery;

namespace {

Found known_at(const char* bus, std::uint8_t unit, const char* device, const char* serial,
               model::Use use = model::Use::pv) {
    Found found = found_as({unit, device, "acme/inverter", use, "Acme", "M1", serial, "1.0"});
    found.bus = bus;
    return found;
}

Found found_at(const char* bus, std::uint8_t unit, const char* serial, const char* maker = "Acme") {
    Found found;
    found.bus = bus;
    found.unit = unit;
    found.certainty = Certainty::identified;
    found.profile = "acme/inverter";
    found.maker = maker;
    found.serial = serial;
    return found;
}

}  // namespace

TEST_CASE("who has the number of a device of the site is told so, on whatever bus that is, and is no offer to add") {
    std::vector<Found> found{found_at("", 1, "SN4711"), found_at("line", 4, "SN4712"), found_at("line", 5, "")};
    found[0].host = "192.168.8.20";
    found[0].port = 502;
    const std::vector<Found> site{known_at("roof", 7, "south", "SN4711"), known_at("roof", 8, "north", "")};
    compare(found, site);
    CHECK(found[0].notes ==
          std::vector<std::string>{
              "has the serial number of 'south' at roof unit 7: moved, or one device at two addresses"});
    CHECK(found[0].is_double);
    for (std::size_t i : {1u, 2u}) {
        CHECK(found[i].notes.empty());
        CHECK_FALSE(found[i].is_double);
    }
}

TEST_CASE("a device of the site that was searched is not a second one beside itself") {
    std::vector<Found> found{known_at("roof", 7, "south", "SN4711")};
    const std::vector<Found> site = found;
    compare(found, site);
    CHECK(found[0].notes.empty());
    CHECK_FALSE(found[0].is_double);
    found.push_back(found_at("roof", 9, "SN4711"));
    compare(found, site);
    CHECK(found[1].is_double);
    CHECK_FALSE(found[0].is_double);  // it is what it is
    CHECK(found[1].notes.at(0).starts_with("has the serial number of 'south' at unit 7"));
    CHECK(found[0].notes.at(0).starts_with("the same serial number answers at unit 9"));
}

TEST_CASE("of two finds with one number neither is an offer; numbers nobody set and other makers are no such thing") {
    std::vector<Found> found{found_at("a", 1, "SN4711"), found_at("b", 1, "SN4711"), found_at("b", 2, "0000000000"),
                             found_at("b", 3, "0000000000"), found_at("b", 4, "SN4711", "Other")};
    compare(found, {});
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].is_double == (i < 2));
        CHECK(found[i].notes.size() == (i < 2 ? 1 : 0));
    }
    CHECK(found[0].notes.at(0).find("b unit 1") != std::string::npos);
}

TEST_CASE("a thousand devices of one serial number get one note each") {
    std::vector<Found> found(1000);
    for (std::size_t i = 0; i < found.size(); ++i) {
        found[i].unit = static_cast<std::uint8_t>(i % 247 + 1);
        found[i].serial = "SN1";
    }
    compare(found, {});
    for (const Found& f : found) REQUIRE(f.notes.size() == 1);
    CHECK(found[5].notes[0] == "the same serial number answers at unit 1 and 998 other addresses");
    CHECK(found[0].notes[0] == "the same serial number answers at unit 2 and 998 other addresses");
}

TEST_CASE("only one meter may be taken for the grid's") {
    Found meter;
    meter.use = model::Use::grid_meter;
    std::vector<Found> one{meter}, two{meter, meter};
    compare(one, {});
    CHECK(one[0].use == model::Use::grid_meter);
    compare(two, {});
    CHECK(two[1].use == model::Use::sub_meter);
    compare(one, {known_at("line", 3, "grid", "", model::Use::grid_meter)});
    CHECK(one[0].use == model::Use::sub_meter);
}
