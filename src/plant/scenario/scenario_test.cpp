#include <doctest/doctest.h>

#include <fmt/format.h>

#include <string>

#include "plant/physics/random.hpp"
#include "plant/scenario/checker.hpp"
#include "plant/scenario/scenario.hpp"

namespace busbar::plant {
namespace {

constexpr std::string_view example = R"(
site      grid meter=eastron/sdm630 | battery=example/h3 10kWh soc=50% | pv 8kW | load 600W
strategy  zero_export import_target=20W
at 0s     pv 4kW
at 30s    pv 800W                      # cloud edge
at 60s    meter silent for 20s
expect    feed_in < 100W  within 5s after each step
expect    battery released within 15s of "meter silent"
expect    fault meter_silent raised then cleared
)";

std::string error_of(std::string_view text) {
    const auto s = parse(text, "x.plant");
    return s ? "no error" : s.error().text;
}

TEST_CASE("the example of the language's page means what it says") {
    const auto s = parse(example);
    REQUIRE_MESSAGE(s.has_value(), (s ? std::string() : s.error().text));
    CHECK(s->grid.meter.profile == "eastron/sdm630");
    CHECK(s->grid.meter.id == "meter");
    CHECK(s->grid.meter.line == "meter");
    REQUIRE(s->sources.size() == 2);
    CHECK(s->sources[0].spec.battery->capacity_wh == 10'000);
    CHECK(s->sources[1].spec.array->peak_w == 8000);
    CHECK(s->pv_peak_w() == 8000);
    CHECK(s->wish.feed_in == ControlWish::FeedIn::zero);
    CHECK(s->wish.import_target_w == 20);
    REQUIRE(s->events.size() == 3);
    CHECK(s->events[1].value == 800);
    CHECK(s->events[2].fault == FaultKind::silent);
    CHECK(s->events[2].target == "meter");
    CHECK(s->events[2].for_s == 20);
    REQUIRE(s->expectations.size() == 3);
    CHECK(s->expectations[1].what == Expectation::What::released);
    CHECK(s->expectations[2].then_cleared);
    CHECK(s->run_s == 140);
}

TEST_CASE("lines, units, repeated events and settings") {
    const auto s = parse(R"(
site name "Demo house" | place 48.1 11.6 | start 2024-06-15T10:00Z | weather fair | air 24C
site line rs485-1 serial 9600 8E1 turnaround=20ms
site grid 231V meter=chint/dtsu666 on=rs485-1 unit=11 id=gridmeter
site pv 8kW inverter=sunspec/inverter id=roof rated=7kW tilt=25 azimuth=200
site load 300W appliances | load 1200W every=40min for=15min id=heat_pump meter=eastron/sdm630 on=rs485-1 unit=2
every 40s from 20s cloud edge to 25% within 3s
at 10s pv roof 5kW
at 15s roof slow by 800ms for 5s
at 30s feed_in_limit 60%
run 2min
expect feed_in < 60% always
expect soc > 10% at end
)");
    REQUIRE_MESSAGE(s.has_value(), (s ? std::string() : s.error().text));
    CHECK(s->lines.size() == 2);
    CHECK(s->line("rs485-1")->bits_per_character() == 11);
    CHECK(s->line("roof")->kind == LineSpec::Kind::tcp);
    CHECK(s->events[0].repeat_s == 40);
    CHECK(s->events[0].at_s == 20);
    CHECK(s->events[1].target == "roof");
    CHECK(s->events[2].over_s == doctest::Approx(0.8));
    CHECK(s->feed_in_limit_w(s->events[3].wish) == doctest::Approx(4800));
    CHECK(s->expectations[0].bound == doctest::Approx(4800));
    CHECK(s->run_s == 120);
}

TEST_CASE("devices that only look at something") {
    const auto s = parse(
        "site pv 8kW id=roof | load 300W id=lamp | device imt/si-rs485 unit=2 id=sun | "
        "device sunspec/combiner of=roof\nat 5s sun silent");
    REQUIRE_MESSAGE(s.has_value(), (s ? std::string() : s.error().text));
    REQUIRE(s->watchers.size() == 2);
    CHECK(s->watchers[0].plug.profile == "imt/si-rs485");
    CHECK(s->watchers[0].of.empty());
    CHECK(s->watchers[1].of == "roof");
    CHECK(s->watchers[1].plug.id == "device");
    CHECK(s->events[0].target == "sun");
    CHECK(error_of("site device a/b of=roof") == "x.plant:1: of=roof: no pv, battery or load has this id");
    CHECK(error_of("site device") == "x.plant:1: '' is no profile name such as eastron/sdm630");
    CHECK(error_of("site device a/b power=3W").find("known are: of= on= unit= id=") != std::string::npos);
}

TEST_CASE("quirks and claims") {
    const auto s = parse(
        "site pv 8kW inverter=a/b id=roof | load 1W id=lamp meter=a/c\n"
        "quirk all none\n"
        "quirk roof busy 2% | turnaround 50ms to 300ms | too_soon garbled within 850ms | clients 1 newest\n"
        "quirk lamp missing 3 | longest_read 45 | even_only | wrong_unit 1% | idle 60s | wakes_after 1s\n"
        "quirk lamp block 45 | any_unit | silent_child 11 | registers_only | write_denied 128 | drops_out_of_range | "
        "latches\n"
        "at 5s roof claims serial \"HV 21\"\nat 9s roof rebooting for 3s");
    REQUIRE_MESSAGE(s.has_value(), (s ? std::string() : s.error().text));
    REQUIRE(s->quirks.size() == 18);
    CHECK(s->quirks[0].target.empty());
    profile::Quirks roof, lamp;
    for (const auto& q : s->quirks) {
        if (q.target != "lamp") q.change(roof);
        if (q.target != "roof") q.change(lamp);
    }
    CHECK(roof.busy == doctest::Approx(0.02));
    CHECK(roof.turnaround_max == std::chrono::milliseconds(300));
    CHECK(roof.too_soon == profile::Haste::garbled);
    CHECK(roof.pause == std::chrono::milliseconds(850));
    CHECK(roof.clients == 1);
    CHECK(roof.newest_client_wins);
    CHECK(roof.missing == 2);
    CHECK(lamp.missing == 3);
    CHECK(lamp.longest_read == 45);
    CHECK(lamp.even_only);
    CHECK(lamp.idle == std::chrono::seconds(60));
    CHECK(lamp.block == 45);
    CHECK(lamp.silent_child == 11);
    CHECK(lamp.write_denied == 128);
    CHECK((lamp.any_unit && lamp.registers_only && lamp.drops_out_of_range && lamp.latches));
    CHECK_FALSE((roof.any_unit || roof.registers_only || roof.drops_out_of_range || roof.latches));
    CHECK(s->events[0].what == Event::What::claim);
    CHECK(s->events[0].claim == "HV 21");
    CHECK(s->events[1].fault == FaultKind::rebooting);
    CHECK(error_of("quirk boiler busy 1%").find("nothing here is called 'boiler'") != std::string::npos);
    CHECK(error_of("site pv 8kW inverter=a/b\nquirk pv lazy") ==
          "x.plant:2: 'lazy' is no quirk; known are: none missing longest_read even_only block too_soon turnaround "
          "wakes_after idle clients any_unit silent_child registers_only write_denied drops_out_of_range latches busy "
          "wrong_unit");
    CHECK(error_of("quirk all too_soon rude within 1s").find("write: too_soon silent within") != std::string::npos);
    CHECK(error_of("quirk all busy 200%").find("out of range") != std::string::npos);
    CHECK(error_of("quirk all turnaround 2s to 1s").find("the shorter time stands first") != std::string::npos);
    CHECK(error_of("site pv 8kW inverter=a/b\nat 1s pv claims colour red").find("known are: maker model") !=
          std::string::npos);
}

TEST_CASE("every mistake is named with its line and what would be right") {
    CHECK(error_of("site pv 8") == "x.plant:1: '8' is not a power such as 800W or 4kW");
    CHECK(error_of("\nsit pv 8kW") ==
          "x.plant:2: a line begins with site, quirk, strategy, run, at, every or expect, not 'sit'");
    CHECK(error_of("site pv 8kW tiltt=3").find("'tiltt=3' means nothing for a PV array; known are: inverter=") !=
          std::string::npos);
    CHECK(error_of("site load 1W | load 2W id=load").find("id 'load' stands twice") != std::string::npos);
    CHECK(error_of("site grid meter=a/b on=bus1")
              .find("x.plant:1: on=bus1: no such line; add: site line bus1 serial 9600") == 0);
    CHECK(error_of("site grid meter=../../etc").find("is no profile name") != std::string::npos);
    CHECK(error_of("at 5s boiler silent").find("nothing here is called 'boiler'") != std::string::npos);
    CHECK(error_of("site grid meter=a/b\nat 5s meter broken")
              .find("x.plant:2: 'broken' is no fault; known are: silent") == 0);
    CHECK(error_of("expect feed_in < 5W within 5s of \"pv\"").find("no event above begins with \"pv\"") !=
          std::string::npos);
    CHECK(error_of("expect feed_in <5W always").find("write a comparison") != std::string::npos);
    CHECK(error_of("site name \"x").find("a closing \" is missing") != std::string::npos);
    CHECK(error_of("site load 1W trace=x:y").find("no trace 'x'; add: site trace x file=") != std::string::npos);
    CHECK(error_of("at -5s pv 3kW").find("out of range") != std::string::npos);
    CHECK(error_of("at 1e400s pv 3kW").find("is not a time") != std::string::npos);
    CHECK(error_of("at 5s pv 3kW 4kW").find("'4kW' was not expected here") != std::string::npos);
    CHECK(error_of(std::string(70'000, ' ')).find("longer than 64 KiB") != std::string::npos);
    CHECK(error_of(std::string(1001, '\n') + "x").find("more than 1000 lines") != std::string::npos);
    std::string many;
    for (int i = 0; i < 251; ++i) many += "site load 1W\n";
    CHECK(error_of(many).find("more than 250 parts") != std::string::npos);
}

TEST_CASE("no text, however broken, does more than give an error") {
    Random random(99, "mutate");
    for (int i = 0; i < 3000; ++i) {
        std::string text(example);
        for (int n = 0; n < 6; ++n) {
            const auto at = random.next() % text.size();
            switch (random.next() % 3) {
                case 0:
                    text[at] = static_cast<char>(random.next());
                    break;
                case 1:
                    text.erase(at, random.next() % 9);
                    break;
                default:
                    text.insert(at, text.substr(random.next() % text.size(), random.next() % 12));
            }
        }
        const auto s = parse(text, "m.plant");
        if (!s) CHECK(s.error().text.starts_with("m.plant"));
    }
}

SiteState at(double time_s, double grid_w) {
    SiteState s;
    s.time_s = time_s;
    s.grid_w = grid_w;
    return s;
}

// Runs feed-in values second by second through the checker, with the scenario's events in between.
std::vector<Verdict> judge(std::string_view text, std::vector<double> feed_in_w) {
    const auto s = parse(text);
    REQUIRE_MESSAGE(s.has_value(), (s ? std::string() : s.error().text));
    Checker checker(*s);
    for (std::size_t t = 0; t < feed_in_w.size(); ++t) {
        for (const auto& e : s->events)
            if (e.at_s == static_cast<double>(t)) checker.event(e, e.at_s);
        checker.observe(at(static_cast<double>(t), -feed_in_w[t]));
    }
    return checker.verdicts(true);
}

TEST_CASE("an expectation after each step leaves the time it grants and then is strict") {
    constexpr std::string_view text =
        "site pv 8kW\nat 2s pv 4kW\nat 8s pv 1kW\nexpect feed_in < 100W within 3s after each step";
    CHECK(judge(text, {0, 0, 900, 900, 900, 0, 0, 0, 900, 900, 900, 50}).at(0).passed);
    const auto late = judge(text, {0, 0, 900, 900, 900, 0, 0, 0, 900, 900, 900, 150}).at(0);
    CHECK_FALSE(late.passed);
    CHECK(late.reason == "feed_in is 150, not < 100 at 11.0 s, 3.0 s after \"pv 1kW\"");
    CHECK_FALSE(judge(text, {0, 0, 900, 900, 900, 0, 900, 0, 0, 0, 0, 0}).at(0).passed);  // came back
}

TEST_CASE("an expectation whose time never came proves nothing and fails") {
    const auto v =
        judge("site pv 8kW\nat 2s pv 4kW\nexpect feed_in < 100W within 30s after each step", {0, 0, 0, 0}).at(0);
    CHECK_FALSE(v.passed);
    CHECK(v.reason.find("its time never came") == 0);
}

TEST_CASE("faults: raised in time, cleared, never seen, nobody looking") {
    const auto s = parse(
        "site grid meter=a/b\nat 10s meter silent for 5s\n"
        "expect fault meter_silent raised within 3s of \"meter silent\" then cleared");
    REQUIRE(s.has_value());
    Checker good(*s), late(*s), none(*s), early(*s);
    for (auto* c : {&good, &late, &none}) c->event(s->events[0], 10);
    good.fault("meter_silent", true, 12);
    good.fault("meter_silent", false, 16);
    CHECK(good.verdicts(true)[0].passed);
    late.fault("meter_silent", true, 14);
    CHECK(late.verdicts(true)[0].reason == "was raised only 4.0 s after \"meter silent\"");
    CHECK(none.verdicts(true)[0].reason == "was never raised");
    CHECK_FALSE(none.verdicts(false)[0].observed);
    early.fault("meter_silent", true, 5);
    CHECK_FALSE(early.verdicts(true)[0].passed);
}

}  // namespace
}  // namespace busbar::plant
