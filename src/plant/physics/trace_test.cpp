#include <doctest/doctest.h>

#include "plant/physics/trace.hpp"

namespace busbar::plant {
namespace {

std::string error_of(std::string_view csv) {
    const auto t = parse_trace("t.csv", csv);
    return t ? "no error" : t.error().text;
}

TEST_CASE("units in the header become SI, in brackets or as a suffix") {
    const auto t = parse_trace("t.csv", "time,load [kW],pv_w,price [EUR/MWh]\n0,1.5,200,80\n900,,300,-10\n");
    REQUIRE(t.has_value());
    CHECK(t->column("load")->values[0] == 1500);
    CHECK_FALSE(t->column("load")->values[1].has_value());
    CHECK(t->column("pv_w")->values[1] == 300);
    CHECK(*t->column("price")->values[0] == doctest::Approx(80e-6));
    CHECK(t->length_s() == 900);
    CHECK(t->column("wind") == nullptr);
}

TEST_CASE("instants, gaps and the hold between rows") {
    const auto t = parse_trace(
        "t.csv", "utc,load_kw\r\n2024-01-01T00:00:00Z,1\r\n2024-01-01T00:15:00Z,2\r\n2024-01-01T00:30:00Z,\r\n");
    REQUIRE(t.has_value());
    CHECK(*t->start_utc_s == 1704067200);
    TracePlayer player(*t, t->columns[0]);
    CHECK_FALSE(player.at(-1).has_value());
    CHECK(player.at(0) == 1000);
    CHECK(player.at(899.9) == 1000);
    CHECK(player.at(900) == 2000);
    CHECK_FALSE(player.at(1e6).has_value());
    CHECK(player.at(10) == 1000);  // and back
}

TEST_CASE("no time column: one row a second") {
    const auto t = parse_trace("t.csv", "pu\n0.5\n0.7\n");
    REQUIRE(t.has_value());
    CHECK(t->time_s == std::vector<double>{0, 1});
}

TEST_CASE("mistakes in a trace are named with their line") {
    CHECK(error_of("") == "t.csv:0: is empty; the first line names the columns: time,load [W]");
    CHECK(error_of("time\n0\n").find("no value column") != std::string::npos);
    CHECK(error_of("time,load [hp]\n0,1\n") ==
          "t.csv:1: unit 'hp' is unknown; use W, kW, MW, EUR/MWh, EUR/kWh, W/kWp, W/m2, % or 1");
    CHECK(error_of("time,a,a\n0,1,2\n").find("stands twice") != std::string::npos);
    CHECK(error_of("time,a\n0,1\n1,x\n").find("t.csv:3: 'x' is no number") == 0);
    CHECK(error_of("time,a\n5,1\n1,2\n").find("t.csv:3: time goes back") == 0);
    CHECK(error_of("time,a\n0,1,2\n").find("t.csv:2: 3 cells where the header has 2") == 0);
    CHECK(error_of("time,a\n").find("has no rows") != std::string::npos);
    CHECK(error_of("time,a\n0,nan\n").find("is no number") != std::string::npos);
}

}  // namespace
}  // namespace busbar::plant
