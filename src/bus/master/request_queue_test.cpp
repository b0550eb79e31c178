#include "bus/master/request_queue.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {
constexpr Instant now(100s);
const auto any = [](const Transaction&) { return true; };
struct Asked : Transaction {
    Asked(Urgency u, std::uint8_t address) {
        urgency = u;
        unit = address;
    }
};
}  // namespace

TEST_CASE("the most urgent comes out first, and the first of those that came") {
    RequestQueue queue(16);
    Asked a(Urgency::scan, 1), b(Urgency::telemetry, 2), c(Urgency::telemetry, 3), d(Urgency::setpoint, 4),
        e(Urgency::critical, 5);
    for (Transaction* t : {&a, &b, &c, &d, &e}) REQUIRE(queue.push(*t, now));
    std::vector<int> order;
    while (Transaction* t = queue.take(now, any)) order.push_back(t->unit);
    CHECK(order == std::vector<int>{4, 5, 2, 3, 1});
    CHECK(queue.empty());
}

TEST_CASE("what may not go yet is passed over and keeps its place") {
    RequestQueue queue(16);
    Asked a(Urgency::telemetry, 1), b(Urgency::telemetry, 2), c(Urgency::telemetry, 1);
    for (Transaction* t : {&a, &b, &c}) REQUIRE(queue.push(*t, now));
    const auto not_unit_1 = [](const Transaction& t) { return t.unit != 1; };
    CHECK(queue.take(now, not_unit_1) == &b);
    CHECK(queue.take(now, not_unit_1) == nullptr);
    CHECK(queue.size() == 2);
    CHECK(queue.take(now, [&](const Transaction& t) { return &t == &c; }) == &c);
    REQUIRE(queue.push(b, now));
    CHECK(queue.take(now, any) == &a);
    CHECK(queue.take(now, any) == &b);
}

TEST_CASE("the last quarter is the setpoints'") {
    RequestQueue queue(8);
    std::array<Transaction, 8> reads, writes;
    for (auto& t : writes) t.urgency = Urgency::setpoint;
    int taken = 0;
    for (auto& t : reads) taken += queue.push(t, now) ? 1 : 0;
    CHECK(taken == 6);
    taken = 0;
    for (auto& t : writes) taken += queue.push(t, now) ? 1 : 0;
    CHECK(taken == 2);
}

TEST_CASE("nobody waits for ever behind the more urgent") {
    // Critical requests without end, one each 100 ms; one of each other urgency waits, and again when it was taken.
    RequestQueue queue(16);
    Asked critical(Urgency::critical, 1), telemetry(Urgency::telemetry, 2), background(Urgency::background, 3),
        scan(Urgency::scan, 4);
    for (Transaction* t : {&critical, &telemetry, &background, &scan}) REQUIRE(queue.push(*t, now));
    std::array<int, 5> taken{};
    Instant last_lower = now;
    for (Instant at = now; at < now + 60s; at += 100ms) {
        Transaction* t = queue.take(at, any);
        REQUIRE(t != nullptr);
        ++taken[t->unit];
        if (t == &telemetry || t == &background) {
            CHECK(at - last_lower >= lower_turn);
            last_lower = at;
        }
        REQUIRE(queue.push(*t, at));
    }
    CHECK(taken[2] == 14);
    CHECK(taken[3] == 15);
    CHECK(taken[4] == 5);
    Asked setpoint(Urgency::setpoint, 5);
    REQUIRE(queue.push(setpoint, now + 60s));
    CHECK(queue.take(now + 120s, any) == &setpoint);
    CHECK(queue.take(now + 120s, any) == &scan);
}

TEST_CASE("in a unit that wants pauses, each third request may be a less urgent one, people's first") {
    RequestQueue queue(16);
    Asked critical(Urgency::critical, 1), own(Urgency::telemetry, 1), hand(Urgency::by_hand, 1),
        other(Urgency::telemetry, 2);
    for (Asked* t : {&critical, &own, &hand}) t->timing.pause = 850ms;
    for (Transaction* t : {&critical, &own, &other}) REQUIRE(queue.push(*t, now));
    REQUIRE(queue.push(hand, now + 1ms));
    std::string order;
    Instant at = now;
    for (int i = 0; i < 24; ++i) {
        at += 900ms;
        Transaction* t = queue.take(at, any);
        REQUIRE(t != nullptr);
        order += t == &critical ? 'c' : t == &own ? 't' : t == &hand ? 'h' : 'o';
        REQUIRE(queue.push(*t, at));
    }
    // The other unit's has the turns of the line, whenever none of the less urgent went for two seconds.
    CHECK(order == "ccohccohccohccotccohccoh");
}

TEST_CASE("where pauses are short, the turns of the line do") {
    RequestQueue queue(16);
    Asked critical(Urgency::critical, 1), own(Urgency::telemetry, 1);
    for (Asked* t : {&critical, &own}) t->timing.pause = long_pause;
    for (Transaction* t : {&critical, &own}) REQUIRE(queue.push(*t, now));
    CHECK(queue.take(now + 1900ms, any) == &critical);
    REQUIRE(queue.push(critical, now + 1900ms));
    CHECK(queue.take(now + lower_turn, any) == &own);
}

TEST_CASE("on one line there is one turn past critical requests of the own unit in a second") {
    RequestQueue queue(64);
    std::deque<Asked> critical, hand;
    for (std::uint8_t unit = 1; unit <= 10; ++unit) {
        critical.emplace_back(Urgency::critical, unit).timing.pause = 200ms;
        hand.emplace_back(Urgency::by_hand, unit).timing.pause = 200ms;
        REQUIRE(queue.push(critical.back(), now));
        REQUIRE(queue.push(hand.back(), now));
    }
    int by_hand = 0;
    for (Instant at = now; at < now + 60s; at += 20ms) {
        Transaction* t = queue.take(at, any);
        REQUIRE(t != nullptr);
        by_hand += t->urgency == Urgency::by_hand;
        REQUIRE(queue.push(*t, at));
    }
    CHECK(by_hand > 50);
    CHECK(by_hand <= 60);
}

TEST_CASE("what a person waits for goes before telemetry, but never twice in a row") {
    RequestQueue queue(16);
    Asked telemetry(Urgency::telemetry, 1), hand(Urgency::by_hand, 2), critical(Urgency::critical, 3);
    for (Transaction* t : {&telemetry, &hand, &critical}) REQUIRE(queue.push(*t, now));
    std::string order;
    for (Instant at = now; at < now + 10s; at += 1s) {
        Transaction* t = queue.take(at, any);
        order += t == &critical ? 'c' : t == &hand ? 'h' : 't';
        if (t != &critical) REQUIRE(queue.push(*t, at));
    }
    CHECK(order == "chthththth");
}

TEST_CASE("what opens does not wait behind all telemetry") {
    RequestQueue queue(16);
    Asked telemetry(Urgency::telemetry, 1), background(Urgency::background, 2);
    for (Transaction* t : {&telemetry, &background}) REQUIRE(queue.push(*t, now));
    int opened = 0;
    for (Instant at = now; at < now + 10s; at += 100ms) {
        Transaction* t = queue.take(at, any);
        opened += t == &background;
        REQUIRE(queue.push(*t, at));
    }
    CHECK(opened == 19);
    queue.remove([&](const Transaction& t) { return &t == &telemetry; });
    CHECK(queue.take(now + 10s, any) == &background);
    CHECK(queue.take(now + 10s, any) == nullptr);
}
