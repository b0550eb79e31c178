#pragma once
// The device at the other end of a capture: answers recorded requests with the recorded answers, in their order and
// after the time they took then; the last one again and again. A read that was asked differently is answered from the
// registers the capture shows (their newest values), anything else of a recorded unit with exception 2; other units are
// silent, and so is a unit where it was in the recording.
//
// Used by tests on virtual time: a recording replays through the real bus and driver. Not a simulator: writes change
// nothing.
#include <map>
#include <memory>

#include "base/loop.hpp"
#include "bus/link/link.hpp"
#include "device/capture/capture.hpp"

namespace busbar::device {

class CaptureReplay {
public:
    // Orders of the capture are left out.
    explicit CaptureReplay(const Capture& capture);

    struct Answer {
        Bytes pdu;
        std::optional<Duration> took;  // last byte to last byte, if it was recorded
    };
    // Nothing: silence.
    std::optional<Answer> answer(std::uint8_t unit, ByteView pdu);

    // Serves the far end of a link until the loop ends. `character`: the line's pace, 0 on TCP; part of `took`.
    static void serve(Loop& loop, std::unique_ptr<bus::Link> link, std::shared_ptr<CaptureReplay> replay,
                      CaptureFraming framing, Duration character);

private:
    struct Recorded {
        std::vector<std::optional<Answer>> answers;  // empty ones: silence
        std::size_t next = 0;
    };
    using Request = std::pair<std::uint8_t, Bytes>;                          // unit, PDU
    using Register = std::tuple<std::uint8_t, std::uint8_t, std::uint16_t>;  // unit, function that reads it, address

    void remember(const CapturedExchange& exchange);
    std::optional<Answer> from_registers(std::uint8_t unit, ByteView pdu) const;

    std::map<Request, Recorded> recorded_;
    std::map<Register, std::uint16_t> registers_;
    std::array<bool, 256> is_there_{};
};

}  // namespace busbar::device
