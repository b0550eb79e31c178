// The running field becomes another site: wholly, or not at all.
#include "config/rules.hpp"
#include "field/field_bench.hpp"

using namespace busbar;
using namespace busbar::gateway;
using bus::SerialSettings;

namespace {

constexpr const char* two_lines =
    "buses:\n"
    "  - {id: a, link: serial, port: /dev/a, baud: 9600}\n"
    "  - {id: b, link: serial, port: /dev/b, baud: 9600}\n"
    "devices:\n"
    "  - {id: first, profile: test/battery, bus: a, unit: 3, use: battery}\n"
    "  - {id: second, profile: test/battery, bus: b, unit: 3, use: battery}\n";
// Both lines are set otherwise, one device leaves, another comes.
constexpr const char* two_quick_lines =
    "buses:\n"
    "  - {id: a, link: serial, port: /dev/a, baud: 19200}\n"
    "  - {id: b, link: serial, port: /dev/b, baud: 19200}\n"
    "devices:\n"
    "  - {id: first, profile: test/battery, bus: a, unit: 3, use: battery}\n"
    "  - {id: third, profile: test/battery, bus: b, unit: 4, use: battery}\n";

std::uint32_t baud(const BenchLine& line) { return std::get<SerialSettings>(*line.link_settings()).baud; }

}  // namespace

TEST_CASE("a line that does not take its new settings leaves the site as it was, and says so") {
    FieldBench b(two_lines, {3, 4});
    REQUIRE(b.field.is_online("first"));
    REQUIRE(b.field.is_online("second"));
    const config::SiteConfig before = b.field.site();
    b.lines["b"]->refuses_links = "the adapter does not know 19200 baud";
    const Status changed = b.change(two_quick_lines);
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().text.find("bus 'b' keeps its settings, and nothing was changed") != std::string::npos);
    CHECK(changed.error().text.find("does not know 19200 baud") != std::string::npos);
    CHECK(b.field.site() == before);
    CHECK(baud(*b.lines["a"]) == 9600);  // it had the new ones already
    CHECK(b.lines["a"]->links.size() == 2);
    CHECK(baud(*b.lines["b"]) == 9600);
    CHECK(b.field.facts("third") == nullptr);
    b.run_for(10s);
    CHECK(b.opened["first"] == 1);
    for (const char* id : {"first", "second"}) CHECK_MESSAGE(b.field.is_online(id), id);
    const std::size_t asked = b.lines["b"]->wire.asked.size();
    b.run_for(10s);
    CHECK(b.lines["b"]->wire.asked.size() > asked + 10);
    // And when the cause is gone, the same change acts.
    b.lines["b"]->refuses_links.clear();
    REQUIRE(b.change(two_quick_lines).has_value());
    b.run_for(10s);
    CHECK(baud(*b.lines["a"]) == 19200);
    CHECK(baud(*b.lines["b"]) == 19200);
    CHECK(b.opened["first"] == 1);
    CHECK(b.field.is_online("third"));
    CHECK(b.field.facts("second") == nullptr);
}

TEST_CASE("of two changes at once the second comes after the first") {
    FieldBench b(two_lines, {3, 4});
    std::optional<Status> first, second;
    auto change = [](FieldBench& bench, const char* site, std::optional<Status>& into) -> Task<void> {
        Field::Site next = site_of(site);
        std::set<std::string> none;
        into = co_await bench.field.change(std::move(next), bench.profiles, std::move(none));
    };
    b.loop.spawn("first", change(b, two_quick_lines, first));
    b.loop.spawn("second", change(b, two_lines, second));
    b.run_for(30s);
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->has_value());
    CHECK(second->has_value());
    CHECK(b.lines["a"]->links.size() == 2);
    CHECK(baud(*b.lines["a"]) == 9600);
    CHECK(b.field.is_online("second"));
    CHECK(b.field.facts("third") == nullptr);
}

TEST_CASE("behind another port stands another device until it has said who it is") {
    FieldBench b(two_lines, {3});
    std::string moved = two_lines;
    moved.replace(moved.find("/dev/a"), 6, "/dev/c");
    REQUIRE(b.change(moved).has_value());
    b.run_for(10s);
    CHECK(b.opened["first"] == 2);
    CHECK(b.opened["second"] == 1);
    CHECK(std::get<SerialSettings>(*b.lines["a"]->link_settings()).path == "/dev/c");
    CHECK(b.field.is_online("first"));
}

TEST_CASE("settings of a line are tried on its devices, and the line has its own again afterwards") {
    FieldBench b(two_lines, {3, 4});
    std::uint32_t spoken = 9600;
    b.lines["a"]->hears = [&](const bus::LinkSettings& s) { return std::get<SerialSettings>(s).baud == spoken; };
    const auto wanted = [&](const char* id, std::uint32_t rate) {
        config::BusConfig bus = *config::find_bus(b.field.site(), id);
        std::get<config::SerialPort>(bus.link).baud = rate;
        return bus;
    };
    const Instant start = b.loop.now();
    const Status refused = b.run(b.field.try_line(wanted("a", 19200)));
    CHECK(b.loop.now() - start < 5s);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == Errc::denied);
    CHECK(refused.error().text.find("bus 'a' is silent, and 'first' answered before") != std::string::npos);
    CHECK(baud(*b.lines["a"]) == 9600);
    REQUIRE(b.lines["a"]->links.size() == 2);
    CHECK(std::get<SerialSettings>(b.lines["a"]->links[0]).baud == 19200);
    CHECK(b.lines["b"]->links.empty());
    b.run_for(10s);
    CHECK(b.opened["first"] == 1);
    CHECK(b.field.is_online("first"));
    // Somebody has set the devices already: nobody hears the line until it follows.
    spoken = 19200;
    b.run_for(30s);
    CHECK_FALSE(b.field.is_online("first"));
    CHECK_FALSE(b.run(b.field.try_line(wanted("a", 38400))).has_value());
    CHECK(b.run(b.field.try_line(wanted("a", 19200))).has_value());
    CHECK(baud(*b.lines["a"]) == 9600);  // keeping it is another's decision
    // Nothing to try: as it is, or not there.
    const std::size_t links = b.lines["a"]->links.size();
    CHECK(b.run(b.field.try_line(wanted("a", 9600))).has_value());
    config::BusConfig other = wanted("a", 19200);
    other.id = "c";
    CHECK(b.run(b.field.try_line(other)).has_value());
    CHECK(b.lines["a"]->links.size() == links);
}

TEST_CASE("a line whose devices have never answered is not tried, and one that refuses says why") {
    FieldBench b(two_lines, {7});
    config::BusConfig bus = *config::find_bus(b.field.site(), "a");
    std::get<config::SerialPort>(bus.link).baud = 19200;
    b.lines["a"]->wire.units[3].is_silent = true;
    CHECK(b.run(b.field.try_line(bus)).has_value());
    CHECK(b.lines["a"]->links.empty());
}
