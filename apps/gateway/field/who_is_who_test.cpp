// Who answers at the address of a device: ours, somebody else, or one that is there already.
#include "field/field_bench.hpp"

using namespace busbar;
using namespace busbar::gateway;

namespace {

constexpr const char* two_lines =
    "buses:\n"
    "  - {id: a, link: serial, port: /dev/a}\n"
    "  - {id: b, link: serial, port: /dev/b}\n"
    "devices:\n"
    "  - {id: first, profile: test/battery, bus: a, unit: 3, use: battery}\n"
    "  - {id: second, profile: test/battery, bus: b, unit: 3, use: battery}\n";

}  // namespace

TEST_CASE(
    "one device reached over two buses is polled and counted once, and comes over the second when the first goes") {
    FieldBench b(two_lines, {3});
    // What "b" leads to is the device on "a": a name beside its address, or a second port of one server.
    b.lines["b"]->wire.units[3].holding = b.lines["a"]->wire.units[3].holding;
    REQUIRE(b.change(two_lines, {"second"}).has_value());
    b.run_for(30s);
    CHECK(b.field.is_online("first"));
    CHECK_FALSE(b.field.is_online("second"));
    CHECK(b.opened["second"] == 1);  // before they were one
    const auto polls = [&] { return b.lines["b"]->wire.asked.size(); };
    b.lines["b"]->wire.written.clear();
    const std::size_t asked = polls();
    b.run_for(5min);
    CHECK(polls() - asked < 5 * 30);  // who it is, once a minute
    CHECK(b.lines["b"]->wire.written.empty());
    std::string only_second = two_lines;
    const auto line = only_second.find("  - {id: first");
    only_second.erase(line, only_second.find('\n', line) + 1 - line);
    REQUIRE(b.change(only_second).has_value());
    b.run_for(5s);
    CHECK(b.field.is_online("second"));
    CHECK(b.opened["second"] == 2);
}
