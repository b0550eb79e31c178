#pragma once
// How long it is at most, lately, between two readings of a control-critical block of one unit: what the time budget
// guarantees, measured. The budget covers no failures, so a time between two readings in which something failed does
// not count; nor does one in which the device was opened anew. Pure bookkeeping; internal to bus.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::bus {

class RefreshWatch {
public:
    // A critical read was answered. `failures`: of all units of this bus, since start.
    void read(const wire::Request& what, Instant at, std::uint64_t failures) {
        Block& block = find(what);
        const bool is_same = block.count == what.count && block.address == what.address && block.of == what.function;
        if (is_same && block.life == life_ && block.failures == failures) add(at - block.at, at);
        block = {what.function, what.address, what.count, at, failures, life_};
    }
    // The unit was asked something that breaks the rhythm, or failed.
    void restart() { ++life_; }
    // In the last five to ten minutes; none: not measured.
    std::optional<Duration> worst(Instant now) const {
        const Duration age = now - begun_;
        const Duration most = age < span ? std::max(now_, before_) : age < 2 * span ? now_ : Duration{0};
        return most > Duration{0} ? std::optional(most) : std::nullopt;
    }

private:
    static constexpr Duration span = std::chrono::minutes(5);
    static constexpr std::size_t most_blocks = 16;  // more are not measured
    struct Block {
        wire::Function of{};
        std::uint16_t address = 0, count = 0;  // 0: free
        Instant at{};
        std::uint64_t failures = 0, life = 0;
    };

    // Its own place, else a free one, else the last.
    Block& find(const wire::Request& what) {
        for (Block& block : blocks_)
            if (block.count == 0 ||
                (block.count == what.count && block.address == what.address && block.of == what.function))
                return block;
        return blocks_.back();
    }
    void add(Duration between, Instant at) {
        if (at - begun_ >= span) {
            before_ = at - begun_ < 2 * span ? now_ : Duration{0};
            now_ = Duration{0};
            begun_ = at;
        }
        now_ = std::max(now_, between);
    }

    std::array<Block, most_blocks> blocks_{};
    Duration now_{0}, before_{0};  // worst of the span that runs, and of the one before
    Instant begun_{};
    std::uint64_t life_ = 0;
};

}  // namespace busbar::bus
