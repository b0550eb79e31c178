#include "base/phrase.hpp"

#include <doctest/doctest.h>

#include <set>

#include "base/phrases.hpp"
#include "base/phrases_running.hpp"

using namespace busbar;

namespace {
constexpr Phrase held{"held", "unit", "unit {unit} is held by '{device}'{line}; delete that one first"};

std::string value_of(const Said& said, std::string_view name) {
    for (const auto& value : said.values)
        if (value.name == name) return value.text;
    return "(none)";
}
}  // namespace

TEST_CASE("a sentence is filled in the order of its blanks") {
    CHECK(filled(held, {"11", "grid", ""}) == "unit 11 is held by 'grid'; delete that one first");
    CHECK(say<phrases::no_room>("line2", "new", "why") == "bus 'line2' has no room for device 'new': why");
    CHECK(filled(held, {"1", "2", "3", "4", "5"}) == "unit 1 is held by '2'3; delete that one first");
    CHECK(filled(held, {}) == "unit ");
}

TEST_CASE("every sentence is found again, with its values and its code once") {
    std::set<std::string_view> codes;
    std::vector<const Phrase*> every(std::begin(phrases::all), std::end(phrases::all));
    every.insert(every.end(), std::begin(phrases::running), std::end(phrases::running));
    for (const Phrase* phrase : every) {
        CAPTURE(phrase->code);
        CHECK(codes.insert(phrase->code).second);
        std::vector<std::string> values;
        for (std::size_t i = 0; i < count_blanks(phrase->text); ++i) values.push_back("v" + std::to_string(i));
        const auto said = recognise(filled(*phrase, values));
        REQUIRE(said);
        CHECK(said->phrase->code == phrase->code);
        CHECK(said->where.empty());
        REQUIRE(said->values.size() == values.size());
        for (std::size_t i = 0; i < values.size(); ++i) CHECK(said->values[i].text == values[i]);
    }
}

TEST_CASE("a sentence inside another, and a place before one") {
    const std::string help = say<phrases::help_own_line_or>("roof", say<phrases::help_baud>(19200));
    const std::string why = say<phrases::line_too_much>(120, "roof", help);
    const auto said = recognise(say<phrases::no_room>("line2", "roof", why));
    REQUIRE(said);
    CHECK(said->phrase == &phrases::no_room);
    const auto& inner = said->values.back();
    REQUIRE(inner.said);
    CHECK(inner.said->phrase == &phrases::line_too_much);
    REQUIRE(inner.said->values.back().said);
    CHECK(value_of(*inner.said->values.back().said, "rest") == "the line at 19200 baud");

    const auto placed = recognise("export_limit: " + say<phrases::setting_held>("5800 W", "5500 W"));
    REQUIRE(placed);
    CHECK(placed->phrase == &phrases::setting_held);
    CHECK(placed->where == "export_limit");
}

TEST_CASE("what is no sentence stays what it is") {
    for (const char* text : {"", ":", ": ", "timeout", "unit 11 on bus", "there is no device 'x", "{unit}"})
        CHECK_FALSE(recognise(text));
    CHECK_FALSE(recognise(std::string(1 << 20, 'a')));
    std::string deep = "x";  // values that go on being sentences: it ends
    for (int i = 0; i < 200; ++i) deep = say<phrases::search_broke_off>("b", deep);
    CHECK_FALSE(recognise(deep));  // longer than any sentence
    deep.assign("x");
    for (int i = 0; i < 40; ++i) deep = say<phrases::search_broke_off>("b", deep);
    const auto said = recognise(deep);
    REQUIRE(said);
    int depth = 0;
    for (const Said* one = &*said; one != nullptr; one = one->values.back().said ? &*one->values.back().said : nullptr)
        ++depth;
    CHECK(depth < 10);
}
