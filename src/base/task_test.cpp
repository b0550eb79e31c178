#include "base/task.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "base/virtual_loop.hpp"

using namespace busbar;
using namespace std::chrono_literals;

namespace {

// Notes when it is destroyed: the frame it lives in is, then.
struct Witness {
    std::string& log;
    char name;
    Witness(std::string& l, char n) : log(l), name(n) {}
    ~Witness() { log += name; }
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
};

Task<int> answer() { co_return 42; }
Task<std::unique_ptr<int>> boxed(int value) { co_return std::make_unique<int>(value); }
Task<int> fails(Loop& loop) {
    co_await loop.sleep_for(1s);
    throw std::runtime_error("no");
}
Task<void> hold(Loop& loop, std::string& log, char name, Duration d) {
    const Witness here(log, name);
    co_await loop.sleep_for(d);
}
Task<void> hold_deep(Loop& loop, std::string& log) {
    const Witness here(log, 'a');
    co_await hold(loop, log, 'b', 1h);
}

}  // namespace

TEST_CASE("a task gives its value, also one that can only be moved, to who awaits it") {
    VirtualLoop loop;
    int sum = 0;
    const auto add = [](int& into) -> Task<void> {
        into += co_await answer();
        Task<std::unique_ptr<int>> later = boxed(8);
        into += *co_await std::move(later);
    };
    loop.spawn("adds", add(sum));
    CHECK(sum == 0);  // begins when its turn comes
    loop.run_for(0s);
    CHECK(sum == 50);
}

TEST_CASE("an exception goes to who awaits the task, with the frames it leaves destroyed") {
    VirtualLoop loop;
    std::string log;
    const auto guard = [](Loop& on, std::string& into) -> Task<void> {
        try {
            const Witness here(into, 'w');
            (void)co_await fails(on);
            into += "not reached";
        } catch (const std::runtime_error& e) {
            into += e.what();
        }
    };
    loop.spawn("guards", guard(loop, log));
    loop.run_for(2s);
    CHECK(log == "wno");
}

TEST_CASE("a million short tasks in a row need no deeper stack than one") {
    VirtualLoop loop;
    std::uint64_t sum = 0;
    const auto add = [](std::uint64_t& into) -> Task<void> {
        for (int i = 0; i < 1'000'000; ++i) into += static_cast<std::uint64_t>(co_await answer());
    };
    loop.spawn("adds", add(sum));
    loop.run_for(0s);
    CHECK(sum == 42'000'000);
}

TEST_CASE("a task that nobody awaits never runs; one in the middle ends with its loop, the innermost first") {
    std::string log;
    {
        VirtualLoop loop;
        { const Task<void> unused = hold(loop, log, 'x', 1s); }
        CHECK(log.empty());
        loop.spawn("deep", hold_deep(loop, log));
        loop.spawn("begins too", hold(loop, log, 'y', 1s));
        CHECK(log.empty());
        loop.spawn("ends itself", hold(loop, log, 'z', 1s));
        loop.run_for(2s);
        CHECK(log == "yz");
    }
    CHECK(log == "yzba");
}

TEST_CASE("tasks that are ready go on in the order in which they became ready") {
    VirtualLoop loop;
    std::string log;
    Event events[3];
    const auto note = [](Event& event, std::string& into, char name) -> Task<void> {
        co_await event;
        into += name;
    };
    char name = 'a';
    for (Event& event : events) loop.spawn("notes", note(event, log, name++));
    loop.run_for(1s);
    loop.post([&] {
        events[2].set();
        loop.post([&] { log += 'p'; });
        events[0].set();
        events[2].set();
        events[1].set();
    });
    loop.run_for(0s);
    CHECK(log == "cpab");
}

TEST_CASE("what a task spawns runs to its first wait at once, and may take hold of what would go") {
    const auto hold = [](Loop& loop, std::shared_ptr<int> held, std::string& log) -> Task<void> {
        const auto mine = held;
        held.reset();
        log += 'b';
        co_await loop.sleep_for(1s);
        log += *mine == 7 ? 'h' : '?';
    };
    const auto spawn = [&](Loop& loop, std::string& log) -> Task<void> {
        log += 'a';
        auto value = std::make_shared<int>(7);
        loop.spawn("holds", hold(loop, std::move(value), log));
        log += 'c';
        co_return;
    };
    VirtualLoop loop;
    std::string log;
    loop.spawn("spawns", spawn(loop, log));
    loop.run_for(2s);
    CHECK(log == "abch");
}
