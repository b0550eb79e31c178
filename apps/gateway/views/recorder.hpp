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
    // One poll, one common time, that of its newest answer: docs/formats/chunk.md says why. What open() had read is
    // handed out later and keeps its time. `now` and `wall` are the same moment. Invalid readings become gaps.
    void polled(std::size_t device, const device::PollResult& result, Instant now, WallTime wall);

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
