#include "control/dispatcher.hpp"

#include <doctest/doctest.h>

#include <map>

#include "base/virtual_loop.hpp"

using namespace busbar;
using namespace busbar::control;
using namespace std::chrono_literals;
using model::FaultKind;
using model::Role;
using model::RoleKey;

namespace {

constexpr RoleKey cap{Role::ac_power_limit_set, 0}, battery{Role::battery_power_set, 0};

// One exchange at a time, first come first served.
struct Wire {
    Instant free_at{};
};

class WiredDevice final : public device::Device {
public:
    WiredDevice(Loop& loop, Wire& wire, const char* id, std::vector<RoleKey> roles) : loop_(loop), wire_(wire) {
        info_.id = id;
        for (const RoleKey role : roles) info_.setpoints.push_back({role, -5000, 8000, 1});
    }
    const device::DeviceInfo& info() const override { return info_; }
    Task<Status> open() override { co_return ok(); }
    Task<device::PollResult> poll(device::PollClass) override { co_return device::PollResult{}; }
    Task<Result<double>> apply(device::SetpointWrite write) override {
        const Status answered = co_await exchange();
        if (!answered) co_return answered.error();
        if (is_kept_off) co_return busbar::fail(Errc::denied, "expected SN A, and it tells none");
        ++writes;
        if (is_refusing) co_return busbar::fail(Errc::refused, "exception 4: device failure");
        held[write.role] = write.value;
        if (other_master) {
            held[write.role] = *other_master;
            co_return busbar::fail(Errc::refused, "device holds something else");
        }
        co_return write.value;
    }
    std::optional<double> shown(RoleKey) const override { return other_master; }
    Task<Status> release(RoleKey role) override {
        ++releases;
        const Status answered = co_await exchange();
        if (!answered) co_return answered.error();
        if (is_refusing) co_return busbar::fail(Errc::refused, "exception 4: device failure");
        held.erase(role);
        co_return ok();
    }
    device::Fallback fallback(RoleKey) const override { return {true, 60s, "its own logic"}; }

    Duration timeout{};  // 0: it answers
    int lost_answers = 0;
    bool is_refusing = false, is_kept_off = false;
    std::optional<double> other_master;  // writes this over each setpoint
    int releases = 0, writes = 0;
    std::map<RoleKey, double> held;

private:
    Task<Status> exchange() {
        wire_.free_at = std::max(wire_.free_at, loop_.now()) + (timeout > 0s ? timeout : 30ms);
        co_await loop_.sleep_until(wire_.free_at);
        if (timeout > 0s) co_return busbar::fail(Errc::timeout, info_.id + ": no answer");
        if (lost_answers > 0 && lost_answers-- > 0) co_return busbar::fail(Errc::malformed, "checksum");
        co_return ok();
    }

    Loop& loop_;
    Wire& wire_;
    device::DeviceInfo info_;
};

// A hybrid with two setpoints, first in the list, and two with one.
struct Devices {
    explicit Devices(bool share_wire)
        : hybrid(loop, wires[0], "hybrid", {cap, battery}),
          roof(loop, wires[share_wire ? 0 : 1], "roof", {cap}),
          store(loop, wires[share_wire ? 0 : 2], "store", {battery}) {
        std::uint16_t index = 0;
        for (WiredDevice* device : {&hybrid, &roof, &store})
            dispatcher.add_device(index++, {std::shared_ptr<void>(), device});
        dispatcher.refresh_devices();
    }
    // Wishes the same for all of them, once a second.
    void wish(Duration time) {
        for (const Instant end = loop.now() + time; loop.now() < end; loop.run_for(1s)) {
            std::vector<model::Setpoint> all;
            for (const Actuator& actuator : dispatcher.actuators())
                all.push_back({actuator.target, 1000, loop.now() + lease_time, {}});
            dispatcher.dispatch(all);
        }
    }
    // How long it took.
    Duration shut_down(Duration most) {
        const Instant start = loop.now();
        std::optional<Instant> end;
        auto stopping = [](Devices& d, Duration time, std::optional<Instant>& done) -> Task<void> {
            co_await d.dispatcher.shut_down(d.loop.now() + time);
            done = d.loop.now();
        };
        loop.spawn("stop", stopping(*this, most, end));
        loop.run_for(most + 20s);
        REQUIRE(end);
        return *end - start;
    }

    VirtualLoop loop;
    DecisionLog log;
    FaultBook faults{loop};
    Wire wires[3];
    WiredDevice hybrid, roof, store;
    Dispatcher dispatcher{loop, log, faults};
};

}  // namespace

TEST_CASE("shutting down: a device that hangs keeps no other from being released") {
    Devices site(false);
    site.wish(5s);
    REQUIRE(site.hybrid.held.size() == 2);
    REQUIRE(site.roof.held.size() == 1);
    site.hybrid.timeout = 5s;
    site.wish(6s);  // a refresh is on its way and hangs
    CHECK(site.shut_down(5s) <= 5100ms);
    CHECK(site.roof.held.empty());
    CHECK(site.store.held.empty());
    CHECK(site.hybrid.held.size() == 2);
}

TEST_CASE("shutting down: a dead device does not use up the time of a bus it shares") {
    Devices site(true);
    site.wish(5s);
    site.hybrid.timeout = 1500ms;
    site.wish(12s);
    CHECK(site.shut_down(5s) <= 5100ms);
    CHECK(site.roof.held.empty());
    CHECK(site.store.held.empty());
    CHECK(site.hybrid.releases == 1);
}

TEST_CASE("shutting down: a release whose answer got lost is tried again, and with all well it takes no time") {
    Devices site(false);
    site.wish(5s);
    site.roof.lost_answers = 1;
    CHECK(site.shut_down(5s) < 500ms);
    CHECK(site.hybrid.held.empty());
    CHECK(site.roof.held.empty());
    CHECK(site.store.held.empty());
}

TEST_CASE("a device that refuses to let go is an alarm, asked once a minute until it does") {
    Devices site(false);
    site.wish(5s);
    site.roof.is_refusing = true;
    const auto unwanted = [&](Duration time) {
        for (const Instant end = site.loop.now() + time; site.loop.now() < end; site.loop.run_for(1s))
            site.dispatcher.dispatch({});
    };
    unwanted(150s);
    CHECK(site.faults.is_active(FaultKind::write_refused, "roof"));
    REQUIRE(site.faults.faults().size() == 1);
    CHECK(site.faults.faults()[0].text == "ac.power.limit.set: not released: exception 4: device failure");
    CHECK(site.roof.releases == 3);
    site.roof.is_refusing = false;
    unwanted(70s);
    CHECK_FALSE(site.faults.is_active(FaultKind::write_refused, "roof"));
    CHECK(site.roof.held.empty());
    CHECK(site.roof.releases == 4);
}

TEST_CASE("a device that says no is asked again long before its lease ends, and obeys as soon as it can") {
    Devices site(false);
    site.wish(5s);
    site.roof.is_refusing = true;
    const int before = site.roof.writes;
    while (site.roof.writes == before) site.wish(1s);
    const Instant refused = site.loop.now();
    site.roof.is_refusing = false;
    while (site.roof.writes == before + 1) site.wish(1s);
    CHECK(site.loop.now() - refused <= lease_time / 3);
    CHECK_FALSE(site.faults.is_active(FaultKind::write_refused, "roof"));
    const Decision& last = site.log.decisions().back();
    CHECK(last.state == Decision::State::in_force);
}

TEST_CASE("a device that goes on saying no is given up, with alarm, before its last setpoint runs out; tries are few") {
    Devices site(false);
    site.roof.is_refusing = true;
    site.wish(lease_time - refresh_time);
    CHECK(site.faults.is_active(FaultKind::write_refused, "roof"));
    const auto of_roof = [](const Actuator& a) { return a.target.device == 1; };
    const auto actuators = site.dispatcher.actuators();
    CHECK(std::find_if(actuators.begin(), actuators.end(), of_roof)->is_refusing);
    const auto decision = std::find_if(site.log.decisions().begin(), site.log.decisions().end(),
                                       [](const Decision& d) { return d.device == "roof"; });
    REQUIRE(decision != site.log.decisions().end());
    CHECK(decision->state == Decision::State::refused);
    REQUIRE_FALSE(decision->chain.empty());
    CHECK(decision->chain.back().text ==
          "refused: exception 4: device failure; control goes on without it, asked again in 20 s");
    const int before = site.roof.writes;
    CHECK(before == 3);
    site.wish(60s);
    CHECK(site.roof.writes - before <= 3);
    site.roof.is_refusing = false;
    site.wish(21s);
    CHECK(site.roof.held.size() == 1);
    CHECK_FALSE(site.faults.is_active(FaultKind::write_refused, "roof"));
}

TEST_CASE("where another master overwrites a cap, what the device shows is reckoned with at once and told") {
    Devices site(false);
    site.wish(5s);
    site.roof.other_master = 7700;
    site.wish(refresh_time + 1s);
    const auto of_roof = [](const Actuator& a) { return a.target.device == 1; };
    const auto actuators = site.dispatcher.actuators();
    const auto roof = std::find_if(actuators.begin(), actuators.end(), of_roof);
    REQUIRE(roof != actuators.end());
    REQUIRE(roof->held);
    CHECK(roof->held->value == 7700);
    const auto decision = std::find_if(site.log.decisions().begin(), site.log.decisions().end(), [](const Decision& d) {
        return d.device == "roof" && d.state == Decision::State::refused;
    });
    REQUIRE(decision != site.log.decisions().end());
    CHECK(decision->read_back == 7700);
}

TEST_CASE("a device to which nothing may be written has no other master") {
    Devices site(false);
    site.wish(5s);
    site.roof.is_kept_off = true;
    site.wish(120s);
    REQUIRE(site.faults.is_active(FaultKind::wrong_device, "roof"));
    CHECK(site.faults.faults().back().text.find("expected SN A, and it tells none") != std::string::npos);
    CHECK_FALSE(site.faults.is_active(FaultKind::write_refused, "roof"));
    CHECK_FALSE(site.faults.is_active(FaultKind::two_masters, "roof"));
    site.roof.is_kept_off = false;
    site.wish(60s);
    CHECK_FALSE(site.faults.is_active(FaultKind::wrong_device, "roof"));
}

TEST_CASE("a stranger to whom nothing is written is one alarm, not one for each of its setpoints") {
    Devices site(false);
    site.wish(5s);
    site.faults.raise(FaultKind::wrong_device, "roof", "model reads 'X1', expected B...");
    site.roof.is_kept_off = true;
    site.wish(120s);
    CHECK(site.faults.faults().size() == 1);
}
