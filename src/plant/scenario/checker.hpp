#pragma once
// Judges a scenario's expectations from what World tells it: the state at every tick, the events as they happen, and
// the faults a gateway raises (if somebody reports them). Pure; used by World, tests and busbar-plant's report.
//
// "within T of/after X": from T after X on, until the next step (or the end of X's own fault, for a fault), the
// condition must hold at every tick. An expectation none of whose windows was ever reached fails: it proved nothing.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plant/scenario/scenario.hpp"
#include "plant/site.hpp"

namespace busbar::plant {

struct Verdict {
    std::string text;  // the expectation as written
    int line = 0;
    bool passed = false;
    bool observed = true;  // false: a fault expectation, and nobody reported faults
    std::string reason;    // "feed_in 5230 W at 45.1 s, 5.0 s after \"pv 8kW\""
};

class Checker {
public:
    explicit Checker(const Scenario& scenario);

    void event(const Event& event, double time_s);
    void observe(const SiteState& state);
    void fault(std::string_view name, bool raised, double time_s);
    // `faults_reported`: whether somebody would have called fault().
    std::vector<Verdict> verdicts(bool faults_reported) const;

private:
    struct Watch {
        std::optional<double> from_s, to_s;  // current window, in which the condition must hold
        std::string of;                      // which event opened it
        bool was_judged = false;
        std::string failure;
        std::optional<double> event_s, raised_s, cleared_s;
    };
    void observe(const Expectation& e, Watch& watch, const SiteState& state) const;

    const std::vector<Expectation> expectations_;
    std::vector<Watch> watches_;
    std::optional<SiteState> last_;
};

}  // namespace busbar::plant
