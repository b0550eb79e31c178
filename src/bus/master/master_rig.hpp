#pragma once
// A master and a scripted slave on virtual time, for tests of how a master behaves. Only tests use it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/virtual_loop.hpp"
#include "bus/master/modbus_master.hpp"
#include "bus/master/scripted_slave.hpp"

namespace busbar::bus {

using Seen = ScriptedSlave::Seen;
using Pieces = std::vector<ScriptedSlave::Piece>;

// `script` may be changed at any time.
struct Rig {
    explicit Rig(Framing framing, std::uint32_t baud = 9600, std::size_t queue = 64, unsigned character_bits = 10)
        : character(framing == Framing::rtu ? wire::rtu_character_time(baud, character_bits) : Duration{0}) {
        auto ends = LoopbackLink::make(loop, character);
        MasterConfig config;
        config.name = "test";
        config.framing = framing;
        config.rtu = {.baud = baud, .character_bits = character_bits};
        config.queue_capacity = queue;
        auto run_script = [this](const Seen& seen) { return script(seen); };
        slave = framing == Framing::rtu ? ScriptedSlave::rtu(loop, std::move(ends.b), character, run_script)
                                        : ScriptedSlave::tcp(loop, std::move(ends.b), run_script);
        if (framing == Framing::tcp)
            script = [](const Seen& s) { return Pieces{{Duration{0}, tcp_answer(s)}}; };
        else
            script = [gap =
                          framing == Framing::rtu ? wire::rtu_gap(baud, character_bits) : Duration{0}](const Seen& s) {
                return Pieces{{gap, rtu_answer(s)}};
            };
        master = std::make_unique<ModbusMaster>(loop, std::move(ends.a), config);
    }

    struct Got {
        std::string what;  // "ok" or the error
        Errc kind = Errc::internal;
        Registers registers;
        Instant at{};
    };
    static Task<void> read_into(Rig& rig, std::uint8_t unit, RegisterBlock block, Urgency urgency, DeviceTiming timing,
                                std::string tag, Got& got) {
        auto result = co_await rig.master->read(unit, block, urgency, timing);
        got.what = result ? "ok" : result.error().text;
        if (result) got.registers = *result;
        if (!result) got.kind = result.error().kind;
        got.at = rig.loop.now();
        rig.order += tag;
    }
    static Task<void> write_into(Rig& rig, std::uint8_t unit, std::uint16_t address, std::vector<std::uint16_t> values,
                                 WriteForm form, std::string tag, Got& got, Urgency urgency) {
        const DeviceTiming timing;
        auto result = co_await rig.master->write(unit, address, values, form, timing, urgency);
        got.what = result ? "ok" : result.error().text;
        if (!result) got.kind = result.error().kind;
        got.at = rig.loop.now();
        rig.order += tag;
    }
    void start_read(Got& got, std::uint8_t unit, std::uint16_t address, std::uint16_t count,
                    Urgency urgency = Urgency::telemetry, DeviceTiming timing = {}, std::string tag = "") {
        const RegisterBlock block{Table::holding, address, count};
        loop.spawn("reader", read_into(*this, unit, block, urgency, timing, std::move(tag), got));
    }
    void start_write(Got& got, std::uint8_t unit, std::uint16_t address, std::vector<std::uint16_t> values,
                     WriteForm form = WriteForm::multiple, std::string tag = "", Urgency urgency = Urgency::setpoint) {
        loop.spawn("writer", write_into(*this, unit, address, std::move(values), form, std::move(tag), got, urgency));
    }
    Got read(std::uint8_t unit, std::uint16_t address, std::uint16_t count, DeviceTiming timing = {}) {
        Got got{.what = "never ended"};
        start_read(got, unit, address, count, Urgency::telemetry, timing);
        loop.run_for(std::chrono::seconds(20));
        return got;
    }
    UnitStatistics unit(std::uint8_t address) const {
        for (const auto& u : master->statistics().units)
            if (u.unit == address) return u;
        return {};
    }

    VirtualLoop loop;
    Duration character;
    ScriptedSlave::Script script;
    std::shared_ptr<ScriptedSlave> slave;
    std::unique_ptr<ModbusMaster> master;
    std::string order;
};

inline void check_addresses(const Rig::Got& got, std::uint16_t address, std::uint16_t count) {
    REQUIRE(got.what == "ok");
    REQUIRE(got.registers.count == count);
    for (std::uint16_t i = 0; i < count; ++i) CHECK(got.registers.words[i] == address + i);
}

}  // namespace busbar::bus
