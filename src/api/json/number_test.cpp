#include "api/json/number.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "api/json/json_writer.hpp"

using namespace busbar::api;

TEST_CASE("numbers are shown to the step in which they are known") {
    const struct {
        double value, resolution;
        const char* text;
    } cases[] = {
        {230.10000610351562, 0.1, "230.1"},
        {4210, 1, "4210"},
        {-0.04, 0.1, "0"},
        {-310.6, 1, "-311"},
        {0.5, 0.25, "0.5"},
        {0.75, 0.25, "0.75"},
        {1e6, 100, "1000000"},
        {12.3456789, 1e-9, "12.345679"},
        {-0.05, 0.01, "-0.05"},
        {1e300, 1, "1e+300"},
        {9e14, 1, "900000000000000"},
        {std::nan(""), 1, "null"},
        {std::numeric_limits<double>::infinity(), 1, "null"},
        {3.5, 0, "3.5"},
        {100, 0.001, "100"},
        {0.001, 0.001, "0.001"},
        {1.05, 0.05, "1.05"},
    };
    for (const auto& c : cases) {
        std::string out;
        append_number(out, c.value, Decimals(c.resolution));
        CAPTURE(c.value);
        CAPTURE(c.resolution);
        CHECK(out == c.text);
    }
}

TEST_CASE("the writer escapes, separates and repairs") {
    JsonWriter json;
    json.begin_object().key("a").text("\"\\\n\x01\xC3\xA4").key("b").begin_array().integer(-1).null().boolean(true);
    json.begin_object().end_object().end_array().key("c").text("x\xff").key("d").number(std::nullopt).end_object();
    CHECK(json.done() == "{\"a\":\"\\\"\\\\\\n\\u0001\xC3\xA4\",\"b\":[-1,null,true,{}],\"c\":\"x?\",\"d\":null}");
}
