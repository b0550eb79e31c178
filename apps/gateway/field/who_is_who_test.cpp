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

TEST_CASE("who shares a device is told when a stranger is in its place, and when it is back") {
    FieldBench b(two_lines, {3});
    CHECK(b.placed["first"] == 1);
    CHECK(b.gone.empty());
    auto& registers = b.lines["a"]->wire.units[3];
    const auto own = registers.holding[10];
    registers.is_silent = true;
    b.run_for(10s);
    CHECK(b.gone.empty());           // it may come back as itself
    registers.holding[10] = 0x5831;  // "X1"
    registers.is_silent = false;
    b.run_for(60s);
    CHECK(b.gone["first"] >= 1);
    CHECK(b.gone.count("second") == 0);
    CHECK(b.field.is_write_protected("first"));
    CHECK_FALSE(b.field.is_write_protected("second"));
    registers.holding[10] = own;
    b.run_for(90s);
    CHECK(b.placed["first"] == 2);
    CHECK_FALSE(b.field.is_write_protected("first"));
    CHECK(b.field.is_write_protected("nobody"));
}

TEST_CASE("nobody writes to a device that has not proven who it is, whoever reads it") {
    std::string site = two_lines;
    site.replace(site.rfind("use: battery}"), 13, "use: battery, serial: AB12}");
    FieldBench b(two_lines, {3});
    auto& registers = b.lines["b"]->wire.units[3].holding;
    registers[20] = registers[21] = 0;
    REQUIRE(b.change(site).has_value());
    b.run_for(10s);
    CHECK(b.field.is_online("second"));
    CHECK(b.field.is_write_protected("second"));
    registers[20] = 0x4142;
    registers[21] = 0x3132;
    b.run_for(20s);
    CHECK_FALSE(b.field.is_write_protected("second"));
}
