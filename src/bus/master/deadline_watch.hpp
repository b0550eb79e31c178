#pragma once
// Deadlines for Asio operations, for driver files only. One timer per link stays armed from operation to operation and
// looks, when it fires, whether the deadline has moved: in the usual case a request touches no timer at all. Where a
// deadline may be noticed late, the timers of all links fire at the same instants: sixty links cost one wake-up.
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "base/real_loop.hpp"

namespace busbar::bus {

inline std::chrono::steady_clock::time_point to_steady(Instant t) {
    return std::chrono::steady_clock::time_point(t.time_since_epoch());
}

// Calls `cancel` once a deadline passes. The handler outlives its owner safely: it holds the state, not the owner.
class DeadlineWatch {
public:
    // Deadlines at least eight `slack` ahead may be noticed up to one `slack` late.
    DeadlineWatch(boost::asio::io_context& io, std::function<void()> cancel, Duration slack = Duration{0})
        : state_(std::make_shared<State>(io)) {
        state_->cancel = std::move(cancel);
        state_->slack = slack;
    }
    ~DeadlineWatch() {
        state_->cancel = nullptr;
        state_->timer.cancel();
    }
    DeadlineWatch(const DeadlineWatch&) = delete;
    DeadlineWatch& operator=(const DeadlineWatch&) = delete;

    void start(Instant deadline) {
        state_->deadline = deadline;
        state_->expired = false;
        if (deadline == Instant::max()) return;
        if (!state_->armed || (deadline < state_->fires_at && when_to_fire(*state_) < state_->fires_at)) arm(state_);
    }
    // True when the deadline passed since start().
    bool stop() {
        state_->deadline = Instant::max();
        return state_->expired;
    }

private:
    struct State {
        explicit State(boost::asio::io_context& io) : timer(io) {}
        boost::asio::steady_timer timer;
        std::function<void()> cancel;
        Duration slack{0};
        Instant deadline = Instant::max(), fires_at{};
        bool armed = false, expired = false;
    };
    static Instant when_to_fire(const State& state) {
        const bool may_be_late = state.slack > Duration{0} && state.deadline - monotonic_now() >= 8 * state.slack;
        if (!may_be_late) return state.deadline;
        const Duration since = state.deadline.time_since_epoch() + state.slack;
        return Instant(since - since % state.slack);
    }
    static void arm(const std::shared_ptr<State>& state) {
        state->armed = true;
        state->fires_at = when_to_fire(*state);
        state->timer.expires_at(to_steady(state->fires_at));
        state->timer.async_wait([state](boost::system::error_code problem) {
            if (problem) return;  // armed anew for an earlier deadline, or gone
            state->armed = false;
            if (state->deadline == Instant::max() || !state->cancel) return;
            if (monotonic_now() < state->deadline) return arm(state);
            state->expired = true;
            state->cancel();
        });
    }
    std::shared_ptr<State> state_;
};

}  // namespace busbar::bus
