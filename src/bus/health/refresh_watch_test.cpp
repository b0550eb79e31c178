#include "bus/health/refresh_watch.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {
wire::Request block(std::uint16_t address) {
    wire::Request request;
    request.function = wire::Function::read_holding;
    request.address = address;
    request.count = 10;
    return request;
}
}  // namespace

TEST_CASE("the worst refresh is that of the block that waited longest") {
    RefreshWatch watch;
    const Instant start(1000s);
    CHECK_FALSE(watch.worst(start).has_value());
    watch.read(block(0), start, 0);
    watch.read(block(100), start + 100ms, 0);
    CHECK_FALSE(watch.worst(start + 100ms).has_value());
    watch.read(block(0), start + 1s, 0);
    watch.read(block(100), start + 1400ms, 0);
    CHECK(watch.worst(start + 2s) == Duration{1300ms});
}

TEST_CASE("what failed, or was opened anew, is no refresh; what is long ago does not count") {
    RefreshWatch watch;
    Instant at(1000s);
    const auto after = [&](Duration time, std::uint64_t failures) { watch.read(block(0), at += time, failures); };
    after(0s, 0);
    after(1s, 0);
    after(4s, 1);  // somebody was silent meanwhile
    CHECK(watch.worst(at) == Duration{1s});
    after(1500ms, 1);
    watch.restart();
    after(30s, 1);
    CHECK(watch.worst(at) == Duration{1500ms});
    for (int i = 0; i < 620; ++i) after(1s, 1);
    CHECK(watch.worst(at) == Duration{1s});
    CHECK_FALSE(watch.worst(at + 11min).has_value());
}

TEST_CASE("more blocks than there is room for are not measured, and disturb no other") {
    RefreshWatch watch;
    Instant at(1000s);
    for (int round = 0; round < 3; ++round, at += 1s)
        for (std::uint16_t i = 0; i < 40; ++i) watch.read(block(static_cast<std::uint16_t>(100 * i)), at, 0);
    CHECK(watch.worst(at) == Duration{1s});
}
