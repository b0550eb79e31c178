#include "bus/master/request_queue.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("a turn goes past a critical request of its own unit only after long") {
    RequestQueue queue(16);
    Asked critical(Urgency::critical, 1), own(Urgency::telemetry, 1), other(Urgency::telemetry, 2);
    for (Transaction* t : {&critical, &own, &other}) REQUIRE(queue.push(*t, now));
    CHECK(queue.take(now + 3s, any) == &other);
    CHECK(queue.take(now + 6s, any) == &critical);
    REQUIRE(queue.push(critical, now + 6s));
    CHECK(queue.take(now + 8s, any) == &own);
    REQUIRE(queue.push(own, now + 8s));
    CHECK(queue.take(now + 15s, any) == &critical);
    CHECK(queue.take(now + 15s, any) == &own);
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
