#pragma once
// What every device of a plant measured since somebody last asked: the lowest and the highest of each point, with no
// tick of the physics left out. For whoever holds a gateway's values against what was there: a value that was read in
// this time lies between both, give or take the resolution of the device's registers.
//
// Listens to World::on_tick; the world outlives it.
#include <functional>
#include <optional>
#include <vector>

#include "plant/world.hpp"

namespace busbar::plant {

class Truth {
public:
    explicit Truth(World& world);
    ~Truth();
    Truth(const Truth&) = delete;
    Truth& operator=(const Truth&) = delete;

    struct Span {
        double low, high;  // in the unit of the role
    };
    // Every point that was measured since the last call (the moment of that call included), device by device.
    using Visit = std::function<void(const SimulatedDevice&, const profile::Point&, Span)>;
    void tell(const Visit& visit);

private:
    void see();

    World& world_;
    std::vector<std::optional<Span>> spans_;  // in the order of lines, devices, points
};

}  // namespace busbar::plant
