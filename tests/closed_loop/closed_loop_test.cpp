#include "closed_loop/closed_loop.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

using namespace busbar;
using namespace busbar::closed_loop;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> plant_files() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator("tests/plant"))
        if (entry.path().extension() == ".plant") files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

std::unique_ptr<ClosedLoop> open(const std::string& file, std::uint64_t seed = 1) {
    auto made = ClosedLoop::create(file, seed);
    REQUIRE_MESSAGE(made.has_value(), made.error().text);
    return std::move(*made);
}

// CLOSED_LOOP_TRACE=zero_export prints one line a second of the plants so named, to see what went wrong.
void trace(ClosedLoop& house) {
    const auto state = house.world().state();
    const auto& now = house.cycle().snapshot();
    std::string line =
        fmt::format("{:6.1f} s grid {:7.0f} pv {:7.0f} battery {:7.0f} load {:6.0f} seen {:7.0f} mode {} ",
                    house.world().time_s(), state.grid_w, state.pv_w, state.battery_w, state.load_w,
                    now.grid_w ? now.grid_w->value : NAN, static_cast<int>(house.cycle().mode()));
    for (const auto& a : house.cycle().actuators())
        line += fmt::format(" {}={:.1f}/{:.1f}", to_string(a.target.role), a.held ? a.held->value : NAN,
                            a.confirmed.value_or(NAN));
    fmt::print("{}\n", line);
}

}  // namespace

TEST_CASE("every plant's expectations hold in the closed loop") {
    for (const std::string& file : plant_files()) {
        CAPTURE(file);
        const char* traced = std::getenv("CLOSED_LOOP_TRACE");
        const bool is_traced = traced && file.find(traced) != std::string::npos;
        auto house = open(file);
        const double seconds = house->world().scenario().run_s;
        for (double t = 0; t < seconds; t += 1) {
            house->run_for(1s);
            if (is_traced) trace(*house);
        }
        const auto verdicts = house->world().verdicts();
        CHECK_FALSE(verdicts.empty());
        for (const plant::Verdict& verdict : verdicts)
            CHECK_MESSAGE(verdict.passed,
                          file << ":" << verdict.line << ": " << verdict.text << ": " << verdict.reason);
    }
}
