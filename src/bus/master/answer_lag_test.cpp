#include "bus/master/answer_lag.hpp"

#include <doctest/doctest.h>

#include "base/virtual_loop.hpp"
#include "bus/master/rtu_exchange.hpp"
#include "bus/master/scripted_slave.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

TEST_CASE("the least of the last four measures counts") {
    AnswerLag lag;
    CHECK(lag.least() == 0ns);
    for (Duration d : {9ms, 5ms, 7ms, 8ms}) lag.add(d);
    CHECK(lag.least() == 5ms);
    lag.add(6ms);
    CHECK(lag.least() == 5ms);
    lag.add(20ms);
    CHECK(lag.least() == 6ms);
    for (int i = 0; i < 4; ++i) lag.add(-1ms);
    CHECK(lag.least() == 0ns);
}

TEST_CASE("a unit is measured until it has answered, three times at first, then now and then") {
    AnswerLag lag;
    for (int i = 0; i < 10; ++i) CHECK(lag.is_measure_due());
    lag.add(1ms);
    int measures = 0;
    for (int i = 0; i < 320; ++i) measures += lag.is_measure_due() ? 1 : 0;
    CHECK(measures == 10);
}

namespace {

// Counts how often the exchange asks for bytes: each time it looks in vain, or finds a part, is a wake-up more.
class CountingLink final : public Link {
public:
    explicit CountingLink(std::unique_ptr<Link> link) : link_(std::move(link)) {}
    Task<Status> open(Instant deadline) override { return link_->open(deadline); }
    void close() override { link_->close(); }
    bool is_open() const override { return link_->is_open(); }
    Task<Status> write(std::span<const std::uint8_t> bytes, Instant deadline) override {
        return link_->write(bytes, deadline);
    }
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer, Instant deadline) override {
        ++reads;
        return link_->read_some(buffer, deadline);
    }
    std::size_t discard_input() override { return link_->discard_input(); }
    std::string describe() const override { return link_->describe(); }
    int reads = 0;

private:
    std::unique_ptr<Link> link_;
};

struct Line {
    static constexpr std::uint32_t baud = 9600;

    // `turnaround`: of the n-th answer, after the legal silence.
    explicit Line(std::function<Duration(int)> turnaround) {
        const Duration character = wire::rtu_character_time(baud, 10);
        auto ends = LoopbackLink::make(loop, character);
        link = std::make_unique<CountingLink>(std::move(ends.a));
        slave = ScriptedSlave::rtu(loop, std::move(ends.b), character, [this, turnaround](const auto& seen) {
            std::vector<ScriptedSlave::Piece> pieces{
                {wire::rtu_gap(baud, 10) + turnaround(answers++), rtu_answer(seen)}};
            return pieces;
        });
        exchange = std::make_unique<RtuExchange>(loop, *link, rivals, tap, RtuTiming{.baud = baud});
    }
    // Sees `count` exchanges through and returns how late their ends were seen, altogether.
    Duration run(int count) {
        late = 0ns;
        link->reads = 0;
        loop.spawn("ask", ask(*this, count));
        loop.run_for(std::chrono::seconds(count));
        return late;
    }
    static Task<void> ask(Line& line, int count) {
        for (int i = 0; i < count; ++i) {
            Transaction t;
            t.unit = 1;
            t.request = {.function = wire::Function::read_holding, .address = 7, .count = 50};
            const Patience patience{500ms, 500ms};
            co_await line.exchange->run(t, patience);
            CHECK(t.outcome.kind == Outcome::Kind::answered);
            line.late += t.outcome.ended - line.slave->link().sent_until();
        }
    }

    VirtualLoop loop;
    RequestQueue rivals{4};
    FrameTap tap;
    std::unique_ptr<CountingLink> link;
    std::shared_ptr<ScriptedSlave> slave;
    std::unique_ptr<RtuExchange> exchange;
    int answers = 0;
    Duration late{0};
};

}  // namespace

TEST_CASE("once a unit's lag is known its answers are found whole, with one read each") {
    Line line([](int) { return 7ms; });
    (void)line.run(3);
    CHECK(line.link->reads > 3);  // measured
    const Duration late = line.run(160);
    CHECK(line.link->reads < 160 * 9 / 8);
    CHECK(late < 160 * 60us);  // of 125 ms that an exchange takes
}

TEST_CASE("a unit that answers now at once, now late, costs the line next to nothing") {
    Line line([](int n) { return n % 7 * 5ms; });
    (void)line.run(100);
    CHECK(line.run(160) < 160 * 1250us);  // a hundredth of an exchange
    Line slower([](int n) { return n < 100 ? 0ms : 15ms; });
    (void)slower.run(200);
    (void)slower.run(160);  // four measures later its new lag is known
    CHECK(slower.run(160) < 160 * 60us);
    CHECK(slower.link->reads < 160 * 9 / 8);
}
