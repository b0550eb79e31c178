#pragma once
// What a person says about one site: site.yaml after checking. Plain values; load.hpp reads and checks the file.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/modbus_server.hpp"
#include "model/reading.hpp"
#include "model/site.hpp"
#include "strategy/feed_in_limit.hpp"
#include "strategy/self_consumption.hpp"

namespace busbar::config {

// Where in the file something stands, for messages; 0: it is in no file. No part of what is configured: two values in
// different lines are equal.
struct FileLine {
    int number = 0;
    bool operator==(const FileLine&) const { return true; }
};

struct SerialPort {
    std::string path;           // "/dev/ttyUSB0"
    std::uint32_t baud = 9600;  // 1200..921600
    char parity = 'N';          // N, E, O
    int stop_bits = 1;          // 1, 2
    bool operator==(const SerialPort&) const = default;
};
struct TcpEndpoint {
    std::string host;
    std::uint16_t port = 502;
    bool rtu_framing = false;  // raw RTU frames through a serial server
    bool operator==(const TcpEndpoint&) const = default;
};
struct BusConfig {
    std::string id;  // same form as DeviceId
    std::variant<SerialPort, TcpEndpoint> link;
    FileLine line;
    bool operator==(const BusConfig&) const = default;
};

using model::Use;

// Where a charger hangs: not every place is allowed (rules.hpp).
enum class Via : std::uint8_t { unsaid, lan, router };

struct DeviceConfig {
    model::DeviceId id;
    std::string name;
    std::string profile;
    std::string bus;
    std::uint8_t unit = 1;
    bool has_unit = true;  // false: the file says one that cannot be; then it holds no address
    Use use = Use::sub_meter;
    std::optional<double> rated_power_w;  // overrides what the device says
    std::string serial;                   // expected there; empty: not checked
    Via via = Via::unsaid;
    FileLine line;
    bool operator==(const DeviceConfig&) const = default;
};

// How many devices people want at most; the gateway itself carries more.
struct LimitsConfig {
    std::size_t devices_per_bus = 20;  // on one serial line
    std::size_t devices = 60;          // of the site
    bool operator==(const LimitsConfig&) const = default;
};

using SelfConsumption = strategy::SelfConsumptionSettings;
using FeedInLimit = strategy::FeedInLimitSettings;

struct ControlConfig {
    std::chrono::milliseconds cycle{1000};  // 250..5000
    SelfConsumption self_consumption;
    FeedInLimit feed_in_limit;
    double guaranteed_load_w = 0;      // load that is always there; fail-safe cap may rely on it
    std::optional<double> grid_max_w;  // main fuse: more, either way, cannot be true
    bool operator==(const ControlConfig&) const = default;
};

struct SiteConfig {
    std::string name = "Site";
    std::string timezone = "UTC";         // IANA name
    double pv_peak_w = 0;                 // installed PV power (DC), basis of percent limits
    std::vector<std::string> host_names;  // names besides local ones under which browsers may reach the gateway
    std::vector<BusConfig> buses;
    std::vector<DeviceConfig> devices;
    LimitsConfig limits;
    ControlConfig control;
    std::optional<ModbusServerConfig> modbus_server;  // nullopt: nobody reads devices through the gateway
    bool operator==(const SiteConfig&) const = default;
};

}  // namespace busbar::config
