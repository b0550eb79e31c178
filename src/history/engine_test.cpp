#include "history/engine.hpp"

#include <doctest/doctest.h>

#include "base/rigs/temporary_folder.hpp"

using namespace busbar;
using namespace busbar::history;
using namespace std::chrono_literals;

namespace {
constexpr std::int64_t noon = 1'700'006'400'000;

EngineConfig config_in(const TemporaryFolder& folder, std::atomic<std::int64_t>& now) {
    EngineConfig config;
    config.store.folder = folder.path;
    config.store.ballast_bytes = 0;
    config.commit_every = 5ms;
    config.now_ms = [&now] { return now.load(); };
    return config;
}
}  // namespace

TEST_CASE("appended samples are there after a flush, and queries run beside the writer") {
    const TemporaryFolder folder;
    std::atomic<std::int64_t> now{noon};
    auto engine = Engine::open(config_in(folder, now));
    REQUIRE(engine.has_value());
    Engine& history = **engine;
    const SeriesId id = *history.series("a/v", "V", 0.1);
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> seen{0};
    std::thread reader([&] {
        while (!done) {
            const auto got = history.query_steps("a/v", noon, noon + 10 * 3'600'000, 3'600'000);
            if (!got) continue;
            std::uint64_t sum = 0;
            for (std::uint64_t n : got->count) sum += n;
            CHECK(sum >= seen);  // hours that move to the database never vanish or count twice
            seen = sum;
        }
    });
    constexpr std::int64_t count = 30'000;
    for (std::int64_t i = 0; i < count; ++i) {
        now = noon + i * 1000;
        const Sample sample = value_of(id, now, i);
        history.append({&sample, 1});
        if (i % 500 == 0) REQUIRE(history.flush(60s).has_value());
    }
    REQUIRE(history.flush(60s).has_value());
    done = true;
    reader.join();
    std::int64_t next = 0;
    REQUIRE(history
                .raw("a/v", noon, noon + 36'000'000,
                     [&](std::span<const Point> points) {
                         for (const Point& p : points) CHECK(p.time_ms == noon + 1000 * next++);
                         return true;
                     })
                .has_value());
    CHECK(next == count);
    CHECK(history.status().lost == 0);
}

TEST_CASE("a full queue loses the newest and says so") {
    const TemporaryFolder folder;
    std::atomic<std::int64_t> now{noon};
    EngineConfig config = config_in(folder, now);
    config.commit_every = 1h;
    config.max_queue = 10;
    auto engine = Engine::open(std::move(config));
    REQUIRE(engine.has_value());
    const SeriesId id = *(*engine)->series("a/v", "V", 1);
    for (std::int64_t i = 0; i < 15; ++i) {
        const Sample sample = value_of(id, noon + i, i);
        (*engine)->append({&sample, 1});
    }
    CHECK((*engine)->status().lost == 5);
    CHECK((*engine)->status().waiting == 10);
    REQUIRE((*engine)->flush(60s).has_value());
    CHECK((*engine)->status().samples == 10);
    engine->reset();
    engine = Engine::open(config_in(folder, now));
    CHECK((*engine)->status().samples == 10);
}
