#pragma once
// Capture files (docs/formats/capture.md): frames of a bus and what they mean. Written by hand or by an independent
// program beside each profile, or from the monitor of a running bus; a recording replays as a test
// (capture_replay.hpp). Used by tests, tools and the debug channel.
//
// Pure: text in, data out, and back. What is read comes from anywhere: every error names its line, and a file that was
// cut off is told from one that ends.
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "bus/health/frame_tap.hpp"
#include "model/role.hpp"

namespace busbar::device {

enum class CaptureFraming : std::uint8_t { rtu, tcp };

// A request and its answer, without address, checksum and header; those were right.
struct CapturedExchange {
    std::uint8_t unit = 0;
    Bytes request, answer;                    // PDUs; `answer` is empty when none came
    std::optional<Duration> asked, answered;  // last bytes, since the recording began
    std::size_t line = 0;                     // of the file
};

// A setpoint and the frames it must send.
struct CapturedOrder {
    bool is_release = false;
    model::RoleKey role;
    double value = 0;                // apply: in the role's unit
    std::optional<double> in_force;  // apply: what the device makes of it, if not `value`
    Duration lease{};                // apply: how long it holds
    std::vector<CapturedExchange> frames;
};

struct Capture {
    std::string name;  // of a profile, or of the bus that was recorded
    std::string origin;
    std::string recorded;              // when, UTC; empty: not a recording
    std::optional<std::uint8_t> unit;  // of all frames; none: any
    CaptureFraming framing = CaptureFraming::rtu;
    std::map<std::string, std::string> identity;  // maker, model, serial, firmware
    std::vector<CapturedExchange> exchanges;      // before the first order
    std::map<std::string, double> readings;       // by role
    std::set<std::string> unknown;                // roles
    std::vector<CapturedOrder> orders;
};

// Errors: malformed ("line 12: the checksum of this frame is wrong: ..."), out_of_range (too long, too many).
Result<Capture> parse_capture(std::string_view text);

struct RecordingNotes {
    std::string name;      // profile, or "bus rs485-1"
    std::string origin;    // "Recorded by Busbar 0.3 on rs485-1, /dev/ttyUSB0 9600 8N1"
    std::string recorded;  // "2026-11-21T19:30:00Z", the first frame
    CaptureFraming framing = CaptureFraming::rtu;
    std::optional<std::uint8_t> unit;  // only this one's frames
    std::uint64_t lost = 0;            // frames that were overwritten before they were read
};
// A recording that parse_capture() takes. Answers to requests from before the first frame are left out.
std::string write_capture(std::span<const bus::TappedFrame> frames, const RecordingNotes& notes);

}  // namespace busbar::device
