#include "strategy/ac_trail.hpp"

#include <algorithm>

namespace busbar::strategy {
namespace {

constexpr Duration skew = std::chrono::milliseconds(1200);  // most a device's reading may lie beside the grid's

}  // namespace

void AcTrail::note(model::Measured ac) {
    if (count_ > 0 && newest().at == ac.at) {
        readings_[count_ - 1] = ac;
        return;
    }
    if (count_ == capacity) {
        std::move(readings_.begin() + 1, readings_.end(), readings_.begin());
        --count_;
    }
    readings_[count_++] = ac;
}

Range AcTrail::at(Instant t, double cap_w) const {
    if (count_ == 0) return {cap_w, cap_w};
    Range range{newest().value, newest().value};
    for (std::size_t i = 0; i < count_; ++i) {
        if (readings_[i].at < t - skew) continue;
        range.low = std::min(range.low, readings_[i].value);
        range.high = std::max(range.high, readings_[i].value);
    }
    if (newest().at < t) range = {std::min(range.low, cap_w), std::max(range.high, cap_w)};
    return range;
}

double AcTrail::fall_since(Instant from) const {
    if (count_ == 0) return 0;
    double highest = newest().value;
    for (std::size_t i = 0; i < count_; ++i)
        if (readings_[i].at >= from) highest = std::max(highest, readings_[i].value);
    return highest - newest().value;
}

}  // namespace busbar::strategy
