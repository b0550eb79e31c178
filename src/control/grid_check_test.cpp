#include "control/grid_check.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace busbar;
using namespace busbar::control;
using namespace std::chrono_literals;

namespace {

// Ten minutes of a meter read four times a second and an inverter read once, whose power steps by 2 kW every so many
// seconds; the meter moves the same way, as it does when a load that the inverter follows switches.
struct Moves {
    bool is_at_cap = false;   // the inverter does it at its cap, following the load
    bool is_battery = false;  // a battery does it, by its own logic
};
bool is_ever_doubted(int seconds_between_steps, Moves moves = {}) {
    GridCheckMemory memory;
    model::Snapshot now;
    now.inverters.emplace_back();
    if (moves.is_battery) now.batteries.emplace_back();
    for (int quarter = 0; quarter < 4 * 600; ++quarter) {
        const int second = quarter / 4;
        const bool is_high = second / seconds_between_steps % 2 == 1;
        now.at = Instant(quarter * 250ms + 1h);
        now.grid_w = {is_high ? 2500.0 : 500.0, now.at};
        const model::Measured own{is_high ? 3000.0 : 1000.0, Instant(second * 1s + 1h)};
        now.inverters[0].ac_power_w = moves.is_battery ? model::Measured{500, own.at} : own;
        if (moves.is_battery) now.batteries[0].power_w = own;
        if (moves.is_at_cap) now.inverters[0].cap_w = model::Held{own.value, own.at};
        const GridVerdict verdict = check_grid(now, std::nullopt, memory);
        memory = verdict.memory;
        if (verdict.doubt != GridDoubt::none) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a meter that follows devices the wrong way round from rest to rest is doubted") {
    CHECK(is_ever_doubted(6));
}

TEST_CASE("loads that switch too often for the devices to rest say nothing about the meter") {
    CHECK_FALSE(is_ever_doubted(1));
    CHECK_FALSE(is_ever_doubted(2));
}

TEST_CASE("a battery or a cap that follows a load larger than itself says nothing about the meter") {
    CHECK_FALSE(is_ever_doubted(6, {.is_battery = true}));
    CHECK_FALSE(is_ever_doubted(6, {.is_at_cap = true}));
}
