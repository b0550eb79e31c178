// The three lines of a factory, twenty devices on each: what the budget guarantees from the profiles alone, and what a
// real master measures on virtual time.
#include <doctest/doctest.h>

#include <filesystem>

#include "bus/health/budget_rig.hpp"
#include "device/bus_load.hpp"
#include "device/profile_store.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

struct Family {
    const char* profile;
    int count;
};
struct FactoryLine {
    const char* name;
    bus::budget::Line line;
    Duration turnaround;
    std::vector<Family> families;
};

std::vector<FactoryLine> factory() {
    return {{"roofs",
             {115200, 10},
             8ms,
             {{"huawei/sun2000-commercial", 8},
              {"growatt/string", 4},
              {"growatt/tl-x", 2},
              {"sunspec/inverter", 3},
              {"fronius/gen24", 1},
              {"sunspec/combiner", 2}}},
            {"halls",
             {19200, 11},
             15ms,
             {{"schneider/iem3000", 4},
              {"abb/b23-b24", 4},
              {"janitza/umg", 3},
              {"gavazzi/em300", 3},
              {"eastron/sdm630", 3},
              {"chint/dtsu666", 1},
              {"kipp-zonen/smp", 1},
              {"heidelberg/energy-control", 1}}},
            {"field",
             {9600, 10},
             5ms,
             {{"eastron/sdm120", 8},
              {"eastron/sdm72", 5},
              {"chint/dtsu666", 2},
              {"gavazzi/em24", 1},
              {"imt/si-rs485", 2},
              {"sunspec/weather", 1},
              {"growatt/tl-x", 1}}}};
}

std::vector<bus::budget::Load> loads_of(const FactoryLine& line, const ProfileStore& store) {
    std::vector<bus::budget::Load> loads;
    for (const Family& family : line.families)
        for (int i = 0; i < family.count; ++i) {
            const auto profile = store.find(family.profile);
            REQUIRE_MESSAGE(profile.has_value(), family.profile);
            loads.push_back(load_of(**profile, {}, std::string(family.profile) + std::to_string(i)));
            loads.back().turnaround = {line.turnaround, line.turnaround};
        }
    return loads;
}

}  // namespace

TEST_CASE("the lines of a factory fit, keep what is guaranteed, and no guarantee is idle talk") {
    const std::filesystem::path folders[] = {"profiles"};
    const ProfileStore store = ProfileStore::read(folders);
    for (const FactoryLine& line : factory()) {
        CAPTURE(std::string(line.name));
        auto loads = loads_of(line, store);
        const auto plan = bus::budget::plan(line.line, loads);
        for (auto& load : loads) {
            const auto scaled = stretched({}, plan.stretch);
            if (load.telemetry.period > 0s) load.telemetry.period = scaled.telemetry;
            if (load.slow.period > 0s) load.slow.period = scaled.slow;
        }
        bus::budget::BudgetRig rig(line.line, loads, false);
        const auto measured = rig.run(300s);
        std::size_t critical = 0;
        double worst_share = 0;
        Duration oldest{0};
        for (std::size_t i = 0; i < loads.size(); ++i) {
            if (!plan.refresh[i].guaranteed) continue;
            CAPTURE(loads[i].device);
            ++critical;
            CHECK(measured.worst[i] <= *plan.refresh[i].guaranteed);
            worst_share =
                std::max(worst_share, to_seconds(measured.worst[i]) / to_seconds(*plan.refresh[i].guaranteed));
            oldest = std::max(oldest, measured.worst[i]);
        }
        CHECK(plan.verdict == bus::budget::Verdict::fits);
        CHECK(critical > 10);
        CHECK(worst_share > 0.5);
        MESSAGE(std::string(line.name), ": ", plan.text, " Stretch ", plan.stretch, "; used ", rig.utilisation(), "; ",
                critical, " with critical points, oldest ", to_seconds(oldest), " s, measured / guaranteed ",
                worst_share);
    }
}
