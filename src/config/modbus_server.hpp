#pragma once
// The `modbus_server` section of site.yaml: who may read which devices through the gateway, and write which registers.
// Absent: there is no such server. Checked here, enforced by northbound/. Default deny throughout: a device, a client
// or a register that is not listed does not exist for a client.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/address_range.hpp"
#include "model/reading.hpp"

namespace busbar::profile {
struct Node;
}

namespace busbar::config {

struct RegisterSpan {
    std::uint16_t first = 0, last = 0;  // wire addresses, both included
    bool operator==(const RegisterSpan&) const = default;
};

struct SharedDevice {
    model::DeviceId id;
    std::uint8_t unit = 1;  // 1..247, the unit id under which clients find it
    bool operator==(const SharedDevice&) const = default;
};

struct ModbusClient {
    AddressRange from;
    std::vector<model::DeviceId> devices;  // that it may read; filled: "all shared ones" is written out
    struct Writable {
        model::DeviceId device;
        std::vector<RegisterSpan> holding;
        bool operator==(const Writable&) const = default;
    };
    std::vector<Writable> writable;  // empty: it may only read
    bool operator==(const ModbusClient&) const = default;
};

struct ModbusServerConfig {
    bool is_enabled = true;             // false: off, and the list is kept for later
    std::string address = "127.0.0.1";  // nobody outside this machine, unless told otherwise
    std::uint16_t port = 1502;
    std::size_t max_clients = 16;           // connections at a time, 1..256
    std::chrono::milliseconds cache{1000};  // how old may be what a client gets, 100..60000
    std::vector<SharedDevice> devices;
    std::vector<ModbusClient> clients;  // the narrowest range that fits a client counts
    bool operator==(const ModbusServerConfig&) const = default;
};

inline constexpr std::size_t max_modbus_clients = 64, max_writable_spans = 64;

// nullopt when anything in it is wrong: half a list of rights is nobody's wish, so the server stays off then.
// `problem` says what, with lines.
std::optional<ModbusServerConfig> read_modbus_server(const profile::Node& node, std::string_view file_name,
                                                     std::string& problem);

}  // namespace busbar::config
