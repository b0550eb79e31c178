// A measured day through the whole field side, against figures worked out here from the sun and the load alone.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "closed_loop/closed_loop.hpp"

using namespace busbar;
using namespace busbar::closed_loop;
using namespace std::chrono_literals;

namespace {

// BUSBAR_TRACES, or the folder beside the project.
std::string traces_folder() {
    const char* named = std::getenv("BUSBAR_TRACES");
    return named ? named : "../shared/data/traces/open";
}

struct Day {
    double load_wh = 0, import_wh = 0, feed_in_wh = 0, pv_wh = 0, charged_wh = 0, discharged_wh = 0;
    double own_use_wh() const { return load_wh - import_wh; }
};

// The best a battery without losses and without delay could do, knowing each second's sun and load: what is over
// charges, what lacks is discharged. 8 kWh from 20 %, 2.5 kW each way.
struct Ideal {
    double stored_wh = 0.2 * 8000;
    Day day;
    void second(double sun_w, double load_w) {
        const double over_w = sun_w - load_w;
        const double charge_w = std::clamp(over_w, 0.0, std::min(2500.0, (8000 - stored_wh) * 3600));
        const double discharge_w = std::clamp(-over_w, 0.0, std::min(2500.0, stored_wh * 3600));
        stored_wh += (charge_w - discharge_w) / 3600;
        day.load_wh += load_w / 3600;
        day.import_wh += std::max(0.0, -over_w - discharge_w) / 3600;
    }
};

// What flows in one tenth of a second, by the plant's own physics.
void add(Day& day, const plant::SiteState& state, double hours) {
    day.load_wh += state.load_w * hours;
    day.import_wh += std::max(0.0, state.grid_w) * hours;
    day.feed_in_wh += std::max(0.0, -state.grid_w) * hours;
    day.pv_wh += state.pv_w * hours;
    day.charged_wh += std::max(0.0, -state.battery_w) * hours;
    day.discharged_wh += std::max(0.0, state.battery_w) * hours;
}

}  // namespace

TEST_CASE("measured day: limit kept, energy balanced, own use near the ideal") {
    if (!std::filesystem::exists(traces_folder())) {
        fmt::print("SKIPPED: no measured traces in {}; BUSBAR_TRACES names another folder\n", traces_folder());
        return;
    }
    auto made = ClosedLoop::create("tests/closed_loop/measured_day.plant", 1, traces_folder());
    REQUIRE_MESSAGE(made.has_value(), made.error().text);
    ClosedLoop& house = **made;
    Day day;
    Ideal ideal;
    // What the gateway believes of the house, against what the house took.
    double believed_wh = 0, known_s = 0, taken_wh = 0;
    for (int second = 0; second < 86'400; ++second) {
        house.run_for(1s);
        const plant::SiteState state = house.world().state();
        add(day, state, 1 / 3600.0);
        ideal.second(state.pv_available_w, state.load_w);
        if (const auto house_w = house.cycle().snapshot().house_w) {
            believed_wh += *house_w / 3600;
            taken_wh += state.load_w / 3600;
            ++known_s;
        }
    }
    const plant::Record& record = house.world().record();
    const double share = day.own_use_wh() / ideal.day.own_use_wh();
    fmt::print(
        "measured day, seed 1: load {:.2f} kWh, PV {:.2f}, import {:.2f}, feed-in {:.2f}, own use {:.2f} of {:.2f} "
        "ideal ({:.1f} %), above the limit {:.0f} s in all, {:.1f} s at most at a time\n",
        day.load_wh / 1000, day.pv_wh / 1000, day.import_wh / 1000, day.feed_in_wh / 1000, day.own_use_wh() / 1000,
        ideal.day.own_use_wh() / 1000, 100 * share, record.above_limit_s, record.longest_excess_s);
    CHECK(record.longest_excess_s <= 5);
    CHECK(record.excess_wh < 10);
    // Nothing appears from nowhere: what the inverters and the battery lose is little, and it is lost, not won.
    const double lost_wh =
        day.import_wh + day.pv_wh + day.discharged_wh - day.load_wh - day.feed_in_wh - day.charged_wh;
    CHECK(lost_wh > 0);
    CHECK(lost_wh < 0.06 * (day.pv_wh + day.charged_wh + day.discharged_wh));
    CHECK(known_s > 86'000);
    CHECK(believed_wh == doctest::Approx(taken_wh).epsilon(0.05));
    CHECK(share > 0.93);
    CHECK(share < 1.0);
    // All there is to say of this house: the battery's inverter keeps its cap when the gateway falls silent.
    const auto& faults = house.cycle().faults().faults();
    for (const model::Fault& fault : faults)
        CHECK_MESSAGE(fault.kind == model::FaultKind::no_fallback, model::info(fault.kind).name << ": " << fault.text);
    CHECK(faults.size() == 1);
}
