#include "base/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>

namespace busbar {
namespace {

std::atomic<Level> least_level{Level::info};

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warning: return "warning";
        case Level::error: return "error";
    }
    return "error";
}

// sd-daemon(3) prefixes.
int priority_of(Level level) {
    switch (level) {
        case Level::debug: return 7;
        case Level::info: return 6;
        case Level::warning: return 4;
        case Level::error: return 3;
    }
    return 3;
}

// Bytes of the UTF-8 sequence that starts here, 0 when it is none (also for control characters).
std::size_t sequence_length(std::string_view rest) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
    const std::size_t n = first >= 0xF0 && first <= 0xF4 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (n == 0 || first > 0xF4 || rest.size() < n) return 0;
    for (std::size_t i = 1; i < n; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    if (first == 0xC2 && byte(1) < 0xA0) return 0;                      // C1 controls
    if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90)) return 0;  // overlong
    if ((first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F)) return 0;  // no character
    if (first == 0xE2 && byte(1) == 0x80 && (byte(2) >= 0xA8 && byte(2) <= 0xAE)) return 0;  // line ends, direction marks
    return n;
}

}  // namespace

void set_log_level(Level least) { least_level = least; }

std::string printable(std::string_view text, std::size_t longest) {
    std::string out;
    out.reserve(std::min(text.size(), longest));
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t n = sequence_length(text.substr(i));
        const std::string_view shown = n ? text.substr(i, n) : text[i] == '\n' ? "; " : "?";
        if (out.size() + shown.size() > longest) break;
        out += shown;
        i += n ? n : 1;
    }
    return out;
}

void log(Level level, std::string_view area, std::string_view text) {
    if (level < least_level) return;
    static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
    std::string line;
    if (journal) {
        line = fmt::format("<{}>", priority_of(level));
    } else {
        const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        std::tm tm{};
        gmtime_r(&now, &tm);
        char stamp[32];
        std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ ", &tm);
        line = stamp;
    }
    line += fmt::format("{} {}: {}\n", name_of(level), printable(area), printable(text));
    // One write per line: lines of several threads never mix. A full pipe or closed stderr must not stop the program.
    [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace busbar
