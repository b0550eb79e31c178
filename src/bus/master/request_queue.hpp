#pragma once
// Requests waiting for one bus: bounded, most urgent first, first come first served within an urgency. The last places
// are kept for setpoints, so that a flood of telemetry can never refuse one. Owns nothing; loop thread only.
#include <array>
#include <concepts>

#include "bus/transaction.hpp"

namespace busbar::bus {

class RequestQueue {
public:
    // At least 2 places; a quarter of them takes setpoints only.
    explicit RequestQueue(std::size_t capacity) : capacity_(capacity < 2 ? 2 : capacity) {}

    // False when full for this urgency.
    bool push(Transaction& transaction);

    // Takes out the first transaction, in order of urgency, for which `ready(transaction)` holds; null when none does.
    template <std::predicate<const Transaction&> Ready>
    Transaction* take(Ready ready) {
        for (Lane& lane : lanes_)
            for (Transaction** at = &lane.first; *at != nullptr; at = &(*at)->next)
                if (ready(**at)) return unlink(lane, at);
        return nullptr;
    }

    template <std::invocable<const Transaction&> Visit>
    void for_each(Visit visit) const {
        for (const Lane& lane : lanes_)
            for (const Transaction* t = lane.first; t != nullptr; t = t->next) visit(*t);
    }

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }

private:
    struct Lane {
        Transaction* first = nullptr;
        Transaction* last = nullptr;
    };
    Transaction* unlink(Lane& lane, Transaction** at);

    std::array<Lane, 5> lanes_{};  // by urgency
    std::size_t capacity_;
    std::size_t size_ = 0;
};

}  // namespace busbar::bus
