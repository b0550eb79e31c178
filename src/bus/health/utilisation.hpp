#pragma once
// Share of the last ten seconds in which a wire was in use. Ten one-second bins; loop thread only.
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace busbar::bus {

class Utilisation {
public:
    // The wire was in use from `begin` to `end`. Spans come in order of time.
    void add(Instant begin, Instant end) {
        begin = std::max(begin, end - std::chrono::seconds(bins));
        while (begin < end) {
            const std::int64_t second = second_of(begin);
            const Instant border = Instant(std::chrono::seconds(second + 1));
            const Instant until = std::min(end, border);
            Bin& bin = bins_[static_cast<std::size_t>(second % bins)];
            if (bin.second != second) bin = {second, Duration{0}};
            bin.busy += until - begin;
            begin = until;
        }
    }
    // 0..1; the second that is still running counts with its part.
    double share(Instant now) const {
        Duration busy{0};
        const std::int64_t current = second_of(now);
        for (const Bin& bin : bins_)
            if (bin.second > current - bins && bin.second <= current) busy += bin.busy;
        const Duration window = std::chrono::seconds(bins - 1) + (now - Instant(std::chrono::seconds(current)));
        return std::min(1.0, to_seconds(busy) / to_seconds(window));
    }

private:
    static constexpr std::int64_t bins = 10;
    struct Bin {
        std::int64_t second = -1;
        Duration busy{0};
    };
    static std::int64_t second_of(Instant t) {
        return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
    }
    std::array<Bin, bins> bins_{};
};

}  // namespace busbar::bus
