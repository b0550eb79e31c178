// Clients of the multiplexer whose turn comes late, never, or on a device that does not answer.
#include <doctest/doctest.h>

#include "northbound/multiplexer.hpp"
#include "sharing/desk.hpp"

using namespace busbar;
using namespace busbar::northbound;
using namespace std::chrono_literals;

namespace {
using Words16 = std::vector<std::uint16_t>;
}

TEST_CASE("what waits is answered when the multiplexer goes, and the bus may still be busy") {
    Desk desk;
    desk.bus->answer_time = 500ms;
    Desk::Got first, second;
    desk.start(first, 1, desk.read(0, 1));
    desk.start(second, 1, desk.read(10, 1));
    desk.loop.run_for(10ms);
    desk.mux->detach_all();
    CHECK(second.exception() == 10);
    std::weak_ptr<Multiplexer> gone = desk.mux;
    desk.mux.reset();
    desk.loop.run_for(5s);
    CHECK(gone.expired());  // once nothing of it is under way
}

TEST_CASE("registers that make the device fall silent are not tried again and again") {
    Desk desk;
    CHECK(desk.ask(2, desk.read(50, 2)).words() == Words16{50, 51});
    desk.bus->units[12].is_silent = true;
    CHECK(desk.ask(2, desk.read(700, 2)).exception() == 11);
    desk.bus->units[12].is_silent = false;
    const std::size_t before = desk.asked();
    CHECK(desk.ask(2, desk.read(702, 2)).exception() == 11);  // unknown: not now
    CHECK(desk.asked() == before);
    CHECK(desk.ask(2, desk.read(50, 2)).words() == Words16{50, 51});  // known: as ever
    desk.loop.run_for(31s);
    CHECK(desk.ask(2, desk.read(702, 2)).words() == Words16{702, 703});
}

TEST_CASE("what the device refuses is refused from memory for a while") {
    Desk desk;
    Desk::Got got[20];
    for (auto& g : got) {
        desk.start(g, 1, desk.read(5000, 4));
        desk.loop.run_for(100ms);
        CHECK(g.exception() == 2);
    }
    CHECK(desk.asked() == 1);
    desk.loop.run_for(10s);
    CHECK(desk.ask(1, desk.read(5000, 4)).exception() == 2);
    CHECK(desk.asked() == 2);
}

TEST_CASE("who is gone gets nothing, and nothing is written for him any more") {
    Desk desk;
    Desk::Got busy, read, write, other;
    desk.start(busy, 1, desk.read(0, 1), 0, 1);
    desk.start(read, 2, desk.read(40, 2), 0, 7);
    desk.start(write, 2, wire::encode_write_register(200, 1), 1, 8);
    desk.start(other, 2, desk.read(40, 2), 0, 9);  // joined to what 7 asked
    desk.mux->forget(7);
    desk.mux->forget(8);
    desk.loop.run_for(1s);
    CHECK(busy.answers == 1);
    CHECK(read.answers == 0);
    CHECK(write.answers == 0);
    CHECK(desk.bus->written.empty());
    CHECK(other.words() == Words16{40, 41});
    Desk::Got alone;
    desk.start(alone, 2, desk.read(60, 2), 0, 7);
    desk.loop.run_until(desk.loop.now());
    desk.mux->forget(7);  // while its request is on the bus
    desk.loop.run_for(1s);
    CHECK(alone.answers == 0);
}

TEST_CASE("a queue that is full and a turn that comes too late say busy") {
    Desk desk;
    desk.bus->answer_time = 900ms;
    std::vector<Desk::Got> got(80);
    for (std::size_t i = 0; i < got.size(); ++i)
        desk.start(got[i], 1, desk.read(static_cast<std::uint16_t>(i), 1), 0, i + 1);
    std::size_t refused_at_once = 0;
    for (const auto& g : got) refused_at_once += g.exception() == 6;
    CHECK(refused_at_once >= 80 - 65);
    Desk::Got write;
    desk.loop.run_for(60s);
    for (const auto& g : got) CHECK((g.exception() == 6 || g.words().size() == 1));
    // A write that would come later than anybody expects it is not made.
    Desk::Got slow[3];
    for (std::size_t i = 0; i < 3; ++i)
        desk.start(slow[i], 1, desk.read(static_cast<std::uint16_t>(300 + i), 1), 0, i + 1);
    desk.start(write, 2, wire::encode_write_register(200, 1), 1, 9);
    desk.loop.run_for(60s);
    CHECK(write.exception() == 6);
    CHECK(desk.bus->written.empty());
}

TEST_CASE("a device that moves to another bus while a client waits") {
    Desk desk;
    Desk::Got waits, queued;
    desk.start(waits, 1, desk.read(0, 1), 0, 1);
    desk.start(queued, 1, desk.read(10, 1), 0, 2);
    desk.loop.run_until(desk.loop.now());
    auto other = std::make_shared<device::FakeBus>(desk.loop);
    other->units[3].holding[0] = 77;
    desk.mux->attach("roof", other, 3, {});
    desk.loop.run_for(1s);
    CHECK(waits.exception() == 10);
    CHECK(queued.exception() == 10);
    CHECK(desk.ask(1, desk.read(0, 1)).words() == Words16{77});
    desk.mux->detach("roof");
    desk.mux->detach("hybrid");
    CHECK(desk.ask(1, desk.read(0, 1)).exception() == 10);
    CHECK(desk.bus.use_count() == 1);  // nobody holds on to a bus that is not shared any more
}
