#include <doctest/doctest.h>

#include <string>

#include "base/real_loop.hpp"
#include "base/virtual_loop.hpp"

using namespace busbar;
using namespace std::chrono_literals;

namespace {
Task<void> note_after(Loop& loop, Duration d, std::string& log, char c) {
    co_await loop.sleep_for(d);
    log += c;
}
Task<void> wait_for(Loop& loop, Event& event, Duration d, std::string& log) {
    const bool was_set = co_await loop.wait(event, loop.now() + d);
    log += was_set ? 'S' : 'T';
}
}  // namespace

TEST_CASE("virtual time jumps from deadline to deadline, in order") {
    VirtualLoop loop;
    std::string log;
    loop.spawn("b", note_after(loop, 2h, log, 'b'));
    loop.spawn("a", note_after(loop, 1h, log, 'a'));
    loop.run_until(Instant(90min));
    CHECK(log == "a");
    CHECK(loop.now() == Instant(90min));
    loop.run_for(1h);
    CHECK(log == "ab");
}

TEST_CASE("an event ends a wait early, otherwise the deadline does") {
    VirtualLoop loop;
    std::string log;
    Event event;
    loop.spawn("waits", wait_for(loop, event, 10s, log));
    loop.run_for(1s);
    CHECK(log.empty());
    event.set();
    loop.run_for(0s);
    CHECK(log == "S");
    loop.spawn("waits", wait_for(loop, event, 10s, log));
    loop.run_for(10s);
    CHECK(log == "ST");
}

TEST_CASE("a loop may be destroyed while tasks wait") {
    std::string log;
    Event event;
    {
        VirtualLoop loop;
        loop.spawn("sleeps", note_after(loop, 1h, log, 'x'));
        loop.spawn("waits", wait_for(loop, event, 1h, log));
        loop.run_for(1s);
    }
    CHECK(log.empty());
}

TEST_CASE("the real loop runs posted work and wakes on events") {
    RealLoop loop;
    std::string log;
    Event event;
    loop.spawn("waits", wait_for(loop, event, 1h, log));
    loop.post([&] {
        event.set();
        loop.post([&] { loop.post([&] { loop.stop(); }); });
    });
    loop.run();
    CHECK(log == "S");
}
