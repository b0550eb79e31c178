#include "live/live_state.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

using namespace busbar;
using namespace busbar::live;
using namespace std::chrono_literals;
using model::Quality;
using model::Reading;
using model::Role;

namespace {
std::size_t allocations = 0;
}
// Counts what this test program allocates, to hold update() to its promise.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {
constexpr PointSpec meter_points[] = {{{Role::meter_voltage, 1}, 0.1, 60s}, {{Role::meter_power}, 1, 3s}};

struct House {
    LiveState live;
    DeviceIndex roof = *live.add_device("roof");
    DeviceIndex meter = *live.add_device("meter");
    House() {
        REQUIRE(live.set_points(meter, meter_points));
        live.set_grid_meter(meter);
    }
};
Reading good(double value, Instant at) { return {value, at, Quality::good}; }
}  // namespace

TEST_CASE("a value is fresh until its point's age runs out") {
    House house;
    const Instant at(10s);
    CHECK_FALSE(house.live.fresh(house.meter, {Role::meter_power}, at));
    house.live.update(house.meter, 1, good(-420, at));
    CHECK(house.live.fresh(house.meter, {Role::meter_power}, at + 3s)->value == -420);
    CHECK_FALSE(house.live.fresh(house.meter, {Role::meter_power}, at + 3001ms));
    CHECK_FALSE(house.live.fresh(house.roof, {Role::meter_power}, at));
}

TEST_CASE("an invalid reading is no value, an older one changes nothing") {
    House house;
    house.live.update(house.meter, 1, good(5, Instant(2s)));
    house.live.update(house.meter, 1, good(4, Instant(1s)));
    CHECK(house.live.reading(house.meter, 1).value == 5);
    house.live.update(house.meter, 1, {0, Instant(3s), Quality::invalid});
    CHECK_FALSE(house.live.fresh(house.meter, {Role::meter_power}, Instant(3s)));
}

TEST_CASE("only a good reading of the grid meter's power wakes the cycle") {
    House house;
    house.live.update(house.meter, 0, good(230, Instant(1s)));
    CHECK_FALSE(house.live.grid_event().consume());
    house.live.update(house.meter, 1, {0, Instant(1s), Quality::invalid});
    CHECK_FALSE(house.live.grid_event().consume());
    house.live.update(house.meter, 1, good(1, Instant(2s)));
    CHECK(house.live.grid_event().consume());
}

TEST_CASE("points nobody has are ignored and too many are refused") {
    House house;
    house.live.update(house.meter, 7, good(1, Instant(1s)));
    house.live.update(house.roof, 0, good(1, Instant(1s)));
    CHECK_FALSE(house.live.status(house.roof).has_data);
    const std::vector<PointSpec> many(LiveState::max_points + 1);
    CHECK(house.live.set_points(house.roof, many).error().kind == Errc::out_of_range);
}

TEST_CASE("points found anew keep the values of points that stay") {
    House house;
    house.live.update(house.meter, 1, good(77, Instant(1s)));
    constexpr PointSpec changed[] = {{{Role::meter_power}, 1, 3s}, {{Role::meter_frequency}, 0.01, {}}};
    REQUIRE(house.live.set_points(house.meter, changed));
    CHECK(house.live.reading(house.meter, 0).value == 77);
    CHECK(house.live.reading(house.meter, 1).quality == Quality::unknown);
    CHECK(house.live.points(house.meter)[1].stale_after == default_stale_after);
}

TEST_CASE("an image stays as it was and is shared until something changes") {
    House house;
    house.live.update(house.meter, 1, good(1, Instant(1s)));
    const auto before = house.live.image(Instant(1s), {});
    CHECK(house.live.image(Instant(1s), {}) == before);
    // Silence is no standstill: ages are told from the image's own instant.
    const auto later = house.live.image(Instant(2s), WallTime(2s));
    CHECK(later->at == Instant(2s));
    CHECK(later->wall == WallTime(2s));
    CHECK(later->revision == before->revision);
    house.live.update(house.meter, 1, good(2, Instant(2s)));
    house.live.set_state(house.roof, DeviceState::offline, Instant(2s), "no answer");
    const auto after = house.live.image(Instant(2s), {});
    CHECK(before->reading(house.meter, 1).value == 1);
    CHECK(after->reading(house.meter, 1).value == 2);
    CHECK(after->layout == before->layout);
    CHECK(after->devices[house.roof].problem == "no answer");
    CHECK(after->revisions[1] > before->revision);
}

TEST_CASE("an update allocates nothing") {
    House house;
    house.live.update(house.meter, 1, good(1, Instant(1s)));
    const std::size_t before = allocations;
    for (int i = 2; i < 1000; ++i) house.live.update(house.meter, 1, good(i, Instant(std::chrono::seconds(i))));
    CHECK(allocations == before);
}

TEST_CASE("a device that is taken away leaves nothing behind, and its index goes to the next one") {
    House house;
    house.live.update(house.meter, 1, good(1500, Instant(1s)));
    const auto before = house.live.image(Instant(1s), WallTime{});
    house.live.remove_device(house.meter);
    const auto after = house.live.image(Instant(1s), WallTime{});
    CHECK(after->layout->version > before->layout->version);
    CHECK(after->layout->devices.size() == 2);
    CHECK(after->layout->devices[house.meter].id.empty());
    CHECK(after->readings.empty());
    CHECK(before->reading(house.meter, 1).value == 1500);  // readers keep what they have
    CHECK_FALSE(house.live.fresh(house.meter, {Role::meter_power}, Instant(1s)));
    house.live.update(house.meter, 1, good(1, Instant(2s)));  // late: nobody there
    CHECK(house.live.image(Instant(2s), WallTime{})->readings.empty());

    CHECK(*house.live.add_device("wallbox") == house.meter);
    CHECK(*house.live.add_device("heater") == 2);
    CHECK(house.live.id(house.meter) == "wallbox");
    CHECK(house.live.status(house.meter).state == DeviceState::starting);
    CHECK_FALSE(house.live.status(house.meter).has_data);
    CHECK(house.live.points(house.meter).empty());
    // Nobody is the grid meter by mistake.
    REQUIRE(house.live.set_points(house.meter, meter_points));
    (void)house.live.grid_event().consume();
    house.live.update(house.meter, 1, good(7, Instant(3s)));
    CHECK_FALSE(house.live.grid_event().consume());
}
