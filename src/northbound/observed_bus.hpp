#pragma once
// A bus as devices see it, with somebody looking over their shoulder: what a device reads anyway serves the clients of
// the Multiplexer too, and what is written to it makes them forget. Put by the wiring between a bus and its devices;
// without it every request of a client would be one more on the bus. Costs a read nothing while nobody looks. Field
// loop only.
#include <functional>
#include <memory>

#include "base/loop.hpp"
#include "bus/modbus_bus.hpp"

namespace busbar::northbound {

class BusObserver {
public:
    virtual ~BusObserver() = default;
    // `asked`: when the read was begun.
    virtual void read_done(const bus::ModbusBus& bus, std::uint8_t unit, const bus::RegisterBlock& block,
                           const bus::Registers& answer, Instant asked) = 0;
    // Also when it failed: the device may have obeyed.
    virtual void write_done(const bus::ModbusBus& bus, std::uint8_t unit, std::uint16_t address, std::size_t count) = 0;
    // A raw request that is no plain read: anything may have changed.
    virtual void raw_done(const bus::ModbusBus& bus, std::uint8_t unit) = 0;
};

// Who looks: null is nobody. May change while devices run.
struct Watch {
    std::shared_ptr<BusObserver> observer;
};

class ObservedBus final : public bus::ModbusBus {
public:
    ObservedBus(Loop& loop, std::shared_ptr<bus::ModbusBus> inner, std::shared_ptr<const Watch> watch)
        : loop_(loop), inner_(std::move(inner)), watch_(std::move(watch)) {}

    Task<Result<bus::Registers>> read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                      bus::DeviceTiming timing) override;
    Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                       bus::WriteForm form, bus::DeviceTiming timing,
                       bus::Urgency urgency = bus::Urgency::setpoint) override;
    Task<Result<bus::RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency urgency,
                                     bus::DeviceTiming timing) override;
    bus::BusStatistics statistics() const override { return inner_->statistics(); }
    std::optional<bus::LinkSettings> link_settings() const override { return inner_->link_settings(); }
    Task<Status> relink(bus::LinkSettings settings) override { return inner_->relink(std::move(settings)); }
    Task<void> close() override { return inner_->close(); }
    bus::FrameTap* tap() override { return inner_->tap(); }
    const std::string& name() const override { return inner_->name(); }

    // What the Multiplexer asks on, and is told about as `bus`.
    const std::shared_ptr<bus::ModbusBus>& inner() const { return inner_; }

private:
    Task<Result<bus::Registers>> observed_read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                               bus::DeviceTiming timing);

    Loop& loop_;
    std::shared_ptr<bus::ModbusBus> inner_;
    std::shared_ptr<const Watch> watch_;
};

}  // namespace busbar::northbound
