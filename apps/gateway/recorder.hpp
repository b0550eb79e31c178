#pragma once
// Turns poll results into history samples. Field loop only; handing over never waits: the engine's queue is bounded and
// counts what it could not take.
#include <vector>

#include "device/device.hpp"
#include "history/engine.hpp"

namespace busbar::gateway {

class Recorder {
public:
    explicit Recorder(history::Engine& engine) : engine_(engine) {}

    // Each point of an opened device becomes the series "<device>/<role>".
    void opened(std::size_t device, const device::DeviceInfo& info);
    // One poll, one common time: docs/formats/chunk.md says why. Invalid readings become gaps.
    void polled(std::size_t device, const device::PollResult& result, WallTime at);

private:
    struct Target {
        history::SeriesId series = history::no_series;
        double resolution = 1;
    };
    history::Engine& engine_;
    std::vector<std::vector<Target>> targets_;  // device, point
    std::vector<history::Sample> samples_;      // reused
};

}  // namespace busbar::gateway
