#pragma once
// A line as its budget plans it, really driven: what is measured on it must keep what the plan guarantees.
#include <random>

#include "bus/health/budget.hpp"
#include "bus/master/master_rig.hpp"

namespace busbar::bus::budget {

using namespace std::chrono_literals;

struct Measured {
    std::vector<Duration> worst;  // between two readings of the same critical request, by load
    int by_hand = 0;              // requests, of loads that have any
    Duration longest_by_hand{0};  // from asking to the answer
};

// Asks what the loads say, as the registry does, on a real master and on virtual time; everybody answers after its
// worst turnaround. Only tests use it.
class BudgetRig {
public:
    BudgetRig(const Line& line, std::vector<Load> loads, bool has_silent_unit)
        : loads_(std::move(loads)),
          rig_(line.baud == 0 ? Framing::tcp : Framing::rtu, line.baud, 256, line.character_bits) {
        measured_.worst.resize(loads_.size());
        rig_.script = [this, is_tcp = line.baud == 0](const Seen& s) {
            if (s.unit == loads_.size() + 1) return Pieces{};
            const Duration after = s.unit > loads_.size() ? Duration{20ms} : loads_[s.unit - 1u].turnaround.worst;
            return Pieces{{after, is_tcp ? tcp_answer(s) : rtu_answer(s)}};
        };
        std::mt19937 random(7);
        for (std::size_t i = 0; i < loads_.size(); ++i) {
            const auto later = [&] { return std::chrono::milliseconds(random() % 1000); };
            rig_.loop.spawn("critical", poll(*this, i, loads_[i].critical, Urgency::critical, later()));
            rig_.loop.spawn("telemetry", poll(*this, i, loads_[i].telemetry, Urgency::telemetry, later()));
            rig_.loop.spawn("slow", poll(*this, i, loads_[i].slow, Urgency::background, later()));
            if (loads_[i].by_hand > 0) rig_.loop.spawn("person", insist(*this, i));
            if (loads_[i].writes.period > 0ns) rig_.loop.spawn("writes", write(*this, i, later()));
        }
        const auto silent = static_cast<std::uint8_t>(loads_.size() + 1);
        if (has_silent_unit) rig_.loop.spawn("silent", ask_in_vain(rig_, silent));
    }

    Measured run(Duration length) {
        rig_.loop.run_for(5s);  // the first silence costs a whole time-out
        for (Duration& worst : measured_.worst) worst = {};
        measured_.by_hand = 0;
        measured_.longest_by_hand = {};
        rig_.loop.run_for(length);
        return measured_;
    }
    // A device that is new on the line opens with so many reads; how long that takes, nothing when it never ends.
    std::optional<Duration> open_one(int reads, Duration patience) {
        std::optional<Duration> took;
        rig_.loop.spawn("new", open(rig_, static_cast<std::uint8_t>(loads_.size() + 2), reads, took));
        rig_.loop.run_for(patience);
        return took;
    }
    const Measured& measured() const { return measured_; }
    BusStatistics statistics() { return rig_.master->statistics(); }
    double utilisation() { return rig_.master->statistics().utilisation; }

private:
    // As the registry does: start to start, and at once when the last one took longer than its period.
    static Task<void> poll(BudgetRig& p, std::size_t i, Demand demand, Urgency urgency, Duration first) {
        if (demand.period <= 0ns || demand.registers.empty()) co_return;
        co_await p.rig_.loop.sleep_for(first);
        const DeviceTiming timing{.timeout = 5s, .pause = p.loads_[i].pause};
        std::vector<Instant> last(demand.registers.size());
        Instant next = p.rig_.loop.now();
        for (;;) {
            for (std::size_t k = 0; k < demand.registers.size(); ++k) {
                const RegisterBlock block{Table::holding, static_cast<std::uint16_t>(200 * k), demand.registers[k]};
                const auto got = co_await p.rig_.master->read(static_cast<std::uint8_t>(i + 1), block, urgency, timing);
                CHECK(got.has_value());
                if (!got || urgency != Urgency::critical) continue;
                if (last[k] != Instant{})
                    p.measured_.worst[i] = std::max(p.measured_.worst[i], got->received - last[k]);
                last[k] = got->received;
            }
            next = std::max(next + demand.period, p.rig_.loop.now());
            // Clocks drift, so that in time all meet all.
            if (urgency != Urgency::critical) next += std::chrono::milliseconds(17 * i);
            co_await p.rig_.loop.sleep_until(next);
        }
    }
    // One request after the other, without end.
    static Task<void> insist(BudgetRig& p, std::size_t i) {
        const DeviceTiming timing{.timeout = 5s, .pause = p.loads_[i].pause};
        const RegisterBlock block{Table::holding, 3000, p.loads_[i].by_hand};
        for (;;) {
            const Instant begun = p.rig_.loop.now();
            const auto got =
                co_await p.rig_.master->read(static_cast<std::uint8_t>(i + 1), block, Urgency::by_hand, timing);
            CHECK(got.has_value());
            ++p.measured_.by_hand;
            p.measured_.longest_by_hand = std::max(p.measured_.longest_by_hand, p.rig_.loop.now() - begun);
        }
    }
    static Task<void> write(BudgetRig& p, std::size_t i, Duration first) {
        co_await p.rig_.loop.sleep_for(first);
        const DeviceTiming timing{.timeout = 5s, .pause = p.loads_[i].pause};
        for (;;) {
            for (const std::uint16_t registers : p.loads_[i].writes.registers) {
                const std::vector<std::uint16_t> words(registers, 1);
                const Status done = co_await p.rig_.master->write(static_cast<std::uint8_t>(i + 1), 900, words,
                                                                  WriteForm::multiple, timing);
                CHECK(done.has_value());
            }
            co_await p.rig_.loop.sleep_for(p.loads_[i].writes.period);
        }
    }
    static Task<void> open(Rig& rig, std::uint8_t unit, int reads, std::optional<Duration>& took) {
        const Instant begun = rig.loop.now();
        const DeviceTiming timing{.timeout = 5s};
        for (int i = 0; i < reads; ++i) {
            const RegisterBlock block{Table::holding, static_cast<std::uint16_t>(10 * i), 10};
            const auto got = co_await rig.master->read(unit, block, Urgency::background, timing);
            CHECK(got.has_value());
        }
        took = rig.loop.now() - begun;
    }
    static Task<void> ask_in_vain(Rig& rig, std::uint8_t unit) {
        const RegisterBlock block{Table::holding, 0, 20};
        const DeviceTiming timing{.timeout = 1s};
        for (;;) {
            (void)co_await rig.master->read(unit, block, Urgency::telemetry, timing);
            co_await rig.loop.sleep_for(1s);
        }
    }

    std::vector<Load> loads_;
    Rig rig_;
    Measured measured_;
};

}  // namespace busbar::bus::budget
