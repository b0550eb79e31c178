#include "device/registry.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/virtual_loop.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

// A device whose behaviour a test turns while it is polled.
class ScriptedDevice final : public Device {
public:
    ScriptedDevice(Loop& loop, std::string id) : loop_(loop) {
        info_.id = std::move(id);
        info_.points = {{{model::Role::meter_power, 0}, PollClass::critical, 1, 3s}};
    }
    std::optional<Error> open_error;
    bool is_silent = false;
    Duration answer_time = 20ms;
    bool grown = false;
    std::vector<double> opened_at;
    Duration asked_at{};  // by the critical poll begun last
    std::array<int, 3> polls{};
    int in_flight = 0, most_in_flight = 0, overlaps_with_open = 0;
    std::string kept_off;  // why nothing is to be written to it

    void says(std::string serial, std::string model = "M1", std::string maker = "Acme") {
        serial_ = std::move(serial);
        info_.model = std::move(model);
        info_.maker = std::move(maker);
    }
    void keep_off(std::optional<Error> why) override { kept_off = why ? why->text : ""; }
    const DeviceInfo& info() const override { return info_; }
    Task<Status> open() override {
        opened_at.push_back(to_seconds(loop_.now().time_since_epoch()));
        overlaps_with_open += in_flight;
        grown = false;
        co_await loop_.sleep_for(answer_time);
        if (open_error) co_return *open_error;
        info_.serial = serial_;
        co_return ok();
    }
    Task<PollResult> poll(PollClass due) override {
        ++polls[static_cast<std::size_t>(due)];
        if (due == PollClass::critical) asked_at = loop_.now().time_since_epoch();
        most_in_flight = std::max(most_in_flight, ++in_flight);
        co_await loop_.sleep_for(answer_time);
        --in_flight;
        PollResult result;
        if (is_silent)
            result.failures.push_back(fail(Errc::timeout, "read holding 1..2: no answer"));
        else if (due == PollClass::critical)
            result.readings.push_back({0, {42, loop_.now(), model::Quality::good}});
        co_return result;
    }
    Task<Result<double>> apply(SetpointWrite setpoint) override { co_return setpoint.value; }
    Task<Status> release(model::RoleKey) override { co_return ok(); }
    Fallback fallback(model::RoleKey) const override { return {}; }
    bool wants_reopen() const override { return grown; }

private:
    Loop& loop_;
    DeviceInfo info_;
    std::string serial_;
};

struct Site {
    VirtualLoop loop;
    std::vector<std::string> log;  // "index event"
    int readings = 0;
    Registry registry{
        loop,
        {[this](std::size_t i) { log.push_back(fmt::format("{} opened", i)); },
         [this](std::size_t, const PollResult& r) { readings += static_cast<int>(r.readings.size()); },
         [this](std::size_t i, const Health& h) { log.push_back(fmt::format("{} {}", i, to_string(h.state))); }}};
    Site() { loop.run_for(1s); }
    ScriptedDevice& add(std::string id, PollTiming timing = {}) {
        auto device = std::make_unique<ScriptedDevice>(loop, std::move(id));
        ScriptedDevice& kept = *device;
        registry.add(std::move(device), timing);
        return kept;
    }
};

}  // namespace

TEST_CASE("classes are polled at their periods, side by side") {
    Site site;
    ScriptedDevice& meter = site.add("meter", {500ms, 10s, 10min});
    ScriptedDevice& other = site.add("other");
    site.registry.start();
    site.loop.run_for(60s);
    CHECK(meter.polls[0] >= 118);
    CHECK(meter.polls[0] <= 122);  // two of them when it opens
    CHECK(meter.polls[1] >= 6);
    CHECK(meter.polls[1] <= 7);
    CHECK(meter.polls[2] == 1);
    CHECK(other.polls[0] >= 58);
    CHECK(site.registry.health(0).state == DeviceState::online);
    CHECK(site.readings >= 170);
    site.loop.run_for(10min);
    CHECK(meter.polls[2] == 2);
}

TEST_CASE("what does not fit is asked less often, and as wanted again; critical points keep their period") {
    Site site;
    const PollTiming wanted{1s, 10s, 10min};
    ScriptedDevice& meter = site.add("meter", wanted);
    site.registry.start();
    site.loop.run_for(20s);
    const auto polls_in_a_minute = [&](double stretch) {
        site.registry.set_timing(0, stretched(wanted, stretch));
        site.loop.run_for(30s);  // the pause that runs ends as it was
        const auto before = meter.polls;
        site.loop.run_for(60s);
        CHECK(meter.polls[0] - before[0] >= 59);
        return meter.polls[1] - before[1];
    };
    CHECK(polls_in_a_minute(3) == 2);
    CHECK(polls_in_a_minute(1.5) == 4);
    CHECK(polls_in_a_minute(1) == 6);
}

TEST_CASE("critical polls begin on one beat, whenever the devices opened and however long they take") {
    Site site;
    ScriptedDevice& first = site.add("first");
    ScriptedDevice& second = site.add("second");
    ScriptedDevice& meter = site.add("meter", {.critical = 500ms, .phase = 100ms});
    second.answer_time = 700ms;
    site.registry.start();
    site.loop.run_for(10s + 900ms);
    CHECK(first.asked_at % 1s == 0s);
    CHECK(second.asked_at == first.asked_at);
    CHECK(meter.asked_at == first.asked_at + 600ms);
    const auto polls = second.polls[0];
    site.loop.run_for(60s);
    CHECK(second.polls[0] - polls == 60);
}

TEST_CASE("a slow device is asked again as soon as it answered, and missed polls are not made up for") {
    Site site;
    ScriptedDevice& slow = site.add("slow");
    slow.answer_time = 1500ms;
    site.registry.start();
    site.loop.run_for(60s);
    CHECK(slow.polls[0] >= 37);
    CHECK(slow.polls[0] <= 40);
    slow.answer_time = 10ms;
    const int before = slow.polls[0];
    site.loop.run_for(20s);
    CHECK(slow.polls[0] - before <= 22);
    CHECK(slow.most_in_flight == 2);  // critical beside telemetry, never more
}

TEST_CASE("a device that does not open is retried with growing pauses and delays nobody") {
    Site site;
    ScriptedDevice& dead = site.add("dead");
    ScriptedDevice& good = site.add("good");
    dead.open_error = fail(Errc::timeout, "no answer");
    site.registry.start();
    site.loop.run_for(300s);
    CHECK(dead.opened_at.size() >= 10);
    CHECK(dead.opened_at.size() <= 16);
    CHECK(dead.opened_at.back() - dead.opened_at[dead.opened_at.size() - 2] <= 31);
    CHECK(dead.polls[0] == 0);
    CHECK(good.polls[0] >= 298);
    CHECK(site.registry.health(0).state == DeviceState::offline);
    CHECK(site.registry.health(0).problem == "no answer");
    dead.open_error.reset();
    site.loop.run_for(31s);
    CHECK(site.registry.health(0).state == DeviceState::online);
    CHECK(site.registry.health(0).problem.empty());
}

TEST_CASE("three silent polls make a device offline, and it is opened again when it returns") {
    Site site;
    ScriptedDevice& meter = site.add("meter");
    site.registry.start();
    site.loop.run_for(10s);
    site.log.clear();
    meter.is_silent = true;
    meter.open_error = fail(Errc::timeout, "no answer");
    site.loop.run_for(5s);
    CHECK(site.registry.health(0).state == DeviceState::offline);
    CHECK(site.registry.health(0).problem == "no answer");
    meter.is_silent = false;
    meter.open_error.reset();
    site.loop.run_for(40s);
    CHECK(site.registry.health(0).state == DeviceState::online);
    CHECK(meter.overlaps_with_open == 0);
    CHECK(std::count(site.log.begin(), site.log.end(), "0 opened") == 1);
    const int telemetry = meter.polls[1];
    CHECK(telemetry >= 3);  // shown at once after the return
}

TEST_CASE("a stranger at the address is quarantined and asked again after pauses that grow to a minute") {
    Site site;
    ScriptedDevice& stranger = site.add("stranger");
    stranger.open_error = fail(Errc::unsupported, "model reads 'X', expected SUN2000...");
    site.registry.start();
    site.loop.run_for(15s);
    CHECK(stranger.opened_at.size() == 4);
    site.loop.run_for(300s);
    CHECK(site.registry.health(0).state == DeviceState::quarantined);
    CHECK_FALSE(site.registry.health(0).is_double);
    CHECK(stranger.opened_at.size() <= 12);
    const std::size_t before = stranger.opened_at.size();
    site.loop.run_for(600s);
    CHECK(stranger.opened_at.size() - before == 10);
}

TEST_CASE("a device without a profile stands quarantined beside the others") {
    Site site;
    DeviceInfo known;
    known.id = "battery";
    known.profile = "test/typo";
    site.registry.add_quarantined(known, "no profile 'test/typo' in profiles");
    ScriptedDevice& good = site.add("good");
    site.registry.start();
    site.loop.run_for(10s);
    CHECK(site.registry.device(0) == nullptr);
    CHECK(site.registry.info(0).id == "battery");
    CHECK(site.registry.health(0).state == DeviceState::quarantined);
    CHECK(site.log.front() == "0 quarantined");
    CHECK(good.polls[0] >= 9);
}

TEST_CASE("a device that has grown is opened again without a gap in its state") {
    Site site;
    ScriptedDevice& inverter = site.add("inverter");
    site.registry.start();
    site.loop.run_for(5s);
    inverter.grown = true;
    site.loop.run_for(5s);
    CHECK(inverter.opened_at.size() == 2);
    CHECK(inverter.overlaps_with_open == 0);
    CHECK(site.log == std::vector<std::string>{"0 opened", "0 online", "0 opened"});
}

TEST_CASE("after stop no request begins") {
    Site site;
    ScriptedDevice& meter = site.add("meter");
    site.registry.start();
    site.loop.run_for(5s);
    site.registry.stop();
    site.loop.run_for(1s);
    const int polls = meter.polls[0] + meter.polls[1];
    site.loop.run_for(60s);
    CHECK(meter.polls[0] + meter.polls[1] == polls);
}

TEST_CASE("a device added to the running registry is polled, one taken away is silent at once") {
    Site site;
    site.add("first");
    ScriptedDevice& second = site.add("second");
    site.registry.start();
    site.loop.run_for(10s);
    auto late = std::make_shared<ScriptedDevice>(site.loop, "late");
    CHECK(site.registry.add(late) == 2);
    site.loop.run_for(10s);
    CHECK(site.registry.health(2).state == DeviceState::online);
    CHECK(late->polls[0] >= 8);

    second.answer_time = 5s;  // a poll in flight when it goes
    site.loop.run_for(2s);
    site.log.clear();
    const auto kept = std::weak_ptr<Device>(site.registry.device(1));
    site.registry.remove(1);
    CHECK_FALSE(site.registry.is_used(1));
    CHECK_FALSE(kept.expired());  // until its request has ended
    const int readings = site.readings;
    const auto polls = late->polls;
    site.loop.run_for(20s);
    CHECK(kept.expired());
    CHECK(site.log.empty());
    CHECK(late->polls[0] - polls[0] >= 19);
    CHECK(site.readings - readings <= 2 * 21);  // of the two others alone

    CHECK(site.registry.add(std::make_shared<ScriptedDevice>(site.loop, "third")) == 1);
    site.loop.run_for(2s);
    CHECK(site.log == std::vector<std::string>{"1 opened", "1 online"});
}

TEST_CASE("a device that waits for its next attempt goes at once, and an unusable one is told when it comes") {
    Site site;
    ScriptedDevice& dead = site.add("dead");
    dead.open_error = fail(Errc::timeout, "no answer");
    site.registry.start();
    site.loop.run_for(100s);  // its pauses are half a minute by now
    const auto kept = std::weak_ptr<Device>(site.registry.device(0));
    site.registry.remove(0);
    site.loop.run_for(100ms);
    CHECK(kept.expired());
    site.log.clear();
    DeviceInfo known;
    known.id = "broken";
    CHECK(site.registry.add_quarantined(known, "its profile is not there") == 0);
    CHECK(site.log == std::vector<std::string>{"0 quarantined"});
    site.registry.remove(0);
    site.registry.stop();
    site.loop.run_for(2s);
}

TEST_CASE("a device that is there already is quarantined, and comes when the first one is taken away") {
    Site site;
    ScriptedDevice& roof = site.add("roof");
    ScriptedDevice& again = site.add("again");
    roof.says("SN4711");
    again.says("SN4711");
    site.registry.start();
    site.loop.run_for(5min);
    CHECK(site.registry.health(0).state == DeviceState::online);
    CHECK(site.registry.health(1).state == DeviceState::quarantined);
    const std::string problem = site.registry.health(1).problem;
    CHECK_MESSAGE(problem.find("device 'roof' once more") != std::string::npos, problem);
    CHECK_MESSAGE(problem.find("SN4711") != std::string::npos, problem);
    CHECK_MESSAGE(problem.find("delete one of the two") != std::string::npos, problem);
    CHECK(again.kept_off == problem);
    CHECK(site.registry.health(1).is_double);
    CHECK_FALSE(site.registry.health(0).is_double);
    CHECK(again.polls == std::array<int, 3>{});
    CHECK(std::count(site.log.begin(), site.log.end(), "1 opened") == 0);
    site.registry.remove(0);
    site.loop.run_for(1s);
    CHECK(site.registry.health(1).state == DeviceState::online);
    CHECK(again.kept_off.empty());
}

TEST_CASE("the first of two stays the one, also while it does not answer; a stranger in its place is not") {
    Site site;
    ScriptedDevice& roof = site.add("roof");
    site.registry.start();
    roof.says("SN4711");
    site.loop.run_for(10s);
    roof.is_silent = true;
    roof.open_error = fail(Errc::timeout, "no answer");
    site.loop.run_for(10s);
    ScriptedDevice& again = site.add("again");
    again.says("SN4711");
    site.loop.run_for(10s);
    CHECK(site.registry.health(0).state == DeviceState::offline);
    CHECK(site.registry.health(1).state == DeviceState::quarantined);

    SUBCASE("it returns") {
        roof.is_silent = false;
        roof.open_error.reset();
        site.loop.run_for(2min);
        CHECK(site.registry.health(0).state == DeviceState::online);
        CHECK(site.registry.health(1).state == DeviceState::quarantined);
        // Opened again because it grew, it is still itself.
        roof.grown = true;
        site.loop.run_for(10s);
        CHECK(site.registry.health(0).state == DeviceState::online);
    }
    SUBCASE("somebody else answers there") {
        roof.open_error = fail(Errc::unsupported, "expected SN SN4711, found SN0815");
        site.loop.run_for(40s);
        CHECK(site.registry.health(0).state == DeviceState::quarantined);
        CHECK(site.registry.health(1).state == DeviceState::online);
    }
    SUBCASE("it was exchanged") {
        roof.says("SN0815");
        roof.is_silent = false;
        roof.open_error.reset();
        site.loop.run_for(40s);
        CHECK(site.registry.health(0).state == DeviceState::online);
        CHECK(site.registry.health(1).state == DeviceState::online);
    }
}

TEST_CASE("devices of one number are two unless maker, model and a number of its own are the same") {
    Site site;
    ScriptedDevice& roof = site.add("roof");
    ScriptedDevice& other = site.add("other");
    roof.says("SN4711");
    bool are_one = false;
    SUBCASE("another model") { other.says("SN4711", "M2"); }
    SUBCASE("another maker") { other.says("SN4711", "M1", "Other"); }
    SUBCASE("another number") { other.says("SN4712"); }
    SUBCASE("none tells a number") {
        roof.says("");
        other.says("");
    }
    SUBCASE("nobody ever set the number") {
        roof.says("0000000000");
        other.says("0000000000");
    }
    SUBCASE("the same") {
        other.says("SN4711");
        are_one = true;
    }
    site.registry.start();
    site.loop.run_for(10s);
    CHECK(site.registry.health(0).state == DeviceState::online);
    CHECK(site.registry.health(1).state == (are_one ? DeviceState::quarantined : DeviceState::online));
}
