#include "discovery/line/scan.hpp"

#include <fmt/format.h>

namespace busbar::discovery {

std::string to_string(const LineSettings& line) {
    return fmt::format("{} 8{}{}", line.baud, line.parity, line.stop_bits);
}

std::string_view to_string(Certainty certainty) {
    switch (certainty) {
        case Certainty::identified:
            return "identified";
        case Certainty::candidates:
            return "candidates";
        case Certainty::doubtful:
            return "doubtful";
        case Certainty::unknown:
            return "unknown";
        case Certainty::known:
            return "known";
    }
    return "unknown";
}

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::idle:
            return "idle";
        case Phase::running:
            return "running";
        case Phase::cancelling:
            return "cancelling";
        case Phase::done:
            return "done";
    }
    return "idle";
}

}  // namespace busbar::discovery
