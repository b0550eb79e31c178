#pragma once
// What the API shows, as plain values: one struct per schema of openapi.yaml. The app fills them from its modules
// (site_source.hpp); serialise.hpp turns them into JSON. Unknown is nullopt or an empty text, never 0.
// Signs: grid + import, PV + production, battery + discharge, house + consumption.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "config/site_config.hpp"
#include "live/live_image.hpp"
#include "model/fault.hpp"
#include "model/limit.hpp"
#include "model/setpoint.hpp"

namespace busbar::api {

struct StatusView {
    WallTime started{}, now{};
    std::string timezone = "UTC";            // IANA
    std::chrono::milliseconds period{1000};  // of the control cycle
    std::uint64_t cycles = 0;                // since start
    double late_ms_max = 0;
    std::uint64_t samples = 0, history_bytes = 0, lost_samples = 0;
    std::optional<WallTime> oldest_sample;
    std::uint64_t memory_bytes = 0;     // resident
    std::optional<double> cpu_percent;  // of one core
};

enum class SentenceKey : std::uint8_t {
    charging_from_sun,
    discharging_to_house,
    feeding_in,
    importing,
    feed_in_limited,
    feed_in_exceeded,
    balanced,
    meter_unknown,
    no_devices,
};
std::string_view to_string(SentenceKey key);

struct Flow {
    std::optional<double> value;  // W, of the SOC %
    std::optional<std::chrono::milliseconds> age;
};

struct Overview {
    WallTime at{};
    SentenceKey sentence = SentenceKey::no_devices;
    std::vector<std::pair<std::string, double>> sentence_values;  // {"power_w", 3400}
    Flow pv_w, battery_w, grid_w, house_w, battery_soc;
    struct Today {
        std::optional<double> pv_wh, house_wh, import_wh, export_wh, charged_wh, discharged_wh;  // >= 0
        std::optional<double> self_consumption_percent, autarky_percent;                         // 0..100
    } today;
    config::FeedInLimit feed_in;
    std::optional<double> feed_in_limit_w;  // >= 0; nullopt = no limit
    bool feed_in_limit_active = false;      // sun is kept back now
    bool feed_in_exceeded = false;          // more is fed in than allowed, for longer than inverters need
    struct Alarms {
        int critical = 0, major = 0, minor = 0, warning = 0;
    } alarms;
};

struct StatisticsView {  // since start
    std::uint64_t requests = 0, answers = 0, timeouts = 0, crc_errors = 0, exceptions = 0;
    std::uint32_t latency_us_p50 = 0, latency_us_p90 = 0, latency_us_p99 = 0;
};

enum class Verified : std::uint8_t { documented, single_source, captured, device };
std::string_view to_string(Verified verified);  // "single-source"

struct FallbackView {
    std::string role;
    bool reverts = false;
    std::optional<double> after_s;
    std::string to;
};

// Whether the firmware a device runs is one the profile was made for.
enum class FirmwareVerdict : std::uint8_t { unknown, supported, unsupported };
std::string_view to_string(FirmwareVerdict verdict);

struct DeviceView {
    std::string id, name, maker, model, serial, firmware, profile, bus;
    config::Use use = config::Use::sub_meter;
    int unit = 0;
    live::DeviceState state = live::DeviceState::starting;
    std::optional<WallTime> since, last_data;
    std::string problem;          // empty = well
    bool takes_firmware = false;  // can be sent to it through this gateway
    std::vector<std::string> capabilities;
    Verified verified = Verified::documented;
    std::vector<FallbackView> fallback;
    StatisticsView statistics;
    // As the site file says.
    std::optional<double> rated_power_w;
    std::string serial_expected;  // empty: not checked
    std::string via;              // chargers: "lan", "router"; empty: not said
    FirmwareVerdict firmware_support = FirmwareVerdict::unknown;
    std::string firmware_text;  // for people: what the verdict rests on and what to do; may be empty
};

struct UnitView {
    int unit = 0;
    bool silent = false;
    StatisticsView statistics;
};
struct BusView {
    std::string id, link, problem;  // problem empty = well
    bool connected = false;
    double utilisation = 0;  // 0..1
    std::uint64_t bytes_in = 0, bytes_out = 0, reconnects = 0;
    std::vector<UnitView> units;
    std::variant<config::SerialPort, config::TcpEndpoint> settings;  // of the link
};

enum class DecisionState : std::uint8_t { pending, in_force, refused, unreachable, released };
std::string_view to_string(DecisionState state);

struct DecisionView {
    WallTime at{}, expires{};
    std::string device;
    model::RoleKey role;
    std::optional<double> value;  // nullopt = released
    std::optional<double> read_back;
    DecisionState state = DecisionState::pending;
    std::vector<model::Step> chain;
};

struct AlarmView {
    std::int64_t id = 0, cause = 0;
    model::Severity severity = model::Severity::warning;
    std::string name, source, text, suggestion;
    WallTime raised{};
    std::optional<WallTime> cleared;
};

struct ControlSettings {
    config::SelfConsumption self_consumption;
    config::FeedInLimit feed_in_limit;
};
std::string_view to_string(config::FeedInLimit::Mode mode);

// One instant of the site for the live socket, /points and /overview. Made by the app after each control cycle.
struct LiveView {
    std::shared_ptr<const live::LiveImage> image;  // never null
    Overview overview;
    // Names of state codes: index into image->readings, name; ascending index.
    std::vector<std::pair<std::uint32_t, std::string>> texts;
};

}  // namespace busbar::api
