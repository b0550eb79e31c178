#include "field/clock_upkeep.hpp"

#include <doctest/doctest.h>

#include "base/virtual_loop.hpp"

using namespace busbar;
using namespace busbar::gateway;
using namespace std::chrono_literals;
using model::FaultKind;

namespace {

// Answers what the test says, and remembers when it was asked.
class Clockwork final : public device::Device {
public:
    explicit Clockwork(Loop& loop) : loop_(loop) {}
    Result<device::ClockReport> answer = right();
    Duration answer_time = 20ms;
    std::vector<Instant> asked;
    std::vector<bool> trusted;
    std::chrono::seconds offset{};
    int* in_flight = nullptr;
    int* most_in_flight = nullptr;

    static device::ClockReport right() { return {.has_clock = true, .is_right = true, .text = "off by +1 s"}; }

    const device::DeviceInfo& info() const override { return info_; }
    Task<Status> open() override { co_return ok(); }
    Task<device::PollResult> poll(device::PollClass) override { co_return device::PollResult{}; }
    Task<Result<double>> apply(device::SetpointWrite setpoint) override { co_return setpoint.value; }
    Task<Status> release(model::RoleKey) override { co_return ok(); }
    device::Fallback fallback(model::RoleKey) const override { return {}; }
    Task<Result<device::ClockReport>> keep_clock(device::SiteTime time) override {
        asked.push_back(loop_.now());
        trusted.push_back(time.is_trusted);
        offset = time.utc_offset(loop_.wall());
        if (in_flight != nullptr) *most_in_flight = std::max(*most_in_flight, ++*in_flight);
        co_await loop_.sleep_for(answer_time);
        if (in_flight != nullptr) --*in_flight;
        co_return answer;
    }

private:
    Loop& loop_;
    device::DeviceInfo info_;
};

struct Bench {
    VirtualLoop loop{WallTime(1780308000s)};  // 2026-06-01 10:00 UTC
    control::FaultBook faults{loop};
    std::map<model::DeviceId, std::shared_ptr<Clockwork>> online;
    std::map<model::DeviceId, std::string> lines;
    bool is_synchronised = true, has_ended = false;
    ClockUpkeep upkeep{loop, *LocalTime::of("Europe/Berlin"), faults,
                       ClockUpkeep::Hooks{[this](const model::DeviceId& id) -> std::shared_ptr<device::Device> {
                                              const auto found = online.find(id);
                                              return found == online.end() ? nullptr : found->second;
                                          },
                                          [this](const model::DeviceId& id) { return lines[id]; },
                                          [this] { return is_synchronised; }}};

    Bench() { loop.spawn("clocks", run()); }
    Task<void> run() {
        co_await upkeep.run();
        has_ended = true;
    }
    std::shared_ptr<Clockwork> open(const model::DeviceId& id) {
        online[id] = std::make_shared<Clockwork>(loop);
        upkeep.opened(id);
        return online[id];
    }
};

}  // namespace

TEST_CASE("the clock of a device is compared a minute after it opened, then each hour") {
    Bench b;
    b.loop.run_for(30min);
    const Instant opened = b.loop.now();
    const auto meter = b.open("meter");
    b.loop.run_for(3h + 2min);
    REQUIRE(meter->asked.size() == 4);
    CHECK(meter->asked[0] == opened + 1min);
    CHECK(meter->asked[1] == opened + 1h + 1min);
    CHECK(meter->asked[3] == opened + 3h + 1min);
    CHECK(meter->offset == 2h);
    CHECK(meter->trusted.back());
    b.is_synchronised = false;
    b.loop.run_for(1h);
    CHECK_FALSE(meter->trusted.back());
    // It was without power.
    b.upkeep.opened("meter");
    b.loop.run_for(61s);
    CHECK(meter->asked.size() == 6);
}

TEST_CASE("clocks of a line are compared one device after the other, and only of devices that answer") {
    Bench b;
    int in_flight = 0, most = 0;
    std::vector<std::shared_ptr<Clockwork>> devices;
    for (const char* id : {"a", "b", "c"}) {
        devices.push_back(b.open(id));
        devices.back()->answer_time = 5s;
        devices.back()->in_flight = &in_flight;
        devices.back()->most_in_flight = &most;
    }
    b.online.erase("b");
    b.upkeep.removed("c");
    const auto d = b.open("d");
    b.loop.run_for(30min);
    CHECK(devices[0]->asked.size() == 1);
    CHECK(devices[1]->asked.empty());
    CHECK(devices[2]->asked.empty());
    REQUIRE(d->asked.size() == 1);
    CHECK(d->asked[0] >= devices[0]->asked[0] + 5s);
    CHECK(most == 1);
}

TEST_CASE("a line that is slow delays the clocks of no other line") {
    Bench b;
    b.lines = {{"slow", "halls"}, {"next", "halls"}, {"quick", "roofs"}};
    const auto slow = b.open("slow"), next = b.open("next"), quick = b.open("quick");
    const auto late = b.loop.now() + 1min;
    next->answer_time = slow->answer_time = 50min;
    b.loop.run_for(4h);
    REQUIRE(quick->asked.size() == 4);
    CHECK(quick->asked[0] == late);
    CHECK(quick->asked[3] == late + 3h);
    // Both of the slow line come up, each in its turn.
    CHECK(slow->asked.size() + next->asked.size() == 5);
    CHECK(slow->asked.size() >= 2);
    CHECK(next->asked.size() >= 2);
    b.upkeep.stop();
    b.loop.run_for(1h);
    CHECK(b.has_ended);
}

TEST_CASE("a wrong clock that we may not set is a fault that says who can") {
    Bench b;
    const auto inverter = b.open("inverter");
    inverter->answer =
        device::ClockReport{.has_clock = true, .needs_person = true, .text = "ahead by 1 h 00 min; set it"};
    b.loop.run_for(2min);
    REQUIRE(b.faults.is_active(FaultKind::clock_wrong, "inverter"));
    CHECK(b.faults.faults().front().text == "clock: ahead by 1 h 00 min; set it");
    inverter->answer = Clockwork::right();
    b.loop.run_for(1h);
    CHECK_FALSE(b.faults.is_active(FaultKind::clock_wrong, "inverter"));
}

TEST_CASE("a clock that will not be set is a fault until it is right") {
    Bench b;
    const auto meter = b.open("meter");
    meter->answer = fail(Errc::refused, "clock: set to 12:00:00, the device shows 11:00:00");
    b.loop.run_for(2min);
    REQUIRE(b.faults.is_active(FaultKind::clock_wrong, "meter"));
    CHECK(b.faults.faults().front().text.find("the device shows 11:00:00") != std::string::npos);
    // Neither silence nor a clock that waits to be set says that it is right now.
    meter->answer = fail(Errc::timeout, "clock: no answer");
    b.loop.run_for(1h);
    CHECK(b.faults.is_active(FaultKind::clock_wrong, "meter"));
    meter->answer = device::ClockReport{.has_clock = true, .text = "waits: near midnight"};
    b.loop.run_for(1h);
    CHECK(b.faults.is_active(FaultKind::clock_wrong, "meter"));
    meter->answer = Clockwork::right();
    b.loop.run_for(1h);
    CHECK_FALSE(b.faults.is_active(FaultKind::clock_wrong, "meter"));
    // No answer is no fault of the clock.
    meter->answer = fail(Errc::timeout, "clock: no answer");
    b.loop.run_for(1h);
    CHECK(meter->asked.size() == 5);
    CHECK_FALSE(b.faults.is_active(FaultKind::clock_wrong, "meter"));
}

TEST_CASE("a device that is taken out while its clock is compared leaves no fault behind") {
    Bench b;
    const auto meter = b.open("meter");
    meter->answer = fail(Errc::refused, "clock: no");
    meter->answer_time = 10s;
    b.loop.run_for(65s);
    REQUIRE(meter->asked.size() == 1);
    b.online.erase("meter");
    b.upkeep.removed("meter");
    b.loop.run_for(2h);
    CHECK(b.faults.faults().empty());
    CHECK(meter->asked.size() == 1);
}

TEST_CASE("clock upkeep ends when it is stopped, and asks nobody any more") {
    Bench b;
    const auto meter = b.open("meter");
    b.loop.run_for(10s);
    b.upkeep.stop();
    b.loop.run_for(1s);
    CHECK(b.has_ended);
    b.loop.run_for(2h);
    CHECK(meter->asked.empty());
}
