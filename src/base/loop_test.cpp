#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "base/real_loop.hpp"
#include "base/together.hpp"
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
struct Counted {
    explicit Counted(int& n) : alive(n) { ++alive; }
    ~Counted() { --alive; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    int& alive;
};
Task<void> wait_again_and_again(Loop& loop, Event& event, int& alive, std::string& log) {
    const Counted here(alive);
    for (;;) {
        const bool was_set = co_await loop.wait(event, Instant::max());
        log += was_set ? 'S' : '-';
    }
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

TEST_CASE("tasks run together take as long as the longest") {
    VirtualLoop loop;
    std::string log;
    std::optional<Instant> ended;
    const auto wait_for_all = [](Loop& on, std::string& into, std::optional<Instant>& at) -> Task<void> {
        std::vector<Task<void>> tasks, none;
        co_await together(on, "none", std::move(none));
        tasks.push_back(note_after(on, 3s, into, 'c'));
        tasks.push_back(note_after(on, 1s, into, 'a'));
        tasks.push_back(note_after(on, 2s, into, 'b'));
        co_await together(on, "notes", std::move(tasks));
        at = on.now();
    };
    loop.spawn("waits", wait_for_all(loop, log, ended));
    loop.run_for(2s);
    CHECK_FALSE(ended.has_value());
    loop.run_for(1h);
    CHECK(log == "abc");
    CHECK(ended == Instant(3s));
}

TEST_CASE("a loop may be destroyed while tasks wait") {
    std::string log;
    Event event;
    {
        VirtualLoop loop;
        loop.spawn("sleeps", note_after(loop, 1h, log, 'x'));
        loop.spawn("waits", wait_for(loop, event, 1h, log));
        std::vector<Task<void>> tasks;
        for (int i = 0; i < 3; ++i) tasks.push_back(note_after(loop, 1h, log, 'y'));
        loop.spawn("waits for others", together(loop, "sleeps", std::move(tasks)));
        loop.run_for(1s);
    }
    CHECK(log.empty());
}

TEST_CASE("who ends with the loop may set an event that others waited for, or have it with him") {
    std::string log;
    Event outlives;
    const auto sets_at_its_end = [](Loop& loop, Event& event) -> Task<void> {
        struct AtEnd {
            Event& told;
            ~AtEnd() { told.set(); }
        } const at_end{event};
        co_await loop.sleep_for(24h);
    };
    const auto has_its_own = [](Loop& loop, Event*& own) -> Task<void> {
        Event mine;
        own = &mine;
        co_await loop.sleep_for(24h);
    };
    const auto end_with = [&](auto& loop, auto run) {
        Event* own = nullptr;
        loop.spawn("has its own", has_its_own(loop, own));
        run(loop);
        REQUIRE(own != nullptr);
        loop.spawn("waits", wait_for(loop, outlives, 24h, log));
        loop.spawn("waits for what ends first", wait_for(loop, *own, 24h, log));
        loop.spawn("sets", sets_at_its_end(loop, outlives));
        run(loop);
    };
    {
        VirtualLoop loop;
        end_with(loop, [](VirtualLoop& l) { l.run_for(0s); });
    }
    CHECK(outlives.consume());
    {
        RealLoop loop;
        end_with(loop, [](RealLoop& l) {
            l.post([&l] { l.post([&l] { l.stop(); }); });
            l.run();
        });
    }
    CHECK(outlives.consume());
    CHECK(log.empty());
}

TEST_CASE("the real loop wakes who waits without a deadline, and lets go of him when it ends") {
    std::string log;
    int alive = 0;
    Event events[3];
    {
        RealLoop loop;
        for (Event& event : events) loop.spawn("waits", wait_again_and_again(loop, event, alive, log));
        loop.post([&] {
            events[1].set();
            events[1].set();  // one set as far as he can tell
            loop.post([&] { loop.post([&] { events[0].set(); }); });
        });
        const auto stop_soon = [](Loop& on, RealLoop& what) -> Task<void> {
            co_await on.sleep_for(20ms);
            what.stop();
        };
        loop.spawn("stops", stop_soon(loop, loop));
        loop.run();
        CHECK(log == "SS");
        CHECK(alive == 3);
    }
    CHECK(alive == 0);
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
