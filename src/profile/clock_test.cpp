#include "profile/clock.hpp"

#include <doctest/doctest.h>

#include "profile/load/load.hpp"

using namespace busbar;
using namespace busbar::profile;
using namespace std::chrono;

namespace {

using Words = std::vector<std::uint16_t>;

ClockFace face(int y, unsigned mo, unsigned d, int h = 0, int mi = 0, int s = 0) {
    return local_days(year_month_day{year(y), month(mo), day(d)}) + hours(h) + minutes(mi) + seconds(s);
}
Clock fields(YearForm years) {
    Clock clock;
    clock.years = years;
    clock.fields = {ClockField::year, ClockField::month,  ClockField::day,
                    ClockField::hour, ClockField::minute, ClockField::second};
    return clock;
}
Clock epoch() {
    Clock clock;
    clock.epoch.type = ValueType::u32;
    return clock;
}

Result<Profile> loaded(std::string_view clock) {
    return load(std::string(R"(profile: test/inverter
source: "a document"
verified: "nothing"
products: [{brand: Test, models: [T1]}]
bus: {protocol: modbus}
identify: {maker: Test, model: {read: holding 10, count: 4, starts_with: T}}
points:
  battery.soc: {read: holding 100, type: u16, unit: "%"}
controls:
  battery.power.set:
    write: [{to: holding 47, type: s16, unit: W, sign: charge_positive, value: setpoint}]
    release: [{to: holding 47, value: 0}]
    range: [-3000, 3000]
    falls_back_after: never
settings:
  mode: {text: Mode, at: holding 60, choices: {0: rest}, access: owner}
)") + std::string(clock),
                "test/inverter.yaml");
}

}  // namespace

TEST_CASE("a face becomes registers and back, in every form") {
    const ClockFace moment = face(2026, 11, 21, 19, 5, 9);
    CHECK(*encode_clock(fields(YearForm::full), moment, {}) == Words{2026, 11, 21, 19, 5, 9});
    CHECK(*encode_clock(fields(YearForm::since_2000), moment, {}) == Words{26, 11, 21, 19, 5, 9});
    CHECK(*encode_clock(epoch(), moment, {}) == Words{0x6B01, 0xEB65});
    for (const Clock& clock : {fields(YearForm::full), fields(YearForm::since_2000), epoch()})
        for (const ClockFace at : {moment, face(2000, 1, 1), face(2099, 12, 31, 23, 59, 59), face(2028, 2, 29, 12)}) {
            const auto words = encode_clock(clock, at, {});
            REQUIRE(words.has_value());
            CHECK(decode_clock(clock, *words) == at);
        }
    CHECK(to_text(moment) == "2026-11-21 19:05:09");
}

TEST_CASE("a device that counts years from 2000 keeps doing so") {
    const Clock clock = fields(YearForm::as_shown);
    const Words since_2000{26, 6, 1, 12, 0, 0}, full{2026, 6, 1, 12, 0, 0};
    CHECK(decode_clock(clock, since_2000) == face(2026, 6, 1, 12));
    CHECK(decode_clock(clock, full) == face(2026, 6, 1, 12));
    CHECK(encode_clock(clock, face(2027, 1, 2, 3, 4, 5), since_2000)->front() == 27);
    CHECK(encode_clock(clock, face(2027, 1, 2, 3, 4, 5), full)->front() == 2027);
    CHECK(encode_clock(clock, face(2100, 1, 1), full).error().kind == Errc::out_of_range);
}

TEST_CASE("what is no date is no time, and never 1970") {
    const Clock clock = fields(YearForm::full);
    const Words wrong[] = {{0, 0, 0, 0, 0, 0},      {2026, 13, 1, 0, 0, 0},  {2026, 2, 30, 0, 0, 0},
                           {2025, 2, 29, 0, 0, 0},  {2026, 1, 0, 0, 0, 0},   {2026, 1, 1, 24, 0, 0},
                           {2026, 1, 1, 0, 60, 0},  {2026, 1, 1, 0, 0, 60},  {1999, 12, 31, 0, 0, 0},
                           {2026, 257, 1, 0, 0, 0}, {2026, 1, 257, 0, 0, 0}, {65535, 65535, 65535, 65535, 65535, 65535},
                           {2026, 1, 1, 0, 0}};
    for (const Words& words : wrong) CHECK_FALSE(decode_clock(clock, words).has_value());
    const Words never_set{0, 0}, all_ones{0xFFFF, 0xFFFF};
    CHECK_FALSE(decode_clock(epoch(), never_set).has_value());
    CHECK_FALSE(decode_clock(epoch(), all_ones).has_value());
}

TEST_CASE("a clock says where it is, what it shows and whether it is set") {
    const auto profile = loaded(
        "clock: {at: holding 70, fields: [second, minute, hour, day, month, year], years: since_2000, "
        "zone: utc, tolerance: 5s, before: [{to: holding 69, value: 1}]}");
    REQUIRE_MESSAGE(profile.has_value(), (profile ? "" : profile.error().text));
    REQUIRE(profile->clock.has_value());
    const Clock& clock = *profile->clock;
    CHECK(words_of(clock) == 6);
    CHECK(clock.is_utc);
    CHECK(clock.is_set);
    CHECK(clock.tolerance == seconds(5));
    CHECK(clock.before.size() == 1);
    CHECK(decode_clock(clock, Words{9, 5, 19, 21, 11, 26}) == face(2026, 11, 21, 19, 5, 9));
    const auto shown = loaded("clock: {at: input 70, type: u32, zone: local, set: never}");
    REQUIRE_MESSAGE(shown.has_value(), (shown ? "" : shown.error().text));
    CHECK_FALSE(shown->clock->is_set);
    CHECK(words_of(*shown->clock) == 2);
}

TEST_CASE("a wrong clock has its line, its reason and its remedy") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"clock: {at: holding 70}", "'zone' is missing"},
        {"clock: {at: holding 70, zone: cet}", "expected utc or local"},
        {"clock: {at: holding 70, zone: utc, fields: [year, month, day]}", "each of year, month, day"},
        {"clock: {at: holding 70, zone: utc, fields: [year, year, day, hour, minute, second]}", "once"},
        {"clock: {at: holding 70, zone: utc, type: f32}", "are a u32 or u64"},
        {"clock: {at: holding 70, zone: utc, years: since_2000}", "is for clocks with 'fields'"},
        {"clock: {at: holding 70, zone: utc, set: always}", "the only word is 'never'"},
        {"clock: {at: input 70, zone: utc}", "only holding registers can be written"},
        {"clock: {at: holding 70, zone: utc, tolerance: 1s}", "expected a time from 2000"},
        {"clock: {at: holding 65535, zone: utc}", "ends beyond 65535"},
        {"clock: {at: holding 46, zone: utc}", "clock: holding 46 is also written by battery.power.set (line 11)"},
        {"clock: {at: holding 59, zone: utc}", "clock: holding 59 is also written by mode (line 16)"},
    };
    for (const auto& [text, error] : cases) {
        const auto profile = loaded(text);
        REQUIRE_MESSAGE(!profile.has_value(), text);
        CHECK_MESSAGE(profile.error().text.find(error) != std::string::npos, profile.error().text);
    }
}
