#pragma once
// Lets other programs read, and where they may write, this site's devices over Modbus TCP: puts the parts of
// northbound/ between the field and the network. Made only when the site file has a section modbus_server.
//
// Made on the starting thread. The loop each call belongs to is said with it.
#include <functional>
#include <memory>
#include <string>

#include "base/real_loop.hpp"
#include "config/modbus_server.hpp"
#include "northbound/modbus_server.hpp"
#include "profile/profile.hpp"

namespace busbar::gateway {

class Sharing {
public:
    struct Hooks {
        std::function<bool(const model::DeviceId&)> is_held;          // field loop: control has a setpoint in force
        std::function<bool(const model::DeviceId&)> is_set_aside;     // field loop: nobody may write to it now
        std::function<void(const std::string& problem)> set_problem;  // service loop; empty: all is well
    };
    Sharing(RealLoop& field, RealLoop& service, const config::ModbusServerConfig& config, std::string version,
            Hooks hooks);

    // What a device is given in place of its bus, so that clients profit from what it reads. Field loop, or before.
    std::shared_ptr<bus::ModbusBus> watched(std::shared_ptr<bus::ModbusBus> bus);
    // Field loop: it has opened on `bus` (not the watched one), with its own addresses; it was taken out.
    void opened(const model::DeviceId& id, std::shared_ptr<bus::ModbusBus> bus, std::uint8_t unit,
                const profile::Profile& placed);
    void removed(const model::DeviceId& id) { multiplexer_->detach(id); }

    // Service loop. Listens, or tries again every few seconds; ends with stop().
    Task<void> serve();
    Task<void> stop();

private:
    RealLoop& field_;
    RealLoop& service_;
    config::ModbusServerConfig config_;
    Hooks hooks_;
    std::shared_ptr<northbound::Multiplexer> multiplexer_;
    std::unique_ptr<northbound::ModbusServer> server_;
    bool is_stopping_ = false;
};

// What clients have to respect with this device. `placed`: with the device's own addresses.
northbound::DeviceRules rules_of(const profile::Profile& placed);

// For people and the log: "10.0.0.7 wrote hybrid 47086: 5; it holds 4".
std::string describe(const northbound::WriteReport& report);

}  // namespace busbar::gateway
