#pragma once
// A whole gateway's field side against a whole simulated plant, inside one process on virtual time: Modbus masters on
// loopback wires that are as slow as real ones, devices from profiles, live state, the control cycle. Only links and
// time are not the production ones.
#include <memory>
#include <string>
#include <vector>

#include "base/virtual_loop.hpp"
#include "bus/master/modbus_master.hpp"
#include "control/cycle.hpp"
#include "device/registry.hpp"
#include "plant/devices/serve.hpp"

namespace busbar::closed_loop {

class ClosedLoop {
public:
    // Errors: what scenario, traces or profiles have to complain about. Profiles are read from profiles/, what the
    // scenario measures from `traces`.
    static Result<std::unique_ptr<ClosedLoop>> create(const std::string& plant_file, std::uint64_t seed,
                                                      const std::string& traces = {});

    void run_for(Duration time);
    // As long as the scenario says.
    void run();

    VirtualLoop& loop() { return loop_; }
    plant::World& world() { return *world_; }
    live::LiveState& live() { return live_; }
    control::Cycle& cycle() { return *cycle_; }
    device::Registry& registry() { return *registry_; }
    bus::BusStatistics statistics(std::size_t line) const { return masters_[line]->statistics(); }

private:
    explicit ClosedLoop(std::unique_ptr<plant::World> world)
        : loop_(world->scenario().start), world_(std::move(world)) {}
    Status connect(plant::Line& line);
    Status add_device(const plant::Line::Place& place, bus::ModbusBus& bus);
    device::RegistryEvents events();
    Task<void> follow_wishes();

    VirtualLoop loop_;  // outlives everything that waits on it
    std::unique_ptr<plant::World> world_;
    live::LiveState live_;
    std::vector<std::unique_ptr<bus::LoopbackLink>> far_ends_;
    std::vector<std::unique_ptr<bus::ModbusMaster>> masters_;
    std::unique_ptr<device::Registry> registry_;
    control::Site site_;
    std::unique_ptr<control::Cycle> cycle_;
};

}  // namespace busbar::closed_loop
