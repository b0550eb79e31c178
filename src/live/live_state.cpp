#include "live/live_state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"

namespace busbar::live {

Result<DeviceIndex> LiveState::add_device(model::DeviceId id) {
    BUSBAR_ASSERT(!id.empty());
    const auto free = std::find_if(devices_.begin(), devices_.end(), [](const Device& d) { return d.id.empty(); });
    const auto index = static_cast<DeviceIndex>(free - devices_.begin());
    if (free == devices_.end()) {
        if (devices_.size() >= max_devices)
            return fail(Errc::out_of_range, fmt::format("{}: more than {} devices", id, max_devices));
        devices_.emplace_back();
    }
    devices_[index].id = std::move(id);
    ++layout_version_;
    ++revision_;
    return index;
}

void LiveState::remove_device(DeviceIndex index) {
    BUSBAR_ASSERT(index < devices_.size());
    devices_[index] = {};
    if (grid_device_ == index) grid_device_.reset();
    ++layout_version_;
    ++revision_;
}

Status LiveState::set_points(DeviceIndex index, std::span<const PointSpec> points) {
    BUSBAR_ASSERT(index < devices_.size());
    Device& device = devices_[index];
    if (points.size() > max_points)
        return fail(Errc::out_of_range, fmt::format("{}: {} points, at most {}", device.id, points.size(), max_points));
    std::vector<Slot> slots(points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        if (const auto old = find(index, points[i].role)) slots[i] = device.slots[*old];
    device.points.assign(points.begin(), points.end());
    for (PointSpec& point : device.points)
        if (point.stale_after <= Duration{0}) point.stale_after = default_stale_after;
    device.slots = std::move(slots);
    device.grid_power = find(index, {model::Role::meter_power, 0});
    ++layout_version_;
    ++revision_;
    return ok();
}

void LiveState::update(DeviceIndex index, PointIndex point, const model::Reading& reading) {
    BUSBAR_ASSERT(index < devices_.size());
    Device& device = devices_[index];
    if (point >= device.slots.size()) return;
    Slot& slot = device.slots[point];
    if (slot.reading.quality != model::Quality::unknown && reading.at < slot.reading.at) return;
    slot.reading = reading;
    slot.revision = ++revision_;
    if (reading.quality != model::Quality::good) return;
    device.status.last_data = std::max(device.status.last_data, reading.at);
    device.status.has_data = true;
    if (grid_device_ == index && device.grid_power == point) grid_event_.set();
}

void LiveState::set_state(DeviceIndex index, DeviceState state, Instant now, std::string problem) {
    BUSBAR_ASSERT(index < devices_.size());
    DeviceStatus& status = devices_[index].status;
    if (status.state != state) status.since = now;
    status.state = state;
    status.problem = std::move(problem);
    ++revision_;
}

std::optional<PointIndex> LiveState::find(DeviceIndex index, model::RoleKey role) const {
    const auto& points = devices_[index].points;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].role == role) return static_cast<PointIndex>(i);
    return std::nullopt;
}

const model::Reading& LiveState::reading(DeviceIndex device, PointIndex point) const {
    BUSBAR_ASSERT(device < devices_.size() && point < devices_[device].slots.size());
    return devices_[device].slots[point].reading;
}

std::optional<model::Reading> LiveState::fresh(DeviceIndex device, model::RoleKey role, Instant now) const {
    const auto point = find(device, role);
    if (!point) return std::nullopt;
    const model::Reading& found = reading(device, *point);
    if (!found.fresh(now, devices_[device].points[*point].stale_after)) return std::nullopt;
    return found;
}

std::shared_ptr<const LiveImage> LiveState::image(Instant now, WallTime wall) const {
    if (image_ && image_->revision == revision_ && image_->at == now) return image_;
    if (!layout_ || layout_->version != layout_version_) {
        auto layout = std::make_shared<Layout>();
        layout->version = layout_version_;
        std::size_t first = 0;
        for (const Device& device : devices_) {
            layout->devices.push_back({device.id, device.points, first});
            first += device.points.size();
        }
        layout_ = std::move(layout);
    }
    auto copy = std::make_shared<LiveImage>();
    copy->at = now;
    copy->wall = wall;
    copy->revision = revision_;
    copy->layout = layout_;
    const std::size_t readings =
        layout_->devices.empty() ? 0 : layout_->devices.back().first + layout_->devices.back().points.size();
    copy->readings.reserve(readings);
    copy->revisions.reserve(readings);
    copy->devices.reserve(devices_.size());
    for (const Device& device : devices_) {
        copy->devices.push_back(device.status);
        for (const Slot& slot : device.slots) {
            copy->readings.push_back(slot.reading);
            copy->revisions.push_back(slot.revision);
        }
    }
    image_ = std::move(copy);
    return image_;
}

}  // namespace busbar::live
