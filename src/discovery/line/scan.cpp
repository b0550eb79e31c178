#include "discovery/line/scan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace busbar::discovery {

std::string to_string(const LineSettings& line) {
    return fmt::format("{} 8{}{}", line.baud, line.parity, line.stop_bits);
}

std::vector<LineSettings> settings_to_try(const LineSettings& own, const std::vector<std::uint32_t>& bauds) {
    std::vector<LineSettings> tried{own};
    const auto add = [&](std::uint32_t baud, char parity, int stop_bits) {
        const LineSettings one{baud, parity, stop_bits};
        if (std::ranges::find(tried, one) == tried.end()) tried.push_back(one);
    };
    for (const std::uint32_t baud : bauds) add(baud, own.parity, own.stop_bits);
    for (const char parity : {'N', 'E'}) {
        if (!bauds.empty()) add(own.baud, parity, 1);
        for (const std::uint32_t baud : bauds) add(baud, parity, 1);
    }
    tried.erase(tried.begin());
    return tried;
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
