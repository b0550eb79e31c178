#include "discovery/line/bus_search.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/virtual_loop.hpp"
#include "discovery/rigs/battery_profile.hpp"

using namespace busbar;
using namespace busbar::discovery;
using namespace std::chrono_literals;
using device::FakeBus;

namespace {

// A serial line whose devices hear one baud rate only.
class Line final : public bus::ModbusBus {
public:
    explicit Line(Loop& loop) : inside(loop), loop_(loop) {}
    FakeBus inside;
    std::uint32_t heard_baud = 19200;
    bool is_garbled = false;  // everything
    bus::SerialSettings settings{.path = "/dev/ttyUSB0"};
    std::vector<std::uint32_t> tried;
    bus::BusStatistics shown;

    Task<Result<bus::Registers>> read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                      bus::DeviceTiming timing) override {
        if (is_garbled) {
            co_await loop_.sleep_for(10ms);
            co_return fail(Errc::malformed, "checksum");
        }
        if (settings.baud == heard_baud) co_return co_await inside.read(unit, block, urgency, timing);
        co_await loop_.sleep_for(timing.timeout);
        co_return fail(Errc::timeout, "no answer");
    }
    Task<Status> write(std::uint8_t, std::uint16_t, std::span<const std::uint16_t>, bus::WriteForm, bus::DeviceTiming,
                       bus::Urgency) override {
        co_return fail(Errc::internal, "written");
    }
    Task<Result<bus::RawAnswer>> raw(std::uint8_t, std::span<const std::uint8_t>, bus::Urgency,
                                     bus::DeviceTiming) override {
        co_return fail(Errc::internal, "raw");
    }
    bus::BusStatistics statistics() const override { return shown; }
    std::optional<bus::LinkSettings> link_settings() const override { return settings; }
    Task<Status> relink(bus::LinkSettings wanted) override {
        settings = std::get<bus::SerialSettings>(wanted);
        tried.push_back(settings.baud);
        co_return ok();
    }
    const std::string& name() const override { return inside.name(); }

private:
    Loop& loop_;
};

struct Bench {
    VirtualLoop loop;
    Line line{loop};
    std::unique_ptr<BusSearch> search;
    bool is_over = false;

    void start(std::vector<KnownUnit> known = {}, std::uint8_t last = 8) {
        SearchedBus bus{.id = "rs485-1", .bus = &line, .line = LineSettings{}, .known = std::move(known)};
        BusOrder order{.bus = std::move(bus), .units = {}, .profiles = {}, .lines = {}};
        for (std::uint8_t unit = 1; unit <= last; ++unit) order.units.push_back(unit);
        order.profiles = battery_profiles();
        order.lines = {{.baud = 9600}, {.baud = 19200, .parity = 'E'}, {.baud = 115200}};
        search = std::make_unique<BusSearch>(loop, std::move(order));
        loop.spawn("search", run(*search, is_over));
    }
    static Task<void> run(BusSearch& search, bool& is_over) {
        co_await search.run();
        is_over = true;
    }
};

}  // namespace

TEST_CASE("a line where nobody answers is tried with other settings, and gets its own back") {
    Bench bench;
    plug_battery(bench.line.inside, 7);
    bench.start();
    bench.loop.run_for(6s);
    CHECK(bench.search->progress().current.ends_with(" at 19200 8E1"));
    bench.loop.run_for(60s);
    REQUIRE(bench.is_over);
    CHECK(bench.line.tried == std::vector<std::uint32_t>{19200, 115200, 9600});
    CHECK(bench.line.settings == bus::SerialSettings{.path = "/dev/ttyUSB0"});
    REQUIRE(bench.search->found().size() == 1);
    const Found found = bench.search->found().front();
    CHECK(found.profile == "test/b");
    CHECK(found.line == LineSettings{.baud = 19200, .parity = 'E'});
    CHECK(found.notes.back() == "answers at 19200 8E1; set the line to that before adding it");
    CHECK(bench.search->messages().empty());
    CHECK(bench.search->progress().done == bench.search->progress().total);
}

TEST_CASE("a line that works is never taken from its devices") {
    Bench bench;
    SUBCASE("a device of the site answers") {
        bench.line.shown.units.push_back({.unit = 3, .requests = 9, .answers = 9, .last_answer = bench.loop.now()});
        bench.start({{3, "meter", "test/b", model::Use::grid_meter}});
        bench.loop.run_for(60s);
        CHECK(bench.search->messages() ==
              std::vector<std::string>{
                  "rs485-1: other baud rates were not tried: 'meter' answers, and would be cut off"});
    }
    SUBCASE("somebody was found with its own settings") {
        bench.line.heard_baud = 9600;
        plug_battery(bench.line.inside, 7);
        bench.start();
        bench.loop.run_for(60s);
        CHECK(bench.search->messages() ==
              std::vector<std::string>{
                  "rs485-1: other baud rates were not tried: somebody answers with the line's own settings"});
    }
    CHECK(bench.is_over);
    CHECK(bench.line.tried.empty());
}

TEST_CASE("a device of the site that returns while other settings are tried gets its line back within seconds") {
    Bench bench;
    SUBCASE("found by its registers") {}
    SUBCASE("and one that refuses them") { bench.line.inside.units[3].refuses = true; }
    bench.start({{3, "meter", "test/b", model::Use::grid_meter}, {5, "roof", "test/b", model::Use::pv}}, 12);
    bench.line.heard_baud = 0;  // all are silent
    bench.loop.run_for(10s);
    CHECK(bench.line.settings.baud != 9600);
    bench.line.heard_baud = 9600;
    plug_battery(bench.line.inside, 3);
    bench.loop.run_for(ForeignLine::longest_absence + 1s);
    CHECK(bench.is_over);
    CHECK(bench.line.settings == bus::SerialSettings{.path = "/dev/ttyUSB0"});
    CHECK(bench.search->messages() ==
          std::vector<std::string>{"rs485-1: other baud rates were not tried to the end: 'meter' answers again"});
    CHECK(bench.search->found().size() == 2);
}

TEST_CASE("a line at other settings hears its own devices every few seconds") {
    Bench bench;
    bench.line.heard_baud = 0;
    bench.start({{3, "meter", "test/b", model::Use::grid_meter}}, 40);
    Instant home = bench.loop.now();
    Duration longest{0};
    while (!bench.is_over && bench.loop.now() < Instant(600s)) {
        bench.loop.run_for(10ms);
        if (bench.line.settings.baud == 9600) home = bench.loop.now();
        longest = std::max(longest, bench.loop.now() - home);
    }
    CHECK(bench.is_over);
    CHECK(longest > 5s);
    CHECK(longest <= ForeignLine::longest_absence);
    CHECK(bench.search->messages().empty());
}

TEST_CASE("a cancelled search gives the line its own settings back") {
    Bench bench;
    bench.start();
    bench.loop.run_for(6s);
    CHECK(bench.line.settings.baud == 19200);
    bench.search->cancel();
    bench.loop.run_for(500ms);
    CHECK(bench.is_over);
    CHECK(bench.line.settings == bus::SerialSettings{.path = "/dev/ttyUSB0"});
}

TEST_CASE("a line on which everything is garbled is one message, not a device at each address") {
    Bench bench;
    bench.line.is_garbled = true;
    bench.start();
    bench.loop.run_for(200s);
    REQUIRE(bench.is_over);
    CHECK(bench.search->found().empty());
    REQUIRE(!bench.search->messages().empty());
    CHECK(bench.search->messages().front().starts_with("rs485-1: what comes back is garbled at 8 addresses"));
    CHECK(bench.line.settings.baud == 9600);
}
