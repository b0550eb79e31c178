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

namespace busbar::config {

struct SerialPort {
    std::string path;           // "/dev/ttyUSB0"
    std::uint32_t baud = 9600;  // 1200..921600
    char parity = 'N';          // N, E, O
    int stop_bits = 1;          // 1, 2
};
struct TcpEndpoint {
    std::string host;
    std::uint16_t port = 502;
    bool rtu_framing = false;  // raw RTU frames through a serial server
};
struct BusConfig {
    std::string id;  // same form as DeviceId
    std::variant<SerialPort, TcpEndpoint> link;
    int line = 0;  // where in the file, for messages
};

using model::Use;

struct DeviceConfig {
    model::DeviceId id;
    std::string name;
    std::string profile;
    std::string bus;
    std::uint8_t unit = 1;
    Use use = Use::sub_meter;
    std::optional<double> rated_power_w;  // overrides what the device says
    int line = 0;
};

struct SelfConsumption {
    bool enabled = true;
    double import_target_w = 0;  // grid power aimed at; + = import
};

struct FeedInLimit {
    enum class Mode : std::uint8_t { none, zero, watts, percent };
    Mode mode = Mode::none;
    double value = 0;  // W, or % of installed PV power
};

struct ControlConfig {
    std::chrono::milliseconds cycle{1000};  // 250..5000
    SelfConsumption self_consumption;
    FeedInLimit feed_in_limit;
    double guaranteed_load_w = 0;      // load that is always there; fail-safe cap may rely on it
    std::optional<double> grid_max_w;  // main fuse: more, either way, cannot be true
};

struct SiteConfig {
    std::string name = "Site";
    std::string timezone = "UTC";         // IANA name
    double pv_peak_w = 0;                 // installed PV power (DC), basis of percent limits
    std::vector<std::string> host_names;  // names besides local ones under which browsers may reach the gateway
    std::vector<BusConfig> buses;
    std::vector<DeviceConfig> devices;
    ControlConfig control;
    std::optional<ModbusServerConfig> modbus_server;  // nullopt: nobody reads devices through the gateway
};

}  // namespace busbar::config
