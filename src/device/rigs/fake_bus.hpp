#pragma once
// A Modbus bus for tests: units are maps of registers, time passes on the test's loop, and every request is kept. What
// is not in a map is answered with exception 2, as real devices do. Written from the interface's contract, no wire
// code.
#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "base/loop.hpp"
#include "bus/modbus_bus.hpp"

namespace busbar::device {

class FakeBus final : public bus::ModbusBus {
public:
    struct Unit {
        std::map<std::uint16_t, std::uint16_t> holding, input;
        bool is_silent = false;
        bool refuses = false;                    // everything is answered with exception 2: it starts up
        int silent_after = -1;                   // this many more requests are answered
        int lost_write_answers = 0;              // this many writes arrive, their answers do not
        std::set<std::uint16_t> refused_writes;  // answered with exception 3
        int busy_writes = 0;                     // so many are answered with exception 6
        std::function<void(Unit&, std::uint16_t address)> on_write;  // a device with a will of its own
        std::function<void(Unit&, std::uint16_t address)> on_read;   // before it answers
        // The answer to a raw request; without it exception 1.
        std::function<std::vector<std::uint8_t>(std::span<const std::uint8_t> pdu)> on_raw;
    };
    struct Written {
        std::uint8_t unit;
        std::uint16_t address;
        std::vector<std::uint16_t> words;
        bus::WriteForm form;
        bus::Urgency urgency = bus::Urgency::setpoint;
        bool operator==(const Written&) const = default;
    };
    struct Asked {
        std::uint8_t unit;
        bus::RegisterBlock block;
        bus::Urgency urgency;
    };

    explicit FakeBus(Loop& loop) : loop_(loop) {}

    std::map<std::uint8_t, Unit> units;
    std::vector<Written> written;
    std::vector<Asked> asked;
    Duration answer_time = std::chrono::milliseconds(10);
    std::function<bool(const Asked&)> loses;  // true: the answer to this read is lost on the wire

    Task<Result<bus::Registers>> read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                      bus::DeviceTiming timing) override {
        const Asked asked_now{unit, block, urgency};
        asked.push_back(asked_now);
        const Status alive = co_await pass_time(unit, timing);
        if (!alive) co_return alive.error();
        if (loses && loses(asked_now)) co_return fail(Errc::timeout, "no answer");
        Unit& device = units[unit];
        if (device.on_read) device.on_read(device, block.address);
        bus::Registers answer;
        for (std::uint32_t a = block.address; a < std::uint32_t{block.address} + block.count; ++a) {
            const auto& map = block.table == bus::Table::holding ? device.holding : device.input;
            const auto found = map.find(static_cast<std::uint16_t>(a));
            if (device.refuses || found == map.end() || a > 0xFFFF)
                co_return fail(Errc::refused, "exception 2: illegal data address");
            answer.words[answer.count++] = found->second;
        }
        answer.received = loop_.now();
        co_return answer;
    }
    Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                       bus::WriteForm form, bus::DeviceTiming timing, bus::Urgency urgency) override {
        const std::vector<std::uint16_t> words(values.begin(), values.end());
        written.push_back({unit, address, words, form, urgency});
        const Status alive = co_await pass_time(unit, timing);
        if (!alive) co_return alive.error();
        Unit& device = units[unit];
        if (device.busy_writes > 0) {
            --device.busy_writes;
            co_return fail(Errc::refused, "exception 6: device busy");
        }
        if (device.refused_writes.contains(address)) co_return fail(Errc::refused, "exception 3: illegal data value");
        for (std::size_t i = 0; i < words.size(); ++i)
            device.holding[static_cast<std::uint16_t>(address + i)] = words[i];
        if (device.on_write) device.on_write(device, address);
        if (device.lost_write_answers > 0) {
            --device.lost_write_answers;
            co_return fail(Errc::timeout, "no answer");
        }
        co_return ok();
    }
    Task<Result<bus::RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency,
                                     bus::DeviceTiming timing) override {
        const std::vector<std::uint8_t> request(pdu.begin(), pdu.end());
        const Status alive = co_await pass_time(unit, timing);
        if (!alive) co_return alive.error();
        const Unit& device = units[unit];
        bus::RawAnswer answer;
        if (device.on_raw)
            answer.pdu = device.on_raw(request);
        else
            answer.pdu = {static_cast<std::uint8_t>(request.at(0) | 0x80), 1};
        answer.took = answer_time;
        co_return answer;
    }
    bus::BusStatistics statistics() const override { return {}; }
    const std::string& name() const override { return name_; }

private:
    Task<Status> pass_time(std::uint8_t unit, bus::DeviceTiming timing) {
        const auto found = units.find(unit);
        if (found != units.end() && found->second.silent_after >= 0 && found->second.silent_after-- == 0)
            found->second.is_silent = true;
        const bool is_silent = found == units.end() || found->second.is_silent;
        co_await loop_.sleep_for(is_silent ? timing.timeout : answer_time);
        if (is_silent) co_return fail(Errc::timeout, "no answer");
        co_return ok();
    }

    Loop& loop_;
    std::string name_ = "fake";
};

}  // namespace busbar::device
