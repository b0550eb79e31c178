#pragma once
// A bus as a search may use it: reads only, with the lowest urgency, with a time-out that is learnt from those who
// answer. Put between a bus and whatever asks; once cancelled, every question fails at once. Field loop only; the bus
// outlives it.
#include "base/loop.hpp"
#include "bus/modbus_bus.hpp"

namespace busbar::discovery {

// How long to wait for units that may not be there. Serial devices answer within some ten milliseconds, gateways and
// dongles need longer.
struct Waiting {
    Duration first = std::chrono::milliseconds(300);  // before anybody has answered
    Duration least = std::chrono::milliseconds(150);
    Duration most = std::chrono::seconds(1);
};

class ScanBus final : public bus::ModbusBus {
public:
    ScanBus(bus::ModbusBus& bus, Waiting waiting);

    // `timing.timeout` is bounded by what was learnt.
    Task<Result<bus::Registers>> read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                      bus::DeviceTiming timing) override;
    // Errors: denied, always.
    Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                       bus::WriteForm form, bus::DeviceTiming timing, bus::Urgency urgency) override;
    // Device identification (43/14) and server id (17) only; else denied.
    Task<Result<bus::RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency urgency,
                                     bus::DeviceTiming timing) override;
    bus::BusStatistics statistics() const override { return bus_.statistics(); }
    const std::string& name() const override { return bus_.name(); }

    void cancel() { is_cancelled_ = true; }
    bool is_cancelled() const { return is_cancelled_; }

    // Twice what the slowest of those who answer takes, and a bit; see Waiting.
    void learn();
    Duration timeout() const { return timeout_; }
    const Waiting& waiting() const { return waiting_; }
    std::uint64_t questions() const { return questions_; }

private:
    bus::ModbusBus& bus_;
    Waiting waiting_;
    Duration timeout_;
    bool is_cancelled_ = false;
    std::uint64_t questions_ = 0;
};

}  // namespace busbar::discovery
