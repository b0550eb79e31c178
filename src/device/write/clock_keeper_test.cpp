// Device clocks: the rule, and the keeper through ModbusDevice and simulated devices.
#include "device/write/clock_keeper.hpp"

#include <filesystem>

#include "device/profile_store.hpp"
#include "device/rigs/device_bench.hpp"
#include "device/rigs/lab_bench.hpp"

using namespace busbar;
using namespace busbar::device;
using profile::ClockFace;

namespace {

ClockFace face(int y, unsigned mo, unsigned d, int h, int mi, int s = 0) {
    using namespace std::chrono;
    return local_days(year_month_day{year(y), month(mo), day(d)}) + hours(h) + minutes(mi) + seconds(s);
}

// Central Europe in 2026: summer time from 29 March 01:00Z to 25 October 01:00Z.
std::chrono::seconds central_europe(WallTime at) {
    using namespace std::chrono;
    const sys_seconds summer = sys_days(2026y / 3 / 29) + 1h, winter = sys_days(2026y / 10 / 25) + 1h;
    return at >= summer && at < winter ? 2h : 1h;
}

constexpr std::string_view clock_profile = R"(profile: test/inverter
source: "test"
verified: "test"
products: [{brand: Test, models: [B1]}]
bus: {protocol: modbus, timeout: 500ms}
identify: {maker: Test, model: {read: holding 10, count: 2, starts_with: B}}
points:
  battery.soc: {read: holding 101, type: u16, unit: "%"}
clock: {at: holding 45, fields: [year, month, day, hour, minute, second], years: as_shown, zone: local}
)";

struct ClockBench : Bench {
    ClockBench() : Bench(loaded(clock_profile)) {
        set(10, {0x4231, 0});
        set(101, {55});
        show(face(1, 1, 1, 0, 0));
        // 2026-06-01 12:00:00Z, which is 14:00 there.
        loop.jump_wall(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1) + 12h - loop.wall());
        REQUIRE(open().has_value());
        loop.jump_wall(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1) + 12h - loop.wall());
    }
    void show(ClockFace now) {
        profile::Clock clock = *loaded(clock_profile)->clock;
        const std::vector<std::uint16_t> since_2000{26};
        if (const auto words = profile::encode_clock(clock, now, since_2000)) set(45, *words);
    }
    Result<ClockReport> keep(bool is_trusted = true) { return run(device.keep_clock({central_europe, is_trusted})); }
};

}  // namespace

TEST_CASE("when a clock is set, and why not") {
    struct Case {
        const char* name;
        ClockMoment moment;
        ClockVerdict verdict;
        const char* why;
    };
    const ClockFace noon = face(2026, 6, 1, 12, 0);
    const Case cases[] = {
        {"right", {noon, noon + 30s, true}, ClockVerdict::right, "off by +30 s"},
        {"behind a little", {noon, noon - 30s, true}, ClockVerdict::right, "off by -30 s"},
        {"off", {noon, noon + 31s, true}, ClockVerdict::set, "off by +31 s"},
        {"behind", {noon, noon - 75s, true}, ClockVerdict::set, "off by -75 s"},
        {"an hour ahead", {noon, noon + 1h, true}, ClockVerdict::set, "ahead by 1 h 00 min"},
        {"never set", {noon, std::nullopt, true}, ClockVerdict::set, "shows no valid time"},
        {"years off", {noon, face(2000, 1, 1, 5, 0), true}, ClockVerdict::set, "behind by"},
        {"not trusted", {noon, noon + 1h, false}, ClockVerdict::wait, "not synchronised"},
        {"summer time begins", {noon, noon + 1h, true, true}, ClockVerdict::wait, "summer or winter time"},
        {"set lately", {noon, noon + 1h, true, false, 59min}, ClockVerdict::wait, "within the last hour"},
        {"set before", {noon, noon + 1h, true, false, 61min}, ClockVerdict::set, "ahead"},
        {"ours near midnight",
         {face(2026, 6, 2, 0, 1), face(2026, 6, 2, 0, 5), true},
         ClockVerdict::wait,
         "near midnight"},
        {"theirs near midnight",
         {face(2026, 6, 1, 23, 50), face(2026, 6, 1, 23, 58, 30), true},
         ClockVerdict::wait,
         "near midnight"},
        {"never set, near midnight",
         {face(2026, 6, 1, 23, 59), std::nullopt, true},
         ClockVerdict::wait,
         "near midnight"},
        {"across midnight",
         {face(2026, 6, 2, 0, 10), face(2026, 6, 1, 23, 50), true},
         ClockVerdict::wait,
         "across midnight"},
        {"both past midnight", {face(2026, 6, 2, 0, 30), face(2026, 6, 2, 0, 10), true}, ClockVerdict::set, "behind"},
        {"a day off", {noon, noon + 24h, true}, ClockVerdict::set, "ahead by 24 h"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        const ClockJudgement judged = judge_clock(profile::Clock{}, c.moment);
        CHECK(judged.verdict == c.verdict);
        CHECK_MESSAGE(judged.why.find(c.why) != std::string::npos, judged.why);
    }
    profile::Clock shown;
    shown.is_set = false;
    const ClockJudgement by_hand = judge_clock(shown, {noon, noon + 1h, true});
    CHECK(by_hand.verdict == ClockVerdict::needs_person);
    CHECK_MESSAGE(by_hand.why.find("ahead by 1 h 00 min; it is not set from here: correct it") == 0, by_hand.why);
    CHECK(judge_clock(shown, {noon, std::nullopt, true}).verdict == ClockVerdict::needs_person);
    CHECK(judge_clock(shown, {noon, noon + 30s, true}).verdict == ClockVerdict::right);
    CHECK(judge_clock(shown, {noon, noon + 1h, false}).verdict == ClockVerdict::wait);
    CHECK(judge_clock(shown, {noon, noon + 1h, true, true}).verdict == ClockVerdict::wait);
    profile::Clock strict;
    strict.tolerance = 5s;
    CHECK(judge_clock(strict, {noon, noon + 6s, true}).verdict == ClockVerdict::set);
}

TEST_CASE("a clock that is off is set in one request and read back; one that is right is left alone") {
    ClockBench b;
    b.show(face(2026, 6, 1, 14, 0, 10));
    auto report = b.keep();
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text));
    CHECK(report->has_clock);
    CHECK_FALSE(report->was_set);
    CHECK(report->is_right);
    CHECK(b.writes().empty());
    b.loop.run_for(10s);
    b.show(face(2026, 6, 1, 13, 20));
    report = b.keep();
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text));
    CHECK(report->was_set);
    CHECK(report->is_right);
    CHECK(*report->off_s < -2390);
    CHECK(report->text.find("behind by 0 h 40 min; set to 2026-06-01 14:00:") == 0);
    REQUIRE(b.bus.written.size() == 1);
    CHECK(b.bus.written[0].urgency == bus::Urgency::telemetry);
    CHECK(b.bus.written[0].words.size() == 6);
    CHECK(b.bus.written[0].words[0] == 26);
    // Not again within the hour.
    b.show(face(2026, 6, 1, 13, 20));
    b.writes();
    report = b.keep();
    REQUIRE(report.has_value());
    CHECK_FALSE(report->was_set);
    CHECK_FALSE(report->is_right);
    CHECK(b.writes().empty());
    b.loop.run_for(61min);
    CHECK(b.keep()->was_set);
}

TEST_CASE("a gateway that does not know the time sets no clock") {
    ClockBench b;
    b.show(face(2026, 6, 1, 9, 0));
    const auto report = b.keep(false);
    REQUIRE(report.has_value());
    CHECK_FALSE(report->was_set);
    CHECK_FALSE(report->off_s.has_value());
    CHECK(b.writes().empty());
}

TEST_CASE("a write that waits its turn on a busy line is no clock that refuses") {
    ClockBench b;
    b.show(face(2026, 6, 1, 9, 0));
    b.bus.answer_time = 10s;
    const auto report = b.keep();
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text));
    CHECK(report->is_right);
}

TEST_CASE("a device that keeps its old time is found out, and not worn out") {
    ClockBench b;
    b.show(face(2026, 6, 1, 9, 0));
    b.unit.on_write = [&b](FakeBus::Unit&, std::uint16_t) { b.show(face(2026, 6, 1, 9, 0)); };
    const auto report = b.keep();
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().kind == Errc::refused);
    CHECK(report.error().text.find("clock: behind by 5 h 00 min: set to 2026-06-01 14:00:0") == 0);
    CHECK(report.error().text.find("the device shows 2026-06-01 09:00:00") != std::string::npos);
    b.writes();
    CHECK_FALSE(b.keep()->was_set);
    CHECK(b.writes().empty());
    b.unit.is_silent = true;
    CHECK(b.keep().error().kind == Errc::timeout);
}

TEST_CASE("around summer time a clock is left alone, before and after it is held to local time") {
    ClockBench b;
    b.loop.jump_wall(std::chrono::sys_days(std::chrono::year(2026) / 3 / 29) + 55min - b.loop.wall());  // 01:55 there
    b.show(face(2026, 3, 29, 1, 40));
    auto report = b.keep();
    REQUIRE(report.has_value());
    CHECK_FALSE(report->was_set);
    CHECK(report->text.find("summer or winter time begins") != std::string::npos);
    b.loop.run_for(20min);  // 03:15 summer time there: 02:15 does not exist
    b.show(face(2026, 3, 29, 2, 15));
    report = b.keep();
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text));
    CHECK(report->was_set);
    CHECK(report->text.find("behind by 1 h 00 min; set to 2026-03-29 03:15:") == 0);
}

TEST_CASE("the clocks of the shipped families are kept on simulated devices") {
    const std::filesystem::path folders[] = {"profiles"};
    const ProfileStore store = ProfileStore::read(folders);
    int set = 0, compared = 0;
    for (const std::string& name : store.names()) {
        const auto profile = store.find(name);
        if (!profile || !(*profile)->clock) continue;
        CAPTURE(name);
        Lab lab(*profile);
        REQUIRE(lab.run(lab.device->open()).has_value());
        const bool is_utc = (*profile)->clock->is_utc;
        const SiteTime time{[](WallTime) { return std::chrono::seconds(2h); }, true};
        lab.simulated().set_clock_ahead(is_utc ? 150s : 2h + 150s);
        auto report = lab.run(lab.device->keep_clock(time));
        REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text));
        CHECK(std::fabs(report->off_s.value_or(0) - 150) <= 2);
        CHECK(report->was_set == (*profile)->clock->is_set);
        CHECK(report->needs_person != (*profile)->clock->is_set);
        if (!report->was_set) {
            ++compared;
            continue;
        }
        ++set;
        lab.loop.run_for(2h);
        report = lab.run(lab.device->keep_clock(time));
        REQUIRE(report.has_value());
        CHECK(std::fabs(report->off_s.value_or(99)) <= 2);
        CHECK_FALSE(report->was_set);
    }
    CHECK(set >= 6);
    CHECK(compared >= 2);
}

TEST_CASE("a device without a clock says so") {
    Bench b;
    REQUIRE(b.open().has_value());
    const auto report = b.run(b.device.keep_clock({central_europe, true}));
    REQUIRE(report.has_value());
    CHECK_FALSE(report->has_clock);
}
