#include "views/history_view.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "base/rigs/temporary_folder.hpp"

using namespace busbar;
using namespace busbar::gateway;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms;
constexpr std::int64_t spring = 1'711'839'600'000;  // 2024-03-31 00:00 in Berlin; a day of 23 hours
constexpr std::int64_t autumn = 1'729'980'000'000;  // 2024-10-27 00:00 in Berlin; a day of 25 hours

// A house with a counting grid meter (60 W in, nothing out), a PV inverter at 600 W that counts nothing, and a battery
// that takes 120 W in the first half of each hour and gives 60 W in the second.
class House {
    const TemporaryFolder folder_;  // first: it goes when nobody uses it any more

public:
    House() {
        history::EngineConfig config;
        config.store.folder = folder_.path;
        config.store.ballast_bytes = 0;
        auto opened = history::Engine::open(std::move(config));
        REQUIRE(opened.has_value());
        engine = std::move(*opened);
        const auto device = [this](const char* id, config::Use use) {
            site.devices.emplace_back();
            site.devices.back().id = id;
            site.devices.back().use = use;
        };
        device("grid", model::Use::grid_meter);
        device("roof", model::Use::pv);
        device("pack", model::Use::battery);
        view = std::make_unique<HistoryView>(engine.get(), roster_of(site), *LocalTime::of("Europe/Berlin"));
    }
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    // A sample of everything each minute of [from, to).
    void live(std::int64_t from_ms, std::int64_t to_ms) {
        const auto id = [this](const char* key, const char* unit) { return *engine->series(key, unit, 1); };
        const history::SeriesId import = id("grid/meter.energy.import", "Wh"),
                                out = id("grid/meter.energy.export", "Wh"), pv = id("roof/ac.power", "W"),
                                battery = id("pack/battery.power", "W");
        for (std::int64_t t = from_ms; t < to_ms; t += minute_ms) {
            const bool charges = t / minute_ms % 60 < 30;
            const history::Sample row[] = {history::value_of(import, t, counter_ += 1), history::value_of(out, t, 77),
                                           history::value_of(pv, t, 600),
                                           history::value_of(battery, t, charges ? -120 : 60)};
            engine->append(row);
        }
        REQUIRE(engine->flush(60s).has_value());
    }
    api::EnergyView energy(std::int64_t from_ms, std::int64_t to_ms, api::EnergyStep step) {
        auto found = view->energy(from_ms, to_ms, step);
        REQUIRE(found.has_value());
        return *found;
    }
    void replace_meter(std::int64_t shows = 5) { counter_ = shows; }

    config::SiteConfig site;
    std::unique_ptr<history::Engine> engine;
    std::unique_ptr<HistoryView> view;

private:
    std::int64_t counter_ = 100'000;
};

double sum(const std::vector<std::optional<double>>& column) {
    return std::accumulate(column.begin(), column.end(), 0.0, [](double s, const auto& v) { return s + v.value(); });
}

}  // namespace

TEST_CASE("days of 23 and 25 hours have the energy of so many hours, and hours add up to them") {
    House house;
    for (const auto& [midnight, hours] : {std::pair(spring, 23), std::pair(autumn, 25)}) {
        house.live(midnight - hour_ms, midnight + 27 * hour_ms);
        const auto day = house.energy(midnight, midnight + 1, api::EnergyStep::day);
        REQUIRE(day.t_ms == std::vector<std::int64_t>{midnight});
        CHECK(day.grid_import[0].value() == doctest::Approx(60.0 * hours));
        CHECK(day.grid_export[0].value() == doctest::Approx(0));
        CHECK(day.pv[0].value() == doctest::Approx(600.0 * hours));
        CHECK(day.charged[0].value() == doctest::Approx(60.0 * hours));
        CHECK(day.discharged[0].value() == doctest::Approx(30.0 * hours));
        CHECK(day.house[0].value() == doctest::Approx((60.0 + 600 - 30) * hours));
        const auto by_hour = house.energy(midnight, midnight + hours * hour_ms, api::EnergyStep::hour);
        REQUIRE(by_hour.t_ms.size() == static_cast<std::size_t>(hours));
        CHECK(by_hour.t_ms.back() == midnight + (hours - 1) * hour_ms);
        for (const auto& wh : by_hour.grid_import) CHECK(wh.value() == doctest::Approx(60));
        CHECK(sum(by_hour.house) == doctest::Approx(day.house[0].value()));
    }
}

TEST_CASE("a month's counter rises over an outage; what was not measured of a power is unknown, not 0") {
    House house;
    house.live(spring - 2 * hour_ms, spring);
    house.live(spring + 22 * hour_ms, spring + 24 * hour_ms);  // the last hour of March and the first of April
    const auto months = house.energy(spring, spring + 24 * hour_ms, api::EnergyStep::month);
    REQUIRE(months.t_ms.size() == 2);
    CHECK(months.t_ms[1] == spring + 23 * hour_ms);
    CHECK(months.grid_import[0].value() == doctest::Approx(3 * 60 - 1));  // no reading before the first one
    CHECK(months.grid_import[1].value() == doctest::Approx(60));
    CHECK_FALSE(months.pv[0].has_value());
    CHECK_FALSE(months.house[0].has_value());
}

TEST_CASE("a meter that was replaced makes its step unknown, not negative, and the next one right") {
    House house;
    house.live(spring, spring + 90 * minute_ms);
    house.replace_meter();
    house.live(spring + 90 * minute_ms, spring + 3 * hour_ms);
    const auto hours = house.energy(spring, spring + 3 * hour_ms, api::EnergyStep::hour);
    REQUIRE(hours.grid_import.size() == 3);
    CHECK(hours.grid_import[0].value() == doctest::Approx(59));
    CHECK_FALSE(hours.grid_import[1].has_value());
    CHECK(hours.grid_import[2].value() == doctest::Approx(60));
}

TEST_CASE("the first hour counts from the first sample; an hour with an outage after it is unknown") {
    House house;
    const std::int64_t installed = spring + 40 * minute_ms + 13'000;
    house.live(installed, spring + 2 * hour_ms);
    house.live(spring + 2 * hour_ms + 50 * minute_ms, spring + 3 * hour_ms);
    const auto hours = house.energy(spring, spring + 3 * hour_ms, api::EnergyStep::hour);
    REQUIRE(hours.pv.size() == 3);
    CHECK(hours.pv[0].value() == doctest::Approx(600.0 * (hour_ms - 40 * minute_ms - 13'000) / hour_ms));
    CHECK(hours.house[0].has_value());
    CHECK(hours.pv[1].value() == doctest::Approx(600));
    CHECK_FALSE(hours.pv[2].has_value());
    CHECK(house.view->first_sample_ms() == installed);
    const auto since = house.view->energy_between(installed, spring + 2 * hour_ms);
    CHECK(since.pv[0].value() == doctest::Approx(hours.pv[0].value() + 600));
    CHECK(since.grid_import[0].value() == doctest::Approx(hours.grid_import[0].value() + hours.grid_import[1].value()));
}

TEST_CASE("a replacement that was told splits the counter: no step is negative, none is huge, none is lost") {
    for (const bool is_higher : {false, true}) {
        House house;
        house.live(spring, spring + 90 * minute_ms);
        is_higher ? house.replace_meter(50'000'000) : house.replace_meter();
        house.live(spring + 91 * minute_ms, spring + 3 * hour_ms);
        Roster roster = roster_of(house.site);
        house.view->use(updated(std::move(roster), house.site, {"grid"}, spring + 90 * minute_ms + 20'000));
        const auto hours = house.energy(spring, spring + 3 * hour_ms, api::EnergyStep::hour);
        REQUIRE(hours.grid_import.size() == 3);
        CHECK(hours.grid_import[0].value() == doctest::Approx(59));
        CHECK(hours.grid_import[1].value() == doctest::Approx(58).epsilon(0.03));  // less the minutes of the exchange
        CHECK(hours.grid_import[2].value() == doctest::Approx(60));
    }
}

TEST_CASE("a device that was deleted keeps its part of the past, one that was added is not missing before") {
    House house;
    house.live(spring, spring + 4 * hour_ms);
    Roster roster = roster_of(house.site);
    std::erase_if(house.site.devices, [](const auto& d) { return d.id == "roof"; });
    roster = updated(std::move(roster), house.site, {}, spring + 2 * hour_ms);
    house.site.devices.emplace_back();
    house.site.devices.back().id = "shed";
    house.site.devices.back().use = model::Use::pv;
    const auto shed = *house.engine->series("shed/ac.power", "W", 1);
    for (std::int64_t t = spring + 3 * hour_ms; t < spring + 4 * hour_ms; t += minute_ms) {
        const history::Sample row[] = {history::value_of(shed, t, 300)};
        house.engine->append(row);
    }
    REQUIRE(house.engine->flush(60s).has_value());
    house.view->use(updated(std::move(roster), house.site, {}, spring + 3 * hour_ms));
    const auto hours = house.energy(spring, spring + 4 * hour_ms, api::EnergyStep::hour);
    REQUIRE(hours.pv.size() == 4);
    const double expected[] = {600, 600, 0, 300};
    for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(i);
        REQUIRE(hours.pv[i].has_value());
        CHECK(*hours.pv[i] == doctest::Approx(expected[i]));
        CHECK(hours.house[i].has_value());
    }
}
