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

void DecisionLog::update(std::uint64_t id, Decision::State state, std::optional<double> read_back, std::string said) {
    if (decisions_.empty() || id < decisions_.front().id || id > decisions_.back().id) return;
    Decision& decision = decisions_[id - decisions_.front().id];
    constexpr std::string_view from = "device";
    const bool has_said = !decision.chain.empty() && decision.chain.back().source == from;
    const bool is_news = !said.empty() && !(has_said && decision.chain.back().text == said);
    if (decision.state == state && decision.read_back == read_back && !is_news) return;
    if (is_news && !has_said) decision.chain.emplace_back();
    if (is_news) {
        model::Step& last = decision.chain.back();
        last.kind = model::Step::Kind::result;
        last.source = from;
        last.text = std::move(said);
    }
    decision.state = state;
    decision.read_back = read_back;
    if (sink_) sink_(decision);
}

}  // namespace busbar::control
