#include "views/recorder.hpp"

#include <algorithm>
#include <cmath>

#include "base/log.hpp"

namespace busbar::gateway {
namespace {

// How long ago the newest answer came; a result without one is as old as now.
Duration age_of(const device::PollResult& result, Instant now) {
    Instant newest{};
    for (const auto& one : result.readings)
        if (one.reading.quality == model::Quality::good) newest = std::max(newest, one.reading.at);
    return newest == Instant{} ? Duration{0} : std::max(now - newest, Duration{0});
}

}  // namespace

void Recorder::opened(std::size_t device, const device::DeviceInfo& info) {
    if (targets_.size() <= device) targets_.resize(device + 1);
    auto& targets = targets_[device];
    targets.assign(info.points.size(), {});
    for (std::size_t i = 0; i < info.points.size(); ++i) {
        const auto& point = info.points[i];
        const std::string key = info.id + "/" + to_string(point.role);
        const auto series = engine_.series(key, to_string(model::info(point.role.role).unit), point.resolution);
        if (series)
            targets[i] = {*series, point.resolution};
        else
            log(Level::error, "history", key + " is not kept: " + series.error().text);
    }
}

void Recorder::polled(std::size_t device, const device::PollResult& result, Instant now, WallTime wall) {
    if (device >= targets_.size()) return;
    const WallTime at = wall - std::chrono::duration_cast<std::chrono::milliseconds>(age_of(result, now));
    samples_.clear();
    for (const auto& one : result.readings) {
        if (one.point >= targets_[device].size()) continue;
        const Target& target = targets_[device][one.point];
        if (target.series == history::no_series) continue;
        const double raw = one.reading.value / target.resolution;
        const bool is_value = one.reading.quality == model::Quality::good && std::abs(raw) < 9e18;
        samples_.push_back(is_value ? history::value_of(target.series, to_ms(at), std::llround(raw))
                                    : history::gap_of(target.series, to_ms(at)));
    }
    if (samples_.empty()) return;
    samples_.front().starts_row = true;
    engine_.append(samples_);
}

}  // namespace busbar::gateway
