// Files of busbar-plant: packed and plain traces, and days that were measured (skipped where nobody has them).
#include "plant_files.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdlib>

#include "base/rigs/temporary_folder.hpp"
#include "config/load.hpp"
#include "description.hpp"

namespace busbar::plant_app {
namespace {

namespace fs = std::filesystem;

// The folder of measured traces; empty where it is absent.
fs::path measured() {
    const char* shared = std::getenv("BUSBAR_SHARED");
    const fs::path folder = fs::path(shared ? shared : "../shared") / "data/traces/open";
    std::error_code problem;
    if (fs::is_directory(folder, problem)) return folder;
    MESSAGE("skipped: no measured traces in ", folder.string(), "; set BUSBAR_SHARED");
    return {};
}

std::unique_ptr<plant::World> house_of(std::string_view text, const fs::path& traces) {
    auto scenario = plant::parse(text, "measured.plant");
    REQUIRE_MESSAGE(scenario.has_value(), (scenario ? std::string() : scenario.error().text));
    auto columns = read_traces(*scenario, {traces});
    REQUIRE_MESSAGE(columns.has_value(), (columns ? std::string() : columns.error().text));
    auto world = plant::World::create(std::move(*scenario), 1, {.profile = {}, .traces = std::move(*columns)});
    REQUIRE_MESSAGE(world.has_value(), (world ? std::string() : world.error().text));
    return std::move(*world);
}

TEST_CASE("texts are written whole and read back, packed or not") {
    const TemporaryFolder made;
    const fs::path folder = made.path;
    REQUIRE(write_text(folder / "a.csv", "time,load [W]\n0,100\n").has_value());
    CHECK(*read_text(folder / "a.csv") == "time,load [W]\n0,100\n");
    const auto packed = folder / "b.csv.gz";
    gzFile file = gzopen(packed.c_str(), "wb");
    REQUIRE(file != nullptr);
    gzputs(file, "time,load [W]\n0,200\n");
    gzclose(file);
    CHECK(*read_text(packed) == "time,load [W]\n0,200\n");
    fs::resize_file(packed, fs::file_size(packed) - 9);
    CHECK_FALSE(read_text(packed).has_value());
    CHECK(read_text(folder / "c.csv").error().text.ends_with("c.csv: no such file"));
    CHECK_FALSE(write_text(folder / "no/such/place", "x").has_value());
}

TEST_CASE("every profile of the project can be played") {
    for (const auto& entry : fs::recursive_directory_iterator("profiles")) {
        if (entry.path().extension() != ".yaml") continue;
        const auto name = fs::relative(entry.path(), "profiles").replace_extension().string();
        CAPTURE(name);
        const auto text = "site line l tcp | load 500W | battery=" + name +
                          " 10kWh pv=6kW on=l unit=1 | grid meter=" + name + " on=l unit=2";
        auto scenario = plant::parse(text);
        REQUIRE(scenario.has_value());
        const auto find = [](std::string_view wanted) { return read_profile("profiles", wanted); };
        auto world = plant::World::create(std::move(*scenario), 1, {.profile = find, .traces = {}});
        REQUIRE_MESSAGE(world.has_value(), (world ? std::string() : world.error().text));
        (*world)->step(1);
        CHECK((*world)->lines().front().devices().size() == 2);
    }
}

TEST_CASE("the site.yaml it writes is one the gateway reads, for every scenario of the project") {
    for (const auto& entry : fs::directory_iterator("tests/plant")) {
        if (entry.path().extension() != ".plant") continue;
        CAPTURE(entry.path().string());
        auto scenario = plant::parse(read_text(entry.path()).value());
        REQUIRE(scenario.has_value());
        const auto wish = scenario->wish;
        const auto find = [](std::string_view wanted) { return read_profile("profiles", wanted); };
        auto world = plant::World::create(std::move(*scenario), 1, {.profile = find, .traces = {}});
        REQUIRE(world.has_value());
        Endpoints endpoints;
        std::size_t devices = 0;
        for (auto& line : (*world)->lines()) {
            endpoints[line.spec().id] = {"/tmp/" + line.spec().id, 1502};
            devices += line.places().size();
        }
        const auto site = config::load(site_yaml(**world, endpoints), "site.yaml");
        REQUIRE_MESSAGE(site.has_value(), (site ? std::string() : site.error().text));
        CHECK(site->problems.empty());
        CHECK(site->site.empty());
        CHECK(site->config.devices.size() == devices);
        for (const auto& one : site->config.devices) CHECK(one.name.find('_') == std::string::npos);
        CHECK(site->config.pv_peak_w == (*world)->scenario().pv_peak_w());
        CHECK((site->config.control.feed_in_limit.mode == config::FeedInLimit::Mode::none) ==
              (wish.feed_in == plant::ControlWish::FeedIn::none));
        CHECK(site->config.control.feed_in_limit.value == wish.feed_in_value);
        CHECK(site->config.control.self_consumption.enabled == wish.self_consumption);
    }
}

TEST_CASE("a measured family's year begins where its file begins, and a day of it has the file's energy") {
    const auto traces = measured();
    if (traces.empty()) return;
    auto world = house_of(R"(
site start 2019-06-03T22:00:00Z
site trace family file=load_efh_2019.csv.gz from=2019-06-03T22:00:00Z | load trace=family:w_per_mwh_a scale=4.5
)",
                          traces);
    // The same day added up from the file by hand.
    const auto text = read_text(traces / "load_efh_2019.csv.gz").value();
    double sum_w = 0;
    auto at = text.find("2019-06-03T22:00:00Z,");
    REQUIRE(at != std::string::npos);
    for (int row = 0; row < 96; ++row) {
        sum_w += 4.5 * std::strtod(text.c_str() + text.find(',', at) + 1, nullptr);
        at = text.find('\n', at) + 1;
    }
    world->step(86400);
    CHECK(world->site().energy().load_wh == doctest::Approx(sum_w / 4).epsilon(0.001));
    CHECK(world->site().energy().load_wh > 4'000);
}

TEST_CASE("a measured home with roof, a battery beside it, and the price of its energy") {
    const auto traces = measured();
    if (traces.empty()) return;
    auto world = house_of(R"(
site trace home file=home_ausgrid12_2011.csv.gz from=2011-12-05T00:00:00 | trace market file=price_de_lu_2024.csv.gz from=2024-12-05T00:00:00Z
site load trace=home:load_kw | price trace=market:eur_mwh
site pv 5kW rated=5kW trace=home:pv_kw scale=4.8 | battery 8kWh soc=20%
)",
                          traces);
    world->step(86400);
    const auto e = world->site().energy();
    CHECK(e.pv_wh > 5'000);
    CHECK(e.load_wh > 3'000);
    CHECK(e.discharged_wh > 500);
    CHECK(e.import_wh < 0.6 * e.load_wh);
    CHECK(world->record().cost_eur != 0);
    CHECK(e.pv_wh + e.import_wh + e.discharged_wh ==
          doctest::Approx(e.export_wh + e.load_wh + e.charged_wh + e.loss_wh).epsilon(1e-6));
}

TEST_CASE("measured cloud ramps reach the grid second by second") {
    const auto traces = measured();
    if (traces.empty()) return;
    auto world = house_of(
        "site trace clouds file=pv_1s_ramps_2900s.csv.gz | pv 10kW rated=10kW trace=clouds:pu scale=10000 | load 0W",
        traces);
    double steepest_w = 0, before_w = 0;
    for (int i = 0; i < 2900; ++i) {
        world->step(1);
        const double now_w = world->state().pv_w;
        if (i > 5) steepest_w = std::max(steepest_w, std::abs(now_w - before_w));
        before_w = now_w;
    }
    CHECK(world->record().pv_w.max > 7'000);
    CHECK(steepest_w > 300);
}

}  // namespace
}  // namespace busbar::plant_app
