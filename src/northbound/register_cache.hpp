#pragma once
// What was lately read from one device, by whomever: answers as they came, each with its instant. Gives a client's read
// out of them when they are fresh enough. A value is never put together from two instants: where the ends of two
// answers meet inside what is asked, there must be a seam (device_rules.hpp). Field loop only.
//
// Bound: 64 answers; then the oldest goes.
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "northbound/device_rules.hpp"

namespace busbar::northbound {

class RegisterCache {
public:
    static constexpr std::size_t most_answers = 64;

    void put(const bus::RegisterBlock& block, std::span<const std::uint16_t> words, Instant read);

    struct Kept {
        std::vector<std::uint16_t> words;
        Instant read;  // the oldest of them
    };
    // The asked registers from answers that were read at `not_before` or later. nullopt: something is missing or older.
    std::optional<Kept> get(const bus::RegisterBlock& asked, const DeviceRules& rules, Instant not_before) const;

    // These registers were written, or may have been.
    void forget(const Span& span);
    void forget_all() { answers_.clear(); }

private:
    struct Answer {
        Span span;
        std::vector<std::uint16_t> words;
        Instant read;
    };
    std::vector<Answer> answers_;
};

}  // namespace busbar::northbound
