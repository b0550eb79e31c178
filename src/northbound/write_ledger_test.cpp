#include "northbound/write_ledger.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::northbound;
using namespace std::chrono_literals;

namespace {

WriteReport report(WriteReport::Outcome outcome, std::uint16_t first, std::uint16_t value,
                   const char* address = "10.0.0.7") {
    WriteReport r;
    r.device = "hybrid";
    r.address = address;
    r.first = first;
    r.words = {value};
    r.outcome = outcome;
    return r;
}
constexpr auto written = WriteReport::Outcome::written;
constexpr auto refused = WriteReport::Outcome::refused;

}  // namespace

TEST_CASE("the first write is told at once, those like it together, and none goes missing") {
    WriteLedger ledger;
    Instant now = Instant{} + 1h;
    ledger.take(report(written, 200, 1), now);
    auto lines = ledger.due(now);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].times == 1);
    CHECK(lines[0].last.words == std::vector<std::uint16_t>{1});
    std::uint64_t told = 1, rows = 1;
    for (int second = 1; second <= 3600; ++second) {  // ten each second for an hour
        now += 1s;
        for (std::uint16_t i = 0; i < 10; ++i) ledger.take(report(written, 200, i), now);
        for (const auto& line : ledger.due(now)) {
            told += line.times;
            ++rows;
            CHECK(line.last.words == std::vector<std::uint16_t>{9});
            CHECK_FALSE(line.is_mixed);
        }
    }
    CHECK(rows < 10);
    for (const auto& line : ledger.rest(now)) told += line.times;
    CHECK(told == 36'001);
    CHECK(ledger.rest(now).empty());
}

TEST_CASE("another register, another outcome and another client have lines of their own") {
    WriteLedger ledger;
    const Instant now = Instant{} + 1h;
    ledger.take(report(written, 200, 1), now);
    ledger.take(report(written, 201, 1), now);
    ledger.take(report(refused, 200, 1), now);
    ledger.take(report(written, 200, 1, "10.0.0.8"), now);
    CHECK(ledger.due(now).size() == 4);
    CHECK(ledger.due(now).empty());
}

TEST_CASE("who pauses is told at once again") {
    WriteLedger ledger;
    Instant now = Instant{} + 1h;
    ledger.take(report(refused, 200, 1), now);
    CHECK(ledger.due(now).size() == 1);
    now += 61s;
    CHECK(ledger.due(now).empty());
    ledger.take(report(refused, 200, 2), now);
    const auto lines = ledger.due(now);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].times == 1);
}

TEST_CASE("a client that tries every register of every device fills no log") {
    WriteLedger ledger;
    Instant now = Instant{} + 1h;
    std::uint64_t rows = 0, told = 0;
    const auto count = [&](const std::vector<WriteLine>& lines) {
        rows += lines.size();
        for (const auto& line : lines) told += line.times;
    };
    for (std::uint32_t i = 0; i < 65536; ++i) {
        ledger.take(report(refused, static_cast<std::uint16_t>(i), 1), now);
        count(ledger.due(now));
        if (i % 100 == 0) now += 1s;
    }
    CHECK(rows < 30 + 656 / 30 + 2);
    const auto rest = ledger.rest(now);
    CHECK(rest.size() <= WriteLedger::most_kinds + 3);
    CHECK(std::any_of(rest.begin(), rest.end(), [](const WriteLine& line) { return line.is_mixed; }));
    count(rest);
    CHECK(told == 65536);
}
