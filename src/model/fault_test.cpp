#include "model/fault.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace busbar::model;

TEST_CASE("every fault has its own name, a sentence and a remedy") {
    std::set<std::string_view> names;
    for (const FaultInfo& fault : all_faults()) {
        CAPTURE(fault.name);
        CHECK(names.insert(fault.name).second);
        CHECK(fault.text.ends_with('.'));
        CHECK(fault.suggestion.ends_with('.'));
        CHECK(&info(fault.kind) == &fault);
    }
}
