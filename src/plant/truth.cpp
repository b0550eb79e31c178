#include "plant/truth.hpp"

#include <algorithm>

namespace busbar::plant {
namespace {

template <class Action>
void each_point(World& world, Action action) {
    std::size_t i = 0;
    for (Line& line : world.lines())
        for (SimulatedDevice& device : line.devices())
            for (const profile::Point& point : device.profile().points) action(i++, device, point);
}

}  // namespace

Truth::Truth(World& world) : world_(world) {
    each_point(world_, [&](std::size_t, SimulatedDevice&, const profile::Point&) { spans_.emplace_back(); });
    see();
    world_.on_tick([this] { see(); });
}

Truth::~Truth() { world_.on_tick({}); }

void Truth::see() {
    each_point(world_, [&](std::size_t i, SimulatedDevice& device, const profile::Point& point) {
        const std::optional<double> now = device.measures(point);
        if (!now) return;
        auto& span = spans_[i];
        span = span ? Span{std::min(span->low, *now), std::max(span->high, *now)} : Span{*now, *now};
    });
}

void Truth::tell(const Visit& visit) {
    each_point(world_, [&](std::size_t i, SimulatedDevice& device, const profile::Point& point) {
        if (spans_[i]) visit(device, point, *spans_[i]);
        spans_[i].reset();
    });
    see();
}

}  // namespace busbar::plant
