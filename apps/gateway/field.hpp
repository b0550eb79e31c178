#pragma once
// The field side of the gateway: buses, devices, live state and the control cycle of one site, wired together on the
// field loop. Nothing in here blocks, and nothing in here knows history, web or accounts: results leave through hooks.
//
// Made on the starting thread, then used on the field loop only.
#include <functional>
#include <memory>
#include <vector>

#include "base/real_loop.hpp"
#include "bus/modbus_bus.hpp"
#include "config/load.hpp"
#include "control/cycle.hpp"
#include "device/profile_store.hpp"
#include "device/registry.hpp"
#include "field_report.hpp"
#include "live/live_state.hpp"

namespace busbar::gateway {

class Field {
public:
    struct Hooks {
        std::function<void(std::size_t device, const device::DeviceInfo&)> opened;
        std::function<void(std::size_t device, const device::PollResult&)> polled;
        std::function<void(std::shared_ptr<const FieldReport>)> report;  // at most two a second
    };

    // A device with a problem (its own line, its profile, its bus) stands quarantined; the others are not concerned.
    Field(RealLoop& loop, const config::LoadOutcome& site, const device::ProfileStore& profiles, Hooks hooks);
    ~Field();

    void start();
    // Who is told of opened devices and polls from now on; devices that are open already are told at once. Control runs
    // before the history is open, so the recorder comes later.
    void listen(std::function<void(std::size_t device, const device::DeviceInfo&)> opened,
                std::function<void(std::size_t device, const device::PollResult&)> polled);
    // Hands every setpoint back to its device (at most 5 s), then stops polling.
    Task<void> stop();
    void set_settings(const control::Settings& settings);
    control::FaultBook& faults() { return cycle_->faults(); }

private:
    void make_buses();
    void make_devices(const device::ProfileStore& profiles);
    std::string problem_of(std::size_t device) const;
    void device_opened(std::size_t device);
    void device_polled(std::size_t device, const device::PollResult& result);
    void health_changed(std::size_t device, const device::Health& health);
    void remember(const control::Decision& decision);
    void make_report(const model::Snapshot& snapshot);

    RealLoop& loop_;
    const config::LoadOutcome& site_;
    Hooks hooks_;
    live::LiveState live_;
    std::vector<std::unique_ptr<bus::ModbusBus>> buses_;  // as in site_.config.buses; nullptr: cannot be made
    std::unique_ptr<device::Registry> registry_;
    std::unique_ptr<control::Cycle> cycle_;
    std::vector<api::Verified> verified_;

    Instant last_report_{};
    std::shared_ptr<const std::vector<DeviceFacts>> facts_;
    std::vector<std::shared_ptr<const control::Decision>> decisions_;  // oldest first, bounded as DecisionLog
};

}  // namespace busbar::gateway
