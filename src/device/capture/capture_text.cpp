// From the frames of a tap to a capture file.
#include <fmt/format.h>

#include <algorithm>

#include "device/capture/capture.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::device {
namespace {

constexpr std::size_t bytes_per_line = 32;

std::string_view word_of(bus::FrameVerdict verdict) {
    switch (verdict) {
        case bus::FrameVerdict::timeout:
            return "timeout";
        case bus::FrameVerdict::bad_checksum:
            return "bad_checksum";
        case bus::FrameVerdict::mismatch:
            return "mismatch";
        case bus::FrameVerdict::late:
            return "late";
        case bus::FrameVerdict::foreign:
        case bus::FrameVerdict::ok:
            break;
    }
    return "foreign";
}

// Text of the user's, or of a device's, on one line.
std::string one_line(std::string_view text) {
    std::string line(text.substr(0, 500));
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return line;
}

void write_frame(std::string& out, const bus::TappedFrame& f, Duration at) {
    const bool is_odd = f.verdict != bus::FrameVerdict::ok;
    out += is_odd ? '!' : f.direction == bus::FrameDirection::request ? '>' : '<';
    out += fmt::format(" @{:.6f}", to_seconds(at));
    if (is_odd) out += fmt::format(" {}", word_of(f.verdict));
    std::size_t on_line = 0;
    for (const std::uint8_t byte : f.view()) {
        if (on_line++ == bytes_per_line) {
            out += "\n ";
            on_line = 1;
        }
        out += fmt::format(" {:02X}", byte);
    }
    out += '\n';
    if (f.size > f.view().size()) out += fmt::format("# the first {} of {} bytes\n", f.view().size(), f.size);
}

// Which requests wait for their answer. Modbus/TCP numbers them; on a serial line it is the last one.
class Waiting {
public:
    explicit Waiting(CaptureFraming framing) : framing_(framing) {}

    // False for an answer to a request that is not in the recording.
    bool take(const bus::TappedFrame& f) {
        if (f.verdict != bus::FrameVerdict::ok) return true;
        const std::uint16_t number = number_of(f.view());
        const bool is_known = std::erase(numbers_, number) > 0;
        if (f.direction == bus::FrameDirection::answer) return is_known;
        numbers_.push_back(number);
        return true;
    }

private:
    std::uint16_t number_of(ByteView frame) const {
        if (framing_ == CaptureFraming::rtu || frame.size() < wire::mbap_size) return 0;
        return static_cast<std::uint16_t>(frame[0] << 8 | frame[1]);
    }
    CaptureFraming framing_;
    std::vector<std::uint16_t> numbers_;
};

}  // namespace

std::string write_capture(std::span<const bus::TappedFrame> frames, const RecordingNotes& notes) {
    std::string out = "# Format: docs/formats/capture.md\n";
    out += fmt::format("capture {}\n", one_line(notes.name));
    out += fmt::format("origin \"{}\"\n", one_line(notes.origin));
    out += fmt::format("recorded {}\n", one_line(notes.recorded));
    if (notes.unit) out += fmt::format("unit {}\n", *notes.unit);
    out += fmt::format("framing {}\n\n", notes.framing == CaptureFraming::tcp ? "tcp" : "rtu");
    if (notes.lost > 0) out += fmt::format("# {} frames are missing before the first one here\n", notes.lost);
    const std::size_t address_at = notes.framing == CaptureFraming::tcp ? wire::mbap_size - 1 : 0;
    Waiting waiting(notes.framing);
    for (const bus::TappedFrame& f : frames) {
        const ByteView bytes = f.view();
        // What has no address belongs to nobody in particular.
        if (notes.unit && bytes.size() > address_at && bytes[address_at] != *notes.unit) continue;
        if (waiting.take(f)) write_frame(out, f, std::max(Duration{0}, f.at - frames.front().at));
    }
    out += "end\n";
    return out;
}

}  // namespace busbar::device
