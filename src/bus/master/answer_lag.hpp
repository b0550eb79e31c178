#pragma once
// How much later than that of a device that answers at once the last byte of a unit's answer is seen: its own
// turnaround, plus what the adapter and the system add. The exchange sleeps that long before it looks, so that one read
// finds a whole answer; looking too early costs a second wake-up, looking too late costs time on the line.
//
// Pure bookkeeping. The first three answers and then one of 32 are awaited without the lag to measure it; the least of
// the last four measures counts, so a unit that takes now 5 ms, now 50, never makes the line wait for its slowest.
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace busbar::bus {

class AnswerLag {
public:
    // To be asked once before each answer: true when this one is to be measured.
    bool is_measure_due() {
        const std::uint32_t nth = waited_++;
        return nth < first_measures || added_ == 0 || nth % interval == 0;
    }
    // Seen this long after it could have been there; negative counts as 0.
    void add(Duration lag) {
        measures_[added_ % measures_.size()] = std::max(Duration{0}, lag);
        ++added_;
    }
    // 0 before the first measure.
    Duration least() const {
        const auto known = std::min<std::size_t>(added_, measures_.size());
        const auto end = measures_.begin() + static_cast<std::ptrdiff_t>(known);
        return known == 0 ? Duration{0} : *std::min_element(measures_.begin(), end);
    }

private:
    static constexpr std::uint32_t first_measures = 3, interval = 32;
    std::array<Duration, 4> measures_{};
    std::uint32_t added_ = 0, waited_ = 0;
};

}  // namespace busbar::bus
