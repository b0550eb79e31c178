#include "control/decision_log.hpp"

namespace busbar::control {

std::string_view to_string(Decision::State state) {
    switch (state) {
        case Decision::State::pending:
            return "pending";
        case Decision::State::in_force:
            return "in_force";
        case Decision::State::refused:
            return "refused";
        case Decision::State::unreachable:
            return "unreachable";
        case Decision::State::released:
            return "released";
    }
    return "pending";
}

std::uint64_t DecisionLog::add(Decision decision) {
    decision.id = next_id_++;
    if (decisions_.size() == capacity) decisions_.pop_front();
    decisions_.push_back(std::move(decision));
    if (sink_) sink_(decisions_.back());
    return decisions_.back().id;
}

void DecisionLog::update(std::uint64_t id, Decision::State state, std::optional<double> read_back) {
    if (decisions_.empty() || id < decisions_.front().id || id > decisions_.back().id) return;
    Decision& decision = decisions_[id - decisions_.front().id];
    if (decision.state == state && decision.read_back == read_back) return;
    decision.state = state;
    decision.read_back = read_back;
    if (sink_) sink_(decision);
}

}  // namespace busbar::control
