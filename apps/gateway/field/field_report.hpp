#pragma once
// What the field loop tells the service loop after each control cycle: one immutable value, so that no reader needs a
// lock and none can delay control. Parts that change seldom are shared between reports.
#include <memory>
#include <vector>

#include "api/views.hpp"
#include "bus/health/budget.hpp"
#include "bus/modbus_bus.hpp"
#include "config/site_config.hpp"
#include "control/cycle.hpp"
#include "control/decision_log.hpp"
#include "live/live_image.hpp"
#include "model/fault.hpp"
#include "model/snapshot.hpp"

namespace busbar::gateway {

// One device of the running site: what is configured, what it told about itself when it opened, what its profile says.
struct DeviceFacts {
    config::DeviceConfig config;
    std::size_t slot = 0;  // its index in the image
    device::DeviceInfo info;
    std::string problem;  // why it could not even be made; empty otherwise
    std::string doubt{};  // what is wrong with what is said about it, although it runs; empty: nothing
    api::Verified verified = api::Verified::documented;
    std::vector<api::FallbackView> fallback;
    // What it asks of its bus: from its profile, and from its own plan once it has opened. Null: it is not asked.
    std::shared_ptr<const bus::budget::Load> load{};
};

struct BusFacts {
    config::BusConfig config;
    bus::BusStatistics statistics;
};

struct FieldReport {
    std::shared_ptr<const config::SiteConfig> site;  // as it runs, but for devices that come or go this moment
    std::shared_ptr<const live::LiveImage> image;
    std::shared_ptr<const std::vector<DeviceFacts>> facts;  // in the site's order; all that run
    std::shared_ptr<const std::vector<BusFacts>> buses;     // in the site's order; all that run
    std::shared_ptr<const std::vector<std::shared_ptr<const control::Decision>>> decisions;  // oldest first
    std::shared_ptr<const std::vector<model::Fault>> faults;                                 // oldest first
    model::Snapshot snapshot;
    control::CycleStatistics cycle;
    control::Settings settings;
    std::optional<double> feed_in_limit_w;
    bool is_limiting = false;
};

}  // namespace busbar::gateway
