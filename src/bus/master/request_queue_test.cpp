#include "bus/master/request_queue.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace busbar::bus;

namespace {
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
    for (Transaction* t : {&a, &b, &c, &d, &e}) REQUIRE(queue.push(*t));
    std::vector<int> order;
    while (Transaction* t = queue.take(any)) order.push_back(t->unit);
    CHECK(order == std::vector<int>{4, 5, 2, 3, 1});
    CHECK(queue.empty());
}

TEST_CASE("what may not go yet is passed over and keeps its place") {
    RequestQueue queue(16);
    Asked a(Urgency::telemetry, 1), b(Urgency::telemetry, 2), c(Urgency::telemetry, 1);
    for (Transaction* t : {&a, &b, &c}) REQUIRE(queue.push(*t));
    const auto not_unit_1 = [](const Transaction& t) { return t.unit != 1; };
    CHECK(queue.take(not_unit_1) == &b);
    CHECK(queue.take(not_unit_1) == nullptr);
    CHECK(queue.size() == 2);
    CHECK(queue.take([&](const Transaction& t) { return &t == &c; }) == &c);
    REQUIRE(queue.push(b));
    CHECK(queue.take(any) == &a);
    CHECK(queue.take(any) == &b);
}

TEST_CASE("the last quarter is the setpoints'") {
    RequestQueue queue(8);
    std::array<Transaction, 8> reads, writes;
    for (auto& t : writes) t.urgency = Urgency::setpoint;
    int taken = 0;
    for (auto& t : reads) taken += queue.push(t) ? 1 : 0;
    CHECK(taken == 6);
    taken = 0;
    for (auto& t : writes) taken += queue.push(t) ? 1 : 0;
    CHECK(taken == 2);
}
