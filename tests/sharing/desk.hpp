#pragma once
// A multiplexer with a fake bus behind it on virtual time, and what clients say to it. Only tests use it.
#include <doctest/doctest.h>

#include <string>

#include "base/virtual_loop.hpp"
#include "device/rigs/fake_bus.hpp"
#include "northbound/multiplexer.hpp"

namespace busbar::northbound {

inline config::AddressRange range(const char* text) { return *config::AddressRange::parse(text); }

// Two devices as units 1 and 2. Client 0 may read both; client 1 reads both and writes `hybrid` 200..209 and 300.
inline config::ModbusServerConfig two_clients() {
    config::ModbusServerConfig c;
    c.devices = {{"roof", 1}, {"hybrid", 2}};
    c.clients.push_back({range("10.0.0.0/8"), {"roof", "hybrid"}, {}});
    c.clients.push_back({range("10.0.0.7"), {"roof", "hybrid"}, {{"hybrid", {{200, 209}, {300, 300}}}}});
    return c;
}

struct Desk {
    explicit Desk(config::ModbusServerConfig config = two_clients())
        : mux(std::make_shared<Multiplexer>(
              loop, config, Identity{.version = "1.2.3"},
              Multiplexer::Hooks{[this](const model::DeviceId& id) { return id == held; },
                                 [this](const WriteReport& report) { reports.push_back(report); },
                                 [this](const model::DeviceId& id) { return id == set_aside; }})) {
        for (std::uint16_t a = 0; a < 1000; ++a) {
            bus->units[11].holding[a] = bus->units[12].holding[a] = a;
            bus->units[12].input[a] = static_cast<std::uint16_t>(a + 1000);
        }
        mux->attach("roof", bus, 11, {});
        mux->attach("hybrid", bus, 12, rules());
    }
    static DeviceRules rules() {
        DeviceRules r;
        r.max_registers = 20;
        r.forbidden = {{bus::Table::holding, 500, 509}};
        r.values = {{bus::Table::holding, 100, 101},
                    {bus::Table::holding, 110, 111},
                    {bus::Table::holding, 119, 120},
                    {bus::Table::holding, 202, 203}};
        r.controlled = {{bus::Table::holding, 300, 301}};
        return r;
    }

    struct Got {
        Bytes pdu;  // empty: no answer yet
        Instant at{};
        int answers = 0;
        int exception() const { return pdu.size() == 2 && pdu[0] >= 0x80 ? pdu[1] : 0; }
        std::vector<std::uint16_t> words() const {
            std::vector<std::uint16_t> w(pdu.size() > 2 ? (pdu.size() - 2) / 2 : 0);
            wire::copy_registers(pdu, w);
            return w;
        }
    };
    // `got` must live until the answer, or the end of the desk.
    void start(Got& got, std::uint8_t unit, const wire::Pdu& pdu, std::size_t client = 0, std::uint64_t who = 1) {
        const Caller caller{who, who, client, "10.0.0.7"};
        mux->ask(caller, unit, pdu.view(), [this, &got](const wire::Pdu& answer) {
            got.pdu.assign(answer.view().begin(), answer.view().end());
            got.at = loop.now();
            ++got.answers;
        });
    }
    Got ask(std::uint8_t unit, const wire::Pdu& pdu, std::size_t client = 0) {
        Got got;
        start(got, unit, pdu, client);
        loop.run_for(std::chrono::seconds(3));
        CHECK(got.answers == 1);
        return got;
    }
    static wire::Pdu read(std::uint16_t address, std::uint16_t count,
                          wire::Function function = wire::Function::read_holding) {
        return wire::encode_read(function, address, count);
    }
    std::size_t asked() const { return bus->asked.size(); }

    VirtualLoop loop;
    std::shared_ptr<device::FakeBus> bus = std::make_shared<device::FakeBus>(loop);
    model::DeviceId held;
    model::DeviceId set_aside;
    std::vector<WriteReport> reports;
    std::shared_ptr<Multiplexer> mux;
};

}  // namespace busbar::northbound
