#include "api/json/points_json.hpp"

#include <algorithm>

namespace busbar::api {
namespace {
using live::LiveImage;
using model::Quality;

std::string_view kind_name(model::RoleKind kind) {
    constexpr std::string_view names[] = {"state", "counter", "setting", "setpoint"};
    return names[static_cast<std::size_t>(kind)];
}

void write_age(JsonWriter& json, const model::Reading& reading, Instant now) {
    if (reading.quality == Quality::unknown) {
        json.null();
        return;
    }
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - reading.at);
    json.integer(std::max<std::int64_t>(age.count(), 0));
}

void write_value(JsonWriter& json, const model::Reading& reading, double resolution) {
    reading.quality == Quality::good ? json.number(reading.value, Decimals(resolution)) : json.null();
}

std::string_view text_of(const LiveView& view, std::uint32_t index) {
    const auto found = std::lower_bound(view.texts.begin(), view.texts.end(), index,
                                        [](const auto& entry, std::uint32_t i) { return entry.first < i; });
    return found != view.texts.end() && found->first == index ? std::string_view(found->second) : std::string_view{};
}

void write_point(JsonWriter& json, const LiveView& view, const live::Layout::Device& device, std::size_t point) {
    const auto& spec = device.points[point];
    const auto& reading = view.image->readings[device.first + point];
    const auto& role = model::info(spec.role.role);
    const std::string key = model::to_string(spec.role);
    json.begin_object().key("id").text(device.id + "/" + key).key("device").text(device.id).key("role").text(key);
    json.key("unit").text(model::to_string(role.unit)).key("kind").text(kind_name(role.kind)).key("value");
    write_value(json, reading, spec.resolution);
    json.key("quality").text(to_string(quality_at(reading, spec, view.image->at))).key("age_ms");
    write_age(json, reading, view.image->at);
    json.key("text").text_or_null(text_of(view, static_cast<std::uint32_t>(device.first + point))).end_object();
}

bool has_changed(const LiveView& before, const LiveView& now, const live::PointSpec& spec, std::size_t i,
                 const LiveView* ages) {
    const auto& a = before.image->readings[i];
    const auto& b = now.image->readings[i];
    if (quality_at(a, spec, before.image->at) != quality_at(b, spec, now.image->at)) return true;
    if (b.quality == Quality::good && a.value != b.value) return true;
    return ages && ages->image->readings[i].at != b.at;
}
}  // namespace

std::string_view to_string(PointQuality quality) {
    constexpr std::string_view names[] = {"good", "stale", "invalid", "unknown"};
    return names[static_cast<std::size_t>(quality)];
}

PointQuality quality_at(const model::Reading& reading, const live::PointSpec& spec, Instant now) {
    if (reading.quality == Quality::unknown) return PointQuality::unknown;
    if (reading.quality == Quality::invalid) return PointQuality::invalid;
    const auto limit = spec.stale_after > Duration{} ? spec.stale_after : live::default_stale_after;
    return now - reading.at > limit ? PointQuality::stale : PointQuality::good;
}

bool write_points(JsonWriter& json, const LiveView& view, std::optional<std::string_view> wanted) {
    bool found = !wanted;
    json.begin_array();
    for (const auto& device : view.image->layout->devices) {
        if (wanted && device.id != *wanted) continue;
        found = true;
        for (std::size_t p = 0; p < device.points.size(); ++p) write_point(json, view, device, p);
    }
    json.end_array();
    return found;
}

void write_changes(JsonWriter& json, const LiveView& before, const LiveView& now, const LiveView* ages) {
    json.begin_array();
    for (const auto& device : now.image->layout->devices) {
        for (std::size_t p = 0; p < device.points.size(); ++p) {
            const auto i = device.first + p;
            const auto& spec = device.points[p];
            if (!has_changed(before, now, spec, i, ages)) continue;
            const auto& reading = now.image->readings[i];
            json.begin_array().text(device.id + "/" + model::to_string(spec.role));
            write_value(json, reading, spec.resolution);
            json.text(to_string(quality_at(reading, spec, now.image->at)));
            write_age(json, reading, now.image->at);
            if (const auto text = text_of(now, static_cast<std::uint32_t>(i)); !text.empty()) json.text(text);
            json.end_array();
        }
    }
    json.end_array();
}

}  // namespace busbar::api
