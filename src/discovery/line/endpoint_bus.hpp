#pragma once
// A Modbus TCP endpoint for the time of a search: one connection, one request at a time in the order they came, read
// only. Unlike ModbusMaster it lives and dies while the loop runs: nothing may be in flight when it goes. Field loop
// only.
#include <deque>
#include <map>
#include <memory>

#include "base/loop.hpp"
#include "bus/link/link.hpp"
#include "bus/modbus_bus.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::discovery {

class EndpointBus final : public bus::ModbusBus {
public:
    // `link` is open.
    EndpointBus(Loop& loop, std::unique_ptr<bus::Link> link, std::string name);

    // A connection that the device closes is opened anew, a few times; then unavailable.
    Task<Result<bus::Registers>> read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                      bus::DeviceTiming timing) override;
    // Errors: denied, always.
    Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                       bus::WriteForm form, bus::DeviceTiming timing, bus::Urgency urgency) override;
    Task<Result<bus::RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency urgency,
                                     bus::DeviceTiming timing) override;
    // Of the units: number, answers and the longest latency.
    bus::BusStatistics statistics() const override;
    const std::string& name() const override { return name_; }

private:
    Task<void> take_turn();
    void end_turn();
    Task<Result<Bytes>> exchange(std::uint8_t unit, ByteView pdu, bus::DeviceTiming timing);
    Task<Result<Bytes>> ask(std::uint8_t unit, ByteView pdu, bus::DeviceTiming timing);
    Task<Result<Bytes>> await_answer(std::uint8_t unit, std::uint8_t function, Instant deadline);
    Task<Status> make_ready(bus::DeviceTiming timing);

    struct Unit {
        Instant not_before{};  // its pause
        std::uint64_t answers = 0;
        Duration slowest{0};
    };
    Loop& loop_;
    std::unique_ptr<bus::Link> link_;
    std::string name_;
    wire::TcpStream stream_;
    std::map<std::uint8_t, Unit> units_;
    std::deque<Event*> waiting_;
    bool is_busy_ = false;
    Instant opened_, last_used_;
    std::uint16_t number_ = 0;  // of the request in flight
    unsigned openings_ = 1;
};

}  // namespace busbar::discovery
