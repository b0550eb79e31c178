#include "control/fallback.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace busbar;
using namespace busbar::control;
using namespace std::chrono_literals;

namespace {
constexpr Instant now(1000s);
FallbackInput meter_at(Instant grid_at) {
    return {.now = grid_at,
            .grid_at = grid_at,
            .is_plausible = true,
            .limit_w = 4800,
            .guaranteed_load_w = 200,
            .rated_w = 8000,
            .others_worst_w = 0};
}
}  // namespace

TEST_CASE("every combination of flags, ages and configuration gives a safe envelope") {
    int combinations = 0;
    for (const std::optional<Instant> grid_at :
         std::vector<std::optional<Instant>>{std::nullopt, now, now - 2900ms, now - 2901ms, now - 1h})
        for (const bool is_plausible : {false, true})
            for (const std::optional<double> limit :
                 std::vector<std::optional<double>>{std::nullopt, 0.0, 4800.0, 99999.0})
                for (const double load : {-5.0, 0.0, 300.0})
                    for (const double rated : {0.0, 8000.0})
                        for (const double others : {0.0, 2000.0, 50000.0})
                            for (const Mode before : {Mode::normal, Mode::open_loop, Mode::returning})
                                for (const int good : {0, 1, 2, 3})
                                    for (const bool is_counted : {false, true}) {
                                        ++combinations;
                                        const FallbackInput input{now,  grid_at, is_plausible, limit,
                                                                  load, rated,   others};
                                        const FallbackMemory memory{.mode = before,
                                                                    .good_readings = good,
                                                                    .last_good = is_counted ? grid_at : std::nullopt,
                                                                    .ramp_w = 1000,
                                                                    .last_run = now - 1s};
                                        const auto [envelope, after] = decide_fallback(input, memory);
                                        const bool is_trusted = grid_at && now - *grid_at <= 2900ms && is_plausible;
                                        CAPTURE(combinations);
                                        CHECK(envelope.mode == after.mode);
                                        // Without trust in the meter nothing uses it, and a limited site is capped.
                                        if (!is_trusted) {
                                            CHECK(envelope.mode == Mode::open_loop);
                                            CHECK(after.good_readings == 0);
                                        }
                                        CHECK(envelope.use_grid == (envelope.mode != Mode::open_loop));
                                        if (envelope.mode == Mode::open_loop) {
                                            CHECK(envelope.release == !limit.has_value());
                                            CHECK(envelope.hold_battery == limit.has_value());
                                            CHECK(envelope.inverters_max_w.has_value() == limit.has_value());
                                        } else {
                                            CHECK_FALSE(envelope.hold_battery);
                                            CHECK_FALSE(envelope.release);
                                        }
                                        if (envelope.mode == Mode::open_loop && limit) {
                                            CHECK(*envelope.inverters_max_w >= 0);
                                            // The safety statement: caps + worst case of the rest - sure load <= limit.
                                            const double sure = std::max(load, 0.0);
                                            if (*envelope.inverters_max_w > 0)
                                                CHECK(*envelope.inverters_max_w + others - sure <= *limit + 1e-9);
                                        }
                                        // Nobody leaves open loop before the third good reading.
                                        if (before == Mode::open_loop && envelope.mode != Mode::open_loop)
                                            CHECK(good + (is_counted ? 0 : 1) >= 3);
                                    }
    CHECK(combinations == 5 * 2 * 4 * 3 * 2 * 3 * 3 * 4 * 2);
}

TEST_CASE("a lost meter caps at once, three good readings and a ramp lead back") {
    FallbackMemory memory{.mode = Mode::normal, .last_good = now, .last_run = now};
    FallbackInput input = meter_at(now);
    input.now = now + 3s;
    auto result = decide_fallback(input, memory);
    CHECK(result.envelope.inverters_max_w == 5000);
    CHECK(result.envelope.has_lost_grid);
    for (int i = 1; i <= 3; ++i) {
        CAPTURE(i);
        result = decide_fallback(meter_at(now + std::chrono::seconds(10 + i)), result.memory);
        CHECK(result.envelope.mode == (i < 3 ? Mode::open_loop : Mode::returning));
    }
    CHECK(result.envelope.inverters_max_w == doctest::Approx(5800));
    result = decide_fallback(meter_at(now + 15s), result.memory);
    CHECK(result.envelope.inverters_max_w == doctest::Approx(7400));
    result = decide_fallback(meter_at(now + 16s), result.memory);
    CHECK(result.envelope.mode == Mode::normal);
    CHECK_FALSE(result.envelope.inverters_max_w);
}

TEST_CASE("one reading seen three times is one reading") {
    FallbackResult result = decide_fallback(meter_at(now), {});
    for (int i = 0; i < 5; ++i) result = decide_fallback(meter_at(now), result.memory);
    CHECK(result.envelope.mode == Mode::open_loop);
    CHECK(result.memory.good_readings == 1);
}

TEST_CASE("a site without a limit leaves devices on their own default") {
    FallbackInput input = meter_at(now - 10s);
    input.now = now;
    input.limit_w.reset();
    const auto [envelope, memory] = decide_fallback(input, {});
    CHECK(envelope.release);
    CHECK_FALSE(envelope.inverters_max_w);
}

TEST_CASE("the first reading is awaited as safely as a lost one, and not called lost") {
    FallbackInput input = meter_at(now);
    input.grid_at.reset();
    FallbackResult result = decide_fallback(input, {});
    CHECK(result.envelope.inverters_max_w == 5000);
    CHECK(result.envelope.hold_battery);
    CHECK_FALSE(result.envelope.has_lost_grid);
    for (int i = 1; i <= 3; ++i) result = decide_fallback(meter_at(now + std::chrono::seconds(i)), result.memory);
    REQUIRE(result.envelope.mode == Mode::returning);
    input.now = now + 30s;
    result = decide_fallback(input, result.memory);
    CHECK(result.envelope.has_lost_grid);
}
