#pragma once
// An immutable copy of the live state at one instant, made on the field loop and handed to the service loop (API, live
// socket, uplink) as shared_ptr<const LiveImage>: the readers need no lock and cannot delay control.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/device_state.hpp"
#include "model/reading.hpp"

namespace busbar::live {

// One point of one device as live state and its readers know it.
struct PointSpec {
    model::RoleKey role;
    double resolution = 1;   // smallest step, in the role's unit
    Duration stale_after{};  // older than this, a reading is no value any more; zero: default_stale_after
};
inline constexpr Duration default_stale_after = std::chrono::seconds(60);

using model::DeviceState;

struct DeviceStatus {
    DeviceState state = DeviceState::starting;
    Instant since{};      // when this state began
    Instant last_data{};  // newest good reading; meaningless until has_data
    bool has_data = false;
    std::string problem;  // for people, empty when well
};

// What changes seldom: devices and their points. Shared between images until a device opens with other points.
struct Layout {
    struct Device {
        model::DeviceId id;  // empty: this index is free
        std::vector<PointSpec> points;
        std::size_t first = 0;  // index of its first reading in LiveImage::readings
    };
    std::uint64_t version = 0;  // grows with every change
    std::vector<Device> devices;
};

struct LiveImage {
    Instant at{};
    WallTime wall{};
    std::uint64_t revision = 0;  // grows with every reading and status change
    std::shared_ptr<const Layout> layout;
    std::vector<model::Reading> readings;  // device after device, in the order of the layout
    std::vector<std::uint64_t> revisions;  // per reading: image revision that brought its newest value
    std::vector<DeviceStatus> devices;

    const model::Reading& reading(std::size_t device, std::size_t point) const {
        return readings[layout->devices[device].first + point];
    }
};

}  // namespace busbar::live
