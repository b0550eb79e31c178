#pragma once
// What busbar-plant tells others: where its endpoints are (for people's scripts and as a gateway's site.yaml), and in
// the end what happened.
#include <map>
#include <string>

#include "plant/truth.hpp"
#include "plant/world.hpp"

namespace busbar::plant_app {

// Where a line can be reached.
struct Endpoint {
    std::string path;        // serial: of the symbolic link
    std::uint16_t port = 0;  // tcp, on 127.0.0.1
};
using Endpoints = std::map<std::string, Endpoint>;  // by line id

std::string endpoints_json(plant::World& world, const Endpoints& endpoints);
std::string site_yaml(plant::World& world, const Endpoints& endpoints);
std::string report_json(plant::World& world, std::uint64_t seed);
// What every device measured from then to now, {"from_ms": ..., "at_ms": ..., "devices": {id: {role: [lowest, highest,
// resolution]}}}: for whoever wants to compare it with what a gateway says. Begins the next stretch.
std::string truth_json(plant::Truth& truth, WallTime from, WallTime now);
// For people, one line per device.
std::string summary(plant::World& world, const Endpoints& endpoints);

}  // namespace busbar::plant_app
