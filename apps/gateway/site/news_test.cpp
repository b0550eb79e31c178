#include "site/news.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::gateway;
using State = control::Decision::State;

namespace {
std::shared_ptr<const control::Decision> decision(std::uint64_t id, State state = State::pending) {
    auto d = std::make_shared<control::Decision>();
    d->id = id;
    d->state = state;
    return d;
}

model::Fault fault(std::uint64_t id, bool is_cleared = false) {
    model::Fault f;
    f.id = id;
    f.source = "meter";
    if (is_cleared) f.cleared = WallTime(std::chrono::milliseconds(5));
    return f;
}

FieldReport report(std::vector<std::shared_ptr<const control::Decision>> decisions, std::vector<model::Fault> faults) {
    FieldReport r;
    r.decisions = std::make_shared<std::vector<std::shared_ptr<const control::Decision>>>(std::move(decisions));
    r.faults = std::make_shared<std::vector<model::Fault>>(std::move(faults));
    return r;
}

std::vector<std::uint64_t> ids(const News& n) {
    std::vector<std::uint64_t> out;
    for (const auto& d : n.decisions) out.push_back(d->id);
    for (const auto& f : n.faults) out.push_back(100 + f.id);
    return out;
}
using Ids = std::vector<std::uint64_t>;
}  // namespace

TEST_CASE("news is what is new and what has changed, and nothing else") {
    const auto first = decision(1), second = decision(2);
    const auto before = report({first, second}, {fault(1), fault(2)});
    CHECK(ids(news(nullptr, before)) == Ids{1, 2, 101, 102});
    CHECK(ids(news(&before, before)) == Ids{});
    SUBCASE("a decision came into force, another is new") {
        const auto now = report({first, decision(2, State::in_force), decision(3)}, {fault(1), fault(2)});
        const auto n = news(&before, now);
        CHECK(ids(n) == Ids{2, 3});
        CHECK(n.decisions[0]->state == State::in_force);
    }
    SUBCASE("a fault cleared and was raised again") {
        const auto now = report({first, second}, {fault(1, true), fault(2), fault(3)});
        const auto n = news(&before, now);
        CHECK(ids(n) == Ids{101, 103});
        CHECK(n.faults[0].cleared);
    }
    SUBCASE("the oldest ones made room") {
        CHECK(ids(news(&before, report({second, decision(3)}, {fault(2), fault(4)}))) == Ids{3, 104});
        CHECK(ids(news(&before, report({decision(9)}, {}))) == Ids{9});
    }
    SUBCASE("cleared faults go out of order when the book is full") {
        CHECK(ids(news(&before, report({first, second}, {fault(2, true), fault(7)}))) == Ids{102, 107});
    }
}
