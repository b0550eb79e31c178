#pragma once
// What the field loop tells the service loop after each control cycle: one immutable value, so that no reader needs a
// lock and none can delay control. Parts that change seldom are shared between reports.
#include <memory>
#include <vector>

#include "api/views.hpp"
#include "bus/modbus_bus.hpp"
#include "control/cycle.hpp"
#include "control/decision_log.hpp"
#include "live/live_image.hpp"
#include "model/fault.hpp"
#include "model/snapshot.hpp"

namespace busbar::gateway {

// What a device told about itself when it opened, and what its profile says.
struct DeviceFacts {
    device::DeviceInfo info;
    api::Verified verified = api::Verified::documented;
    std::vector<api::FallbackView> fallback;
};

struct FieldReport {
    std::shared_ptr<const live::LiveImage> image;
    std::shared_ptr<const std::vector<DeviceFacts>> facts;  // device i of the image
    std::shared_ptr<const std::vector<bus::BusStatistics>> buses;
    std::vector<std::shared_ptr<const control::Decision>> decisions;  // oldest first
    std::shared_ptr<const std::vector<model::Fault>> faults;          // oldest first
    model::Snapshot snapshot;
    control::CycleStatistics cycle;
    control::Settings settings;
    std::optional<double> feed_in_limit_w;
    bool is_limiting = false;
};

}  // namespace busbar::gateway
