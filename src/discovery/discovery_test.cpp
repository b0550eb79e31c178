#include "discovery/discovery.hpp"

#include <doctest/doctest.h>

#include "base/virtual_loop.hpp"
#include "discovery/rigs/battery_profile.hpp"

using namespace busbar;
using namespace busbar::discovery;
using namespace std::chrono_literals;
using device::FakeBus;

namespace {

// A site of two serial buses with one device on each.
struct Site {
    VirtualLoop loop;
    FakeBus one{loop}, two{loop};
    Profiles profiles = battery_profiles();
    Discovery discovery{loop};

    Site() {
        plug_battery(one, 9);
        plug_battery(two, 7);
    }
    std::vector<SearchedBus> buses() {
        SearchedBus a{.id = "one", .bus = &one, .line = LineSettings{}};
        a.known = {{3, "grid", "test/meter", model::Use::grid_meter}};
        SearchedBus b{.id = "two", .bus = &two, .line = LineSettings{}};
        return {a, b};
    }
    Status start(ScanRequest request) { return discovery.start(std::move(request), buses(), {profiles, {}}); }
};

ScanRequest both() {
    ScanRequest request;
    request.buses = {{"one", 1, 20}, {"two", 1, 20}};
    return request;
}

}  // namespace

TEST_CASE("two buses are searched side by side, and the state tells how far it is") {
    Site site;
    int changes = 0;
    site.discovery.on_change([&] { ++changes; });
    CHECK(site.discovery.state().phase == Phase::idle);
    REQUIRE(site.start(both()).has_value());
    CHECK(site.discovery.is_running());
    site.loop.run_for(2s);
    const ScanState early = site.discovery.snapshot();
    REQUIRE(early.progress.size() == 2);
    CHECK(early.progress[0].bus == "one");
    CHECK(early.progress[0].done > 0);
    CHECK(early.progress[0].done < early.progress[0].total);
    CHECK(early.progress[1].current.starts_with("unit "));
    CHECK(early.progress[1].left.value_or(0s) > 1s);
    site.loop.run_for(60s);
    const ScanState& state = site.discovery.state();
    CHECK(state.phase == Phase::done);
    CHECK_FALSE(state.was_cancelled);
    CHECK(state.messages.empty());
    CHECK(state.progress[0].has_ended);
    CHECK(state.progress[0].done == state.progress[0].total);
    REQUIRE(state.found.size() == 3);
    CHECK(state.found[0].device == "grid");
    CHECK(state.found[1].bus == "one");
    CHECK(state.found[1].unit == 9);
    CHECK(state.found[1].profile == "test/b");
    CHECK(state.found[2].bus == "two");
    CHECK(state.found[2].unit == 7);
    CHECK(changes > 5);
    CHECK(state.revision > early.revision);
    // Once more: what was found before is gone, the number goes on.
    REQUIRE(site.start(both()).has_value());
    CHECK(site.discovery.state().scan == 2);
    CHECK(site.discovery.state().found.empty());
}

TEST_CASE("a cancelled search ends at once, keeps what it found, and leaves the buses alone") {
    Site site;
    ScanRequest request = both();
    request.buses[0].last_unit = request.buses[1].last_unit = 200;
    REQUIRE(site.start(request).has_value());
    CHECK(site.start(request).error().kind == Errc::unavailable);
    site.loop.run_for(10s);
    bool is_over = false;
    auto wait = [](Discovery& d, bool& over) -> Task<void> {
        co_await d.stopped();
        over = true;
    };
    site.loop.spawn("stop", wait(site.discovery, is_over));
    site.loop.run_for(1ms);
    CHECK(site.discovery.state().phase == Phase::cancelling);
    site.loop.run_for(1200ms);
    CHECK(is_over);
    CHECK(site.discovery.state().phase == Phase::done);
    CHECK(site.discovery.state().was_cancelled);
    CHECK(site.discovery.state().found.size() == 3);
    const std::size_t asked = site.one.asked.size();
    site.loop.run_for(30s);
    CHECK(site.one.asked.size() == asked);
    CHECK(site.start(request).has_value());
}

TEST_CASE("a search that cannot be is refused with the reason") {
    Site site;
    ScanRequest request = both();
    SUBCASE("units") {
        request.buses[0].first_unit = 0;
        CHECK(site.start(request).error().text ==
              "one: units 0 to 20 cannot be searched; 1 to 247 can, the lower first");
    }
    SUBCASE("backwards") {
        request.buses[0].first_unit = 30;
        CHECK(site.start(request).error().kind == Errc::out_of_range);
    }
    SUBCASE("a bus that is not there") {
        request.buses[0].bus = "three";
        CHECK(site.start(request).error().text == "there is no bus 'three' to search");
    }
    SUBCASE("a profile that is not there") {
        request.profiles = {"test/x"};
        CHECK(site.start(request).error().text == "there is no profile 'test/x' to look for");
    }
    SUBCASE("nothing") { CHECK(site.start({}).error().kind == Errc::out_of_range); }
    CHECK_FALSE(site.discovery.is_running());
    CHECK(site.discovery.state().phase == Phase::idle);
}
