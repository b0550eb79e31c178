#pragma once
// What control must know of the site, as plain values: built by the app from configuration and devices. Device i here
// is device i in LiveState; one that is quarantined has no Device, and an index nobody holds is a default SiteDevice.
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "device/device.hpp"
#include "model/site.hpp"
#include "strategy/feed_in_limit.hpp"
#include "strategy/self_consumption.hpp"

namespace busbar::control {

struct SiteDevice {
    model::Use use = model::Use::sub_meter;
    std::shared_ptr<device::Device> device = nullptr;  // nullptr: quarantined
    std::optional<double> rated_power_w;               // overrides what the device says
    bool is_suspended = false;                         // control keeps off it
    bool is_double = false;                            // is another one once more: its power is in that one's
    std::optional<Instant> absent_until{};             // until then its silence is no fault
};

// What people may change while the gateway runs.
struct Settings {
    strategy::SelfConsumptionSettings self_consumption;
    strategy::FeedInLimitSettings feed_in_limit;
};

struct Site {
    std::vector<SiteDevice> devices;
    Duration period = std::chrono::seconds(1);  // 0.25..5 s
    double pv_peak_w = 0;
    double guaranteed_load_w = 0;      // the fail-safe cap may rely on it
    std::optional<double> grid_max_w;  // grid power beyond this, either way, cannot be true (fuse rating)
    Settings settings;
};

}  // namespace busbar::control
