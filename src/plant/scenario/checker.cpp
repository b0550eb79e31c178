#include "plant/scenario/checker.hpp"

#include <fmt/format.h>

namespace busbar::plant {
namespace {

using What = Expectation::What;
using When = Expectation::When;

std::optional<double> value_of(Quantity q, const SiteState& s) {
    switch (q) {
        case Quantity::feed_in:
            return s.feed_in_w();
        case Quantity::import:
            return s.import_w();
        case Quantity::grid:
            return s.grid_w;
        case Quantity::pv:
            return s.pv_w;
        case Quantity::battery:
            return s.battery_w;
        case Quantity::load:
            return s.load_w;
        case Quantity::soc:
            return s.soc;
    }
    return std::nullopt;
}

// Empty when the expectation holds in this state, else what was seen instead.
std::string violation(const Expectation& e, const SiteState& s) {
    if (e.what == What::released) return s.battery_controlled ? "the battery is still controlled" : "";
    if (e.what == What::controlled) return s.battery_controlled ? "" : "the battery is not controlled";
    const auto value = value_of(e.quantity, s);
    if (!value) return "there is no battery";
    if (e.is_below ? *value < e.bound : *value > e.bound) return "";
    return fmt::format("{} is {:.0f}, not {} {:.0f}", e.text.substr(0, e.text.find(' ')), *value,
                       e.is_below ? '<' : '>', e.bound);
}

}  // namespace

Checker::Checker(const Scenario& scenario)
    : expectations_(scenario.expectations), watches_(scenario.expectations.size()) {
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        const auto& e = expectations_[i];
        if (e.when == When::always) watches_[i].from_s = 0;
        if (e.when == When::from) {
            watches_[i].from_s = e.from_s;
            watches_[i].to_s = e.to_s;
        }
    }
}

void Checker::event(const Event& event, double time_s) {
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        const auto& e = expectations_[i];
        auto& w = watches_[i];
        const bool is_the_one = e.when == When::of_event && event.text.starts_with(e.event);
        if (is_the_one && !w.event_s) w.event_s = time_s;
        if (is_the_one || (e.when == When::after_each_step && event.is_step())) {
            w.from_s = time_s + e.within_s;
            w.to_s =
                is_the_one && event.what == Event::What::fault ? std::optional(time_s + event.for_s) : std::nullopt;
            w.of = event.text;
        } else if (e.when == When::of_event && event.is_step()) {
            w.from_s.reset();  // the next step ends what the last one promised
        }
    }
}

void Checker::observe(const SiteState& state) {
    for (std::size_t i = 0; i < watches_.size(); ++i) observe(expectations_[i], watches_[i], state);
    last_ = state;
}

void Checker::observe(const Expectation& e, Watch& w, const SiteState& state) const {
    constexpr double rounding_s = 1e-6;
    if (e.what == What::fault || e.when == When::at_end || !w.from_s) return;
    if (state.time_s < *w.from_s - rounding_s || (w.to_s && state.time_s > *w.to_s + rounding_s)) return;
    w.was_judged = true;
    if (!w.failure.empty()) return;
    const auto seen = violation(e, state);
    if (seen.empty()) return;
    w.failure = fmt::format("{} at {:.1f} s", seen, state.time_s);
    if (!w.of.empty()) w.failure += fmt::format(", {:.1f} s after \"{}\"", state.time_s - *w.from_s + e.within_s, w.of);
}

void Checker::fault(std::string_view name, bool raised, double time_s) {
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        auto& w = watches_[i];
        const auto& e = expectations_[i];
        if (e.what != What::fault || e.fault != name) continue;
        // "within T of X" counts from X; what was raised before X proves nothing about it.
        const bool counts = e.when != When::of_event || w.event_s.has_value();
        if (raised && counts && !w.raised_s) w.raised_s = time_s;
        if (!raised && w.raised_s && !w.cleared_s) w.cleared_s = time_s;
    }
}

std::vector<Verdict> Checker::verdicts(bool faults_reported) const {
    std::vector<Verdict> all;
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        const auto& e = expectations_[i];
        const auto& w = watches_[i];
        Verdict v{e.text, e.line, false, true, w.failure};
        if (e.what == What::fault) {
            v.observed = faults_reported;
            if (!w.raised_s)
                v.reason = "was never raised";
            else if (e.when == When::of_event && *w.raised_s > *w.event_s + e.within_s)
                v.reason = fmt::format("was raised only {:.1f} s after \"{}\"", *w.raised_s - *w.event_s, e.event);
            else if (e.then_cleared && !w.cleared_s)
                v.reason = "was never cleared";
        } else if (e.when == When::at_end) {
            v.reason = last_ ? violation(e, *last_) : "nothing was observed";
        } else if (!w.was_judged) {
            v.reason = "its time never came: the next step or the end was earlier";
        }
        v.passed = v.reason.empty();
        all.push_back(std::move(v));
    }
    return all;
}

}  // namespace busbar::plant
