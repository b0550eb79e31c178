#include "api/request/request_checks.hpp"

#include <doctest/doctest.h>

#include "api/json/csv_export.hpp"
#include "api/request/request_body.hpp"

using namespace busbar;
using namespace busbar::api;

TEST_CASE("a spreadsheet never takes a name for a formula") {
    CHECK(csv_text("roof/ac.power [W]") == "roof/ac.power [W]");
    CHECK(csv_text("=cmd|' /C calc'!A0") == "'=cmd|' /C calc'!A0");
    CHECK(csv_text("@x") == "'@x");
    CHECK(csv_text("-1+1") == "'-1+1");
    CHECK(csv_text("a,b\"c\nd") == "\"a,b\"\"c d\"");
    CHECK(iso_time(0) == "1970-01-01T00:00:00.000Z");
    CHECK(iso_time(1'795'271'625'120) == "2026-11-21T14:33:45.120Z");
}

TEST_CASE("the token is taken from cookie or header, and only whole") {
    net::Request request;
    CHECK(token_of(request).empty());
    request.headers = {{"cookie", "x__Host-busbar=no; __Host-busbar=yes; b=1"}};
    CHECK(token_of(request) == "yes");
    request.headers = {{"cookie", "__Host-busbar2=no"}};
    CHECK(token_of(request).empty());
    request.headers = {{"authorization", "Bearer abc"}};
    CHECK(token_of(request) == "abc");
    request.headers = {{"authorization", "Basic abc"}};
    CHECK(token_of(request).empty());
}

TEST_CASE("a body's fields are read once each and strangers are found") {
    auto body = RequestBody::parse_text(R"({"a":{"b":1.5,"c":true},"d":"x","e":null})");
    REQUIRE(body.has_value());
    CHECK(body->number("a.b", 0, 2) == 1.5);
    CHECK(body->boolean("a.c"));
    CHECK(body->text("d", 1) == "x");
    CHECK_FALSE(body->optional_text("e", 5).has_value());
    CHECK_FALSE(body->problem().has_value());
    auto partly = RequestBody::parse_text(R"({"a":{"b":1,"z":2}})");
    partly->number("a.b", 0, 2);
    CHECK(partly->problem()->field == "a.z");
    auto wrong = RequestBody::parse_text(R"({"a":{"b":1}})");
    wrong->text("a", 5);
    CHECK(wrong->problem()->text == "a: not a text");
    for (const char* word : {"NaN", "Infinity", "1e", "0x10", "+1"})
        CHECK_FALSE(RequestBody::parse_text(std::string("{\"a\":") + word + "}").has_value());
    auto huge = RequestBody::parse_text("{\"a\":1e999}");
    CHECK((!huge || (huge->number("a", 0, 1) == 0 && huge->problem())));
}
