#include "discovery/line/scan.hpp"

#include <doctest/doctest.h>

#include "discovery/discovery.hpp"

using namespace busbar::discovery;

TEST_CASE("words of a scan are those the interface documents") {
    CHECK(to_string(LineSettings{.baud = 19200, .parity = 'E', .stop_bits = 1}) == "19200 8E1");
    CHECK(to_string(Certainty::doubtful) == "doubtful");
    CHECK(to_string(Phase::cancelling) == "cancelling");
}
