// A capture of anything is refused with its reason, or replays: every request it holds is answered or met with silence.
#include <cstdint>
#include <cstdlib>

#include "device/capture/capture_replay.hpp"

using namespace busbar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto capture = device::parse_capture(as_text({data, size}));
    if (!capture) {
        if (capture.error().text.empty()) std::abort();
        return 0;
    }
    device::CaptureReplay replay(*capture);
    for (const auto& e : capture->exchanges) {
        if (e.request.empty() || e.request.size() > 253 || e.answer.size() > 253) std::abort();
        const auto answer = replay.answer(e.unit, e.request);
        if (answer.has_value() != !e.answer.empty()) std::abort();  // in the recorded order
    }
    return 0;
}
