// Devices and lines that are not what an installer thinks, against reliability.md G7: the bad one is told with the
// remedy, the others of its line become older by one slot at most, those of other lines by 10 ms.
#include <fmt/format.h>

#include "bus/link/link.hpp"
#include "device/rigs/house_bench.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

// At 9600 Bd with 10 ms to think: what a unit that never answers can hold the line for is its time-out; everything that
// answers is faster than the longest answer, 255 characters.
constexpr double time_out_s = 0.5, longest_answer_s = 0.3;

constexpr std::string_view neighbours = R"(
site line a serial 9600 turnaround=10ms
site line b serial 9600 turnaround=10ms
site grid meter=chint/dtsu666 on=a unit=11 id=grid
site load 600W | load 900W meter=eastron/sdm630 on=a unit=2 id=pump
site load 400W meter=eastron/sdm630 on=b unit=2 id=other
)";

double gap_after(House& house, Duration time, const std::string& id) {
    house.longest_gap_s.clear();
    house.loop.run_for(time);
    return house.longest_gap_s[id];
}

struct Gaps {
    double grid, pump, other;
};
Gaps gaps(House& house, Duration time) {
    (void)gap_after(house, time, "grid");
    return {house.longest_gap_s["grid"], house.longest_gap_s["pump"], house.longest_gap_s["other"]};
}
Gaps without(std::string_view more = {}) {
    House house(std::string(neighbours) + std::string(more), {{"bad", ""}});
    house.loop.run_for(30s);
    house.check_all_online();
    return gaps(house, 120s);
}

void check_unharmed(const House& house, const Gaps& before, const Gaps& with, double slot_s) {
    MESSAGE(
        fmt::format("oldest critical value without / with the bad one: grid {:.3f} / {:.3f} s, pump {:.3f} / {:.3f} "
                    "s, other line {:.3f} / {:.3f} s",
                    before.grid, with.grid, before.pump, with.pump, before.other, with.other));
    CHECK(with.grid <= before.grid + slot_s);
    CHECK(with.pump <= before.pump + slot_s);
    CHECK(with.other <= before.other + 0.010);
    for (const char* id : {"grid", "pump", "other"})
        CHECK(house.registry.health(house.index.at(id)).state == DeviceState::online);
}

}  // namespace

TEST_CASE("a device that is another one than configured is quarantined with the remedy, and costs others one slot") {
    struct Case {
        const char *is, *configured;
    };
    for (const Case& c :
         {Case{"huawei/sun2000-commercial", "eastron/sdm630"}, Case{"eastron/sdm630", "gavazzi/em24"},
          Case{"eastron/sdm630", "huawei/sun2000-commercial"}, Case{"abb/b23-b24", "schneider/iem3000"}}) {
        INFO(std::string(c.is), " configured as ", std::string(c.configured));
        const std::string bad = std::string(c.is).starts_with("huawei")
                                    ? fmt::format("site pv 20kW rated=20kW inverter={} on=a unit=5 id=bad\n", c.is)
                                    : fmt::format("site load 300W meter={} on=a unit=5 id=bad\n", c.is);
        const Gaps before = without(bad);
        House house(std::string(neighbours) + bad, {{"bad", c.configured}});
        house.loop.run_for(30s);
        const Gaps with = gaps(house, 120s);
        const auto& health = house.registry.health(house.index.at("bad"));
        CHECK(health.state == DeviceState::quarantined);
        CHECK_MESSAGE(health.problem.find("correct profile, unit or bus") != std::string::npos, health.problem);
        CHECK(house.live["bad"].empty());
        check_unharmed(house, before, with, longest_answer_s);
    }
}

TEST_CASE("two devices with one address answer over each other: nothing is believed, and others wait one slot") {
    constexpr std::string_view bad = "site load 300W meter=eastron/sdm630 on=a unit=5 id=bad\n";
    const Gaps before = without(bad);
    House house(std::string(neighbours) + std::string(bad) + "at 0s bad garbled 100%\n");
    house.loop.run_for(60s);
    const Gaps with = gaps(house, 120s);
    const auto& health = house.registry.health(house.index.at("bad"));
    CHECK(health.state == DeviceState::offline);
    CHECK_FALSE(health.problem.empty());
    MESSAGE(health.problem);
    CHECK(house.live["bad"].empty());
    check_unharmed(house, before, with, time_out_s);
}

TEST_CASE("an adapter that babbles costs its own line only, and that comes back by itself") {
    const Gaps before = without();
    House house(neighbours);
    house.loop.run_for(30s);
    bool babbles = true;
    auto babble = [](VirtualLoop& loop, bus::LoopbackLink& end, bool& on) -> Task<void> {
        const Bytes noise(16, 0x55);
        while (on) {
            (void)co_await end.write(noise, Instant::max());
            co_await loop.sleep_for(17ms);  // as fast as the line takes it
        }
    };
    house.loop.spawn("babble", babble(house.loop, *house.far[0], babbles));
    const double other_s = gap_after(house, 120s, "other");
    CHECK(house.registry.health(house.index.at("grid")).state == DeviceState::offline);
    CHECK_FALSE(house.registry.health(house.index.at("grid")).problem.empty());
    MESSAGE(house.registry.health(house.index.at("grid")).problem);
    MESSAGE(fmt::format("other line {:.3f} / {:.3f} s", before.other, other_s));
    CHECK(other_s <= before.other + 0.010);
    CHECK(house.registry.health(house.index.at("other")).state == DeviceState::online);
    babbles = false;
    house.loop.run_for(30s);
    CHECK(house.registry.health(house.index.at("grid")).state == DeviceState::online);
    const Gaps after = gaps(house, 60s);
    CHECK(after.grid <= before.grid + 0.010);
}
