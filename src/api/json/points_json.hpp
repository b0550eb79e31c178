#pragma once
// Points of a live view as JSON: whole for /points and the socket's hello, changes only for its updates. Staleness is
// decided here, at the view's instant, by each point's own limit.
#include <optional>
#include <string>
#include <string_view>

#include "api/json/json_writer.hpp"
#include "api/views.hpp"

namespace busbar::api {

enum class PointQuality : std::uint8_t { good, stale, invalid, unknown };
std::string_view to_string(PointQuality quality);
PointQuality quality_at(const model::Reading& reading, const live::PointSpec& spec, Instant now);

// An array of `Point`; of one device, or of all. False when there is no such device (an empty array was written).
bool write_points(JsonWriter& json, const LiveView& view, std::optional<std::string_view> device);

// An array of `PointChange`: what differs from `before`, a view of the same layout. With `ages`, an older view of the
// same layout: also what was only read again since then, so that its age is known anew.
void write_changes(JsonWriter& json, const LiveView& before, const LiveView& now, const LiveView* ages);

}  // namespace busbar::api
