#pragma once
// Lets other programs read, and where they may write, this site's devices over Modbus TCP: puts the parts of
// northbound/ between the field and the network. Always there, so that it can be switched on, off and over while the
// gateway runs; off unless the site has a section modbus_server.
//
// Made on the starting thread. The loop each call belongs to is said with it.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/real_loop.hpp"
#include "bus/link/peer_rule.hpp"
#include "config/modbus_server.hpp"
#include "northbound/modbus_server.hpp"
#include "northbound/write_ledger.hpp"
#include "profile/profile.hpp"

namespace busbar::gateway {

// What goes on now. Figures count from when the server was last switched on or over.
struct SharingFigures {
    bool is_listening = false;
    std::string problem;  // why it does not listen although it should; empty: none
    northbound::ServerStatistics server;
    northbound::MultiplexerStatistics total;
    std::vector<northbound::ClientFigures> clients;
    Instant at{};  // when this was so
};

class Sharing {
public:
    struct Hooks {
        std::function<bool(const model::DeviceId&)> is_held;          // field loop: control has a setpoint in force
        std::function<bool(const model::DeviceId&)> is_protected;     // field loop: nobody may write to it now
        std::function<void(const std::string& problem)> set_problem;  // service loop; empty: all is well
        // Service loop: for the audit log, once it is there.
        std::function<bool()> has_audit;
        std::function<Task<void>(const northbound::WriteLine&)> audit;
    };
    Sharing(RealLoop& field, RealLoop& service, std::string version, Hooks hooks);

    // What a device is given in place of its bus, so that clients profit from what it reads. Field loop, or before.
    std::shared_ptr<bus::ModbusBus> watched(std::shared_ptr<bus::ModbusBus> bus);
    // Field loop: it has opened on `bus` (not the watched one), with its own addresses; it was taken out, or another
    // one is in its place: requests are answered with exception 10 until it opens again.
    void opened(const model::DeviceId& id, std::shared_ptr<bus::ModbusBus> bus, std::uint8_t unit,
                const profile::Profile& placed);
    void gone(const model::DeviceId& id);

    // Service loop, one after the other. Every connection ends, what waits is answered, and the server listens as
    // wanted, or tries again every few seconds. Nothing happens when nothing is different.
    Task<void> change(std::optional<config::ModbusServerConfig> wanted);
    Task<SharingFigures> figures();
    Task<void> tell_writes();  // to the audit log; ends with stop()
    Task<void> stop();

private:
    struct Open {
        std::shared_ptr<bus::ModbusBus> bus;
        std::uint8_t unit = 0;
        northbound::DeviceRules rules;
    };
    using Multiplexer = std::shared_ptr<northbound::Multiplexer>;
    Task<Multiplexer> switch_to(std::optional<config::ModbusServerConfig> wanted);  // field loop
    void take(northbound::WriteReport report);
    void listen(const Multiplexer& multiplexer);
    Task<void> keep_listening(Multiplexer multiplexer, int change);
    Task<void> tell(std::vector<northbound::WriteLine> lines);

    RealLoop& field_;
    RealLoop& service_;
    std::string version_;
    Hooks hooks_;
    // Field loop.
    std::shared_ptr<northbound::Watch> watch_ = std::make_shared<northbound::Watch>();
    std::map<model::DeviceId, Open> open_;
    Multiplexer multiplexer_;
    // Service loop.
    std::optional<config::ModbusServerConfig> config_;  // nullopt: off
    std::unique_ptr<northbound::ModbusServer> server_;
    std::optional<bus::OwnPort> own_port_;  // of the server: no bus of the site may be it
    std::string problem_;
    northbound::WriteLedger ledger_;
    Event written_;
    int changes_ = 0;
    bool is_stopping_ = false;
};

// What clients have to respect with this device. `placed`: with the device's own addresses.
northbound::DeviceRules rules_of(const profile::Profile& placed);

// For people and the log: "10.0.0.7 wrote hybrid 47086: 5; the device holds 4; 312 times in 60 s".
std::string describe(const northbound::WriteLine& line);

}  // namespace busbar::gateway
