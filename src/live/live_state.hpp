#pragma once
// The newest reading of every point, in one place. Poll loops write it, the control cycle reads it, the service loop
// gets images of it. Field loop only. Devices come and go; the index of one stays while it is there, and a free index
// goes to the next one. A device's points are set when it opened (models found by a walk are not known before).
// update() never allocates and costs one store; memory is bounded by devices x points.
//
// It keeps no history and decides nothing: whether a value is fresh is asked with an Instant at the moment of use.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/loop.hpp"
#include "base/result.hpp"
#include "live/live_image.hpp"

namespace busbar::live {

using DeviceIndex = std::uint16_t;
using PointIndex = std::uint16_t;

class LiveState {
public:
    static constexpr std::size_t max_devices = 256;
    static constexpr std::size_t max_points = 2048;  // per device

    // At the first free index. `id` is not empty. Errors: out_of_range when there are too many devices.
    Result<DeviceIndex> add_device(model::DeviceId id);
    // Its values are gone at once; its index has an empty id and no points until another device takes it.
    void remove_device(DeviceIndex device);
    // Replaces the points of a device; readings of points that stay keep their value. Errors: out_of_range.
    Status set_points(DeviceIndex device, std::span<const PointSpec> points);
    // The reading whose arrival sets grid_event(): role meter.power of the site's grid meter.
    void set_grid_meter(std::optional<DeviceIndex> device) { grid_device_ = device; }

    // A point index the device does not have is ignored. Instants of one point never go back: an older reading is
    // ignored.
    void update(DeviceIndex device, PointIndex point, const model::Reading& reading);
    void set_state(DeviceIndex device, DeviceState state, Instant now, std::string problem = {});

    std::size_t device_count() const { return devices_.size(); }  // free indexes included
    const model::DeviceId& id(DeviceIndex device) const { return devices_[device].id; }
    const DeviceStatus& status(DeviceIndex device) const { return devices_[device].status; }
    std::span<const PointSpec> points(DeviceIndex device) const { return devices_[device].points; }
    std::optional<PointIndex> find(DeviceIndex device, model::RoleKey role) const;
    const model::Reading& reading(DeviceIndex device, PointIndex point) const;
    // The good and fresh reading of a role, by the point's own stale_after; nullopt: unknown.
    std::optional<model::Reading> fresh(DeviceIndex device, model::RoleKey role, Instant now) const;

    std::uint64_t revision() const { return revision_; }
    // Set whenever a new good grid power reading arrives. One waiter: the control cycle.
    Event& grid_event() { return grid_event_; }
    // shared_ptr because the service loop reads it for as long as it likes. Time goes on
    // in it also when nothing changes: ages are told from `now`. Calls of one instant share one image.
    std::shared_ptr<const LiveImage> image(Instant now, WallTime wall) const;

private:
    struct Slot {
        model::Reading reading;
        std::uint64_t revision = 0;
    };
    struct Device {
        model::DeviceId id;
        DeviceStatus status;
        std::vector<PointSpec> points;
        std::vector<Slot> slots;
        std::optional<PointIndex> grid_power;  // cached position of meter.power
    };

    std::vector<Device> devices_;
    std::optional<DeviceIndex> grid_device_;
    std::uint64_t revision_ = 0;
    std::uint64_t layout_version_ = 0;
    Event grid_event_;
    mutable std::shared_ptr<const Layout> layout_;
    mutable std::shared_ptr<const LiveImage> image_;
};

}  // namespace busbar::live
