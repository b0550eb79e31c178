// `expect` lines: what must hold.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plant/scenario/scenario_parts.hpp"
#include "plant/scenario/text.hpp"

namespace busbar::plant {
namespace {

struct QuantityName {
    Quantity quantity;
    std::string_view name;
};
constexpr std::array quantity_names{
    QuantityName{Quantity::feed_in, "feed_in"}, QuantityName{Quantity::import, "import"},
    QuantityName{Quantity::grid, "grid"},       QuantityName{Quantity::pv, "pv"},
    QuantityName{Quantity::battery, "battery"}, QuantityName{Quantity::load, "load"},
    QuantityName{Quantity::soc, "soc"},
};

// The event a quoted text means: the one whose words begin with it.
Status of_event(Words& words, const Scenario& scenario, Expectation& e) {
    e.event = words.take();
    e.when = Expectation::When::of_event;
    const bool exists = !e.event.empty() && std::ranges::any_of(scenario.events, [&](const Event& event) {
        return event.text.starts_with(e.event);
    });
    if (exists) return ok();
    return words.error(
        fmt::format("no event above begins with \"{}\"; quote its words after the time", clipped(e.event)));
}

Status parse_when(Words& words, const Scenario& scenario, Expectation& e) {
    using When = Expectation::When;
    if (words.accept("always")) return ok();
    if (words.accept("at")) {
        e.when = When::at_end;
        return words.expect("end");
    }
    if (words.accept("from")) {
        e.when = When::from;
        BUSBAR_TRY(e.from_s, words.time_s());
        if (auto s = words.expect("to"); !s) return s;
        BUSBAR_TRY(e.to_s, words.time_s());
        return e.to_s > e.from_s ? ok() : Status(words.error("the span ends before it begins"));
    }
    if (auto s = words.expect("within"); !s) return s;
    BUSBAR_TRY(e.within_s, words.time_s());
    if (words.accept("of")) return of_event(words, scenario, e);
    if (auto s = words.expect("after"); !s) return s;
    if (auto s = words.expect("each"); !s) return s;
    e.when = When::after_each_step;
    return words.expect("step");
}

Status parse_fault(Words& words, const Scenario& scenario, Expectation& e) {
    e.what = Expectation::What::fault;
    e.fault = words.take();
    if (e.fault.empty()) return words.error("which fault? expect fault meter_silent raised");
    if (auto s = words.expect("raised"); !s) return s;
    e.when = Expectation::When::at_end;
    if (words.accept("within")) {
        BUSBAR_TRY(e.within_s, words.time_s());
        if (auto s = words.expect("of"); !s) return s;
        if (auto s = of_event(words, scenario, e); !s) return s;
    }
    if (words.accept("then")) {
        if (auto s = words.expect("cleared"); !s) return s;
        e.then_cleared = true;
    }
    return ok();
}

Status parse_bound(Words& words, const Scenario& scenario, Expectation& e) {
    if (words.accept("<"))
        e.is_below = true;
    else if (words.accept(">"))
        e.is_below = false;
    else
        return words.error("write a comparison, < or >, with blanks around it");
    if (e.quantity == Quantity::soc) {
        BUSBAR_TRY(e.bound, words.measure(Measure::percent, 0, 100));
    } else if (words.peek().ends_with('%')) {
        BUSBAR_TRY(const double percent, words.measure(Measure::percent, -1000, 1000));
        e.bound = percent / 100 * scenario.pv_peak_w();
    } else {
        BUSBAR_TRY(e.bound, words.measure(Measure::power, -1e7, 1e7));
    }
    return ok();
}

}  // namespace

Status parse_expectation(Words& words, Scenario& scenario, int line) {
    Expectation e;
    e.line = line;
    e.text = words.rest();
    const auto subject = words.take();
    const auto named = std::ranges::find(quantity_names, subject, &QuantityName::name);
    Status status = ok();
    if (subject == "fault") {
        status = parse_fault(words, scenario, e);
    } else if (named == quantity_names.end()) {
        return words.error(fmt::format(
            "'{}' cannot be expected; known are: feed_in import grid pv battery load soc fault", clipped(subject)));
    } else {
        e.quantity = named->quantity;
        if (subject == "battery" && words.accept("released"))
            e.what = Expectation::What::released;
        else if (subject == "battery" && words.accept("controlled"))
            e.what = Expectation::What::controlled;
        else
            status = parse_bound(words, scenario, e);
        if (status) status = parse_when(words, scenario, e);
    }
    if (status) status = words.end();
    if (status) scenario.expectations.push_back(std::move(e));
    return status;
}

}  // namespace busbar::plant
