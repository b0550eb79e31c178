#include "discovery/line/scan.hpp"

#include <doctest/doctest.h>

#include "discovery/discovery.hpp"

using namespace busbar::discovery;

TEST_CASE("words of a scan are those the interface documents") {
    CHECK(to_string(LineSettings{.baud = 19200, .parity = 'E', .stop_bits = 1}) == "19200 8E1");
    CHECK(to_string(Certainty::doubtful) == "doubtful");
    CHECK(to_string(Phase::cancelling) == "cancelling");
}

TEST_CASE("other rates are tried with the line's own parity first, then as devices are delivered") {
    const auto tried = [](LineSettings own, std::vector<std::uint32_t> bauds) {
        std::string all;
        for (const LineSettings& one : settings_to_try(own, bauds)) all += (all.empty() ? "" : ", ") + to_string(one);
        return all;
    };
    CHECK(tried({9600, 'N', 1}, {}) == "");
    CHECK(tried({9600, 'N', 1}, {19200}) == "19200 8N1, 9600 8E1, 19200 8E1");
    CHECK(tried({19200, 'E', 1}, {9600, 19200}) == "9600 8E1, 19200 8N1, 9600 8N1");
    CHECK(tried({9600, 'O', 2}, {2400}) == "2400 8O2, 9600 8N1, 2400 8N1, 9600 8E1, 2400 8E1");
}
