#pragma once
// The parts of parse(): each reads one kind of line into the scenario. Not for others.
#include "plant/scenario/scenario.hpp"
#include "plant/scenario/scenario_words.hpp"

namespace busbar::plant {

Status parse_site_item(Words& words, Scenario& scenario, int line);                            // after "site" or '|'
Status parse_strategy(Words& words, Scenario& scenario);                                       // after "strategy"
Status parse_event(Words& words, Scenario& scenario, int line, double at_s, double repeat_s);  // after the time
Status parse_quirks(Words& words, Scenario& scenario);                                         // after "quirk"
Status parse_expectation(Words& words, Scenario& scenario, int line);                          // after "expect"

}  // namespace busbar::plant
