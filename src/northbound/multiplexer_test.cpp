#include "northbound/multiplexer.hpp"

#include <doctest/doctest.h>

#include "sharing/desk.hpp"

using namespace busbar;
using namespace busbar::northbound;
using namespace std::chrono_literals;
using wire::Function;

namespace {

using Words16 = std::vector<std::uint16_t>;

Words16 count_from(std::uint16_t first, std::size_t n) {
    Words16 words(n);
    for (std::size_t i = 0; i < n; ++i) words[i] = static_cast<std::uint16_t>(first + i);
    return words;
}

wire::Pdu raw(std::initializer_list<std::uint8_t> bytes) {
    wire::Pdu pdu;
    for (const std::uint8_t b : bytes) pdu.bytes[pdu.size++] = b;
    return pdu;
}

}  // namespace

TEST_CASE("a read goes to the device behind the unit, with the urgency of telemetry") {
    Desk desk;
    CHECK(desk.ask(2, desk.read(40, 10)).words() == count_from(40, 10));
    CHECK(desk.ask(2, desk.read(40, 3, Function::read_input)).words() == count_from(1040, 3));
    REQUIRE(desk.asked() == 2);
    CHECK(desk.bus->asked[0].unit == 12);
    CHECK(desk.bus->asked[0].urgency == bus::Urgency::telemetry);
    CHECK(desk.ask(1, desk.read(7, 1)).words() == Words16{7});
    CHECK(desk.bus->asked[2].unit == 11);
}

TEST_CASE("what is not allowed is refused, each with its exception, and reaches no bus") {
    const struct {
        const char* why;
        std::uint8_t unit;
        wire::Pdu pdu;
        std::size_t client;
        int exception;
    } cases[] = {
        {"no such unit", 3, Desk::read(0, 1), 0, 10},
        {"a client that is not in the list", 1, Desk::read(0, 1), 2, 10},
        {"broadcast", 0, wire::encode_write_register(200, 1), 1, 10},
        {"coils", 1, Desk::read(0, 1, Function::read_coils), 0, 1},
        {"discrete inputs", 1, Desk::read(0, 1, Function::read_discretes), 0, 1},
        {"a coil", 2, raw({5, 0, 1, 0xFF, 0}), 1, 1},
        {"coils written", 2, raw({15, 0, 1, 0, 1, 1, 1}), 1, 1},
        {"mask write", 2, raw({22, 0, 200, 0, 0, 0, 0}), 1, 1},
        {"read and write", 2, raw({23, 0, 1, 0, 1, 0, 200, 0, 1, 2, 0, 0}), 1, 1},
        {"diagnostics", 2, raw({8, 0, 0, 0, 0}), 1, 1},
        {"no function", 2, raw({0}), 1, 1},
        {"no registers", 1, raw({3, 0, 0, 0, 0}), 0, 3},
        {"126 registers", 1, raw({3, 0, 0, 0, 126}), 0, 3},
        {"a cut request", 1, raw({3, 0, 0, 0}), 0, 3},
        {"beyond the last register", 1, raw({3, 0xFF, 0xFF, 0, 2}), 0, 2},
        {"forbidden", 2, Desk::read(495, 10), 0, 2},
        {"more than the device bears, no seam known", 2, Desk::read(600, 21), 0, 3},
        {"a write by a reader", 2, wire::encode_write_register(200, 1), 0, 1},
        {"a write to a device where nothing is granted", 1, wire::encode_write_register(200, 1), 1, 1},
        {"a write beside the list", 2, wire::encode_write_register(210, 1), 1, 2},
        {"a write half beside the list", 2, wire::encode_write_registers(209, Words16{1, 2}), 1, 2},
        {"half a value", 2, wire::encode_write_register(203, 1), 1, 3},
        {"half a value among others", 2, wire::encode_write_registers(200, Words16{1, 2, 3}), 1, 3},
        {"byte count and count differ", 2, raw({16, 0, 200, 0, 2, 2, 0, 0}), 1, 3},
    };
    for (const auto& c : cases) {
        CAPTURE(c.why);
        Desk desk;
        const auto got = desk.ask(c.unit, c.pdu, c.client);
        CHECK(got.exception() == c.exception);
        CHECK(got.pdu[0] == (c.pdu.bytes[0] | 0x80));
        CHECK(desk.asked() == 0);
        CHECK(desk.bus->written.empty());
        CHECK(desk.mux->statistics().refused == 1);
    }
}

TEST_CASE("more than the device bears is read in pieces that tear no value") {
    Desk desk;
    CHECK(desk.ask(2, desk.read(100, 30)).words() == count_from(100, 30));
    REQUIRE(desk.asked() == 2);
    CHECK(desk.bus->asked[0].block == bus::RegisterBlock{bus::Table::holding, 100, 19});  // 119 and 120 are one value
    CHECK(desk.bus->asked[1].block == bus::RegisterBlock{bus::Table::holding, 119, 11});
}

TEST_CASE("ten clients that ask the same cost the bus one request") {
    Desk desk;
    Desk::Got got[10];
    for (std::size_t i = 0; i < 10; ++i) desk.start(got[i], 1, desk.read(50, 4), 0, i + 1);
    desk.loop.run_for(1s);
    for (const auto& g : got) CHECK(g.words() == count_from(50, 4));
    CHECK(desk.asked() == 1);
    CHECK(desk.mux->statistics().joined == 9);
}

TEST_CASE("what was just read is not asked again, and nobody gets anything older than cache_ms") {
    Desk desk;
    Desk::Got first, inside, old;
    desk.start(first, 1, desk.read(50, 10));
    desk.loop.run_for(500ms);
    desk.bus->units[11].holding[52] = 9999;
    desk.start(inside, 1, desk.read(52, 2));
    CHECK(inside.words() == Words16{52, 53});  // at once
    CHECK(desk.asked() == 1);
    desk.loop.run_for(511ms);
    desk.start(old, 1, desk.read(52, 2));
    CHECK(old.answers == 0);
    desk.loop.run_for(1s);
    CHECK(old.words() == Words16{9999, 53});
    CHECK(desk.mux->statistics().from_cache == 1);
}

TEST_CASE("what the gateway reads for itself serves clients too") {
    Desk desk;
    ObservedBus seen(desk.loop, desk.bus, std::make_shared<Watch>(Watch{desk.mux}));
    const auto poll = [](ObservedBus& bus, std::uint16_t first, std::uint16_t count) -> Task<void> {
        const bus::RegisterBlock block{bus::Table::holding, first, count};
        const bus::DeviceTiming timing;
        const auto done = co_await bus.read(12, block, bus::Urgency::critical, timing);
        CHECK(done.has_value());
    };
    desk.loop.spawn("poll", poll(seen, 100, 10));
    desk.loop.run_for(300ms);
    desk.loop.spawn("poll", poll(seen, 110, 9));
    desk.loop.run_for(300ms);
    CHECK(desk.asked() == 2);
    Desk::Got both, torn;
    desk.start(both, 2, desk.read(105, 10));  // 110 begins a value: the two readings may meet there
    CHECK(both.words() == count_from(105, 10));
    desk.loop.spawn("poll", poll(seen, 101, 3));
    desk.loop.run_for(50ms);
    CHECK(desk.asked() == 3);
    desk.start(torn, 2, desk.read(100, 12));  // 100 from one reading, 101 from another would tear a value
    CHECK(torn.words() == count_from(100, 12));
    CHECK(desk.asked() == 3);  // the older reading holds both
    desk.loop.run_for(540ms);
    desk.loop.spawn("poll", poll(seen, 101, 3));
    desk.loop.run_for(50ms);
    Desk::Got late;
    desk.start(late, 2, desk.read(100, 2));
    CHECK(late.answers == 0);  // 101 is fresh, 100 is not
    desk.loop.run_for(1s);
    CHECK(late.words() == Words16{100, 101});
}

TEST_CASE("a raw write by hand makes clients' cache forget all of the device, whatever table and by whatever unit") {
    Desk desk;
    ObservedBus seen(desk.loop, desk.bus, std::make_shared<Watch>(Watch{desk.mux}));
    desk.bus->units[77] = {};
    const auto send = [](ObservedBus& bus, std::uint8_t unit, Bytes pdu) -> Task<void> {
        const bus::DeviceTiming timing;
        const auto done = co_await bus.raw(unit, pdu, bus::Urgency::by_hand, timing);
        CHECK(done.has_value());
    };
    const auto asked_anew = [&](std::uint8_t unit, Bytes pdu) {
        const auto input = desk.read(40, 3, Function::read_input), holding = desk.read(40, 3);
        Desk::Got warm, also, again, once_more;
        desk.start(warm, 2, input);
        desk.start(also, 2, holding);
        desk.loop.run_for(100ms);
        desk.loop.spawn("raw", send(seen, unit, std::move(pdu)));
        desk.loop.run_for(50ms);
        const auto before = desk.asked();
        desk.start(again, 2, input);
        desk.start(once_more, 2, holding);
        desk.loop.run_for(100ms);
        CHECK(again.answers == 1);
        CHECK(once_more.answers == 1);
        const auto anew = desk.asked() - before;
        desk.loop.run_for(5s);
        return anew;
    };
    CHECK(asked_anew(12, {6, 0, 250, 0, 1}) == 2);
    CHECK(asked_anew(12, {100, 1, 2}) == 2);
    CHECK(asked_anew(12, {3, 0, 40, 0, 1}) == 0);
    CHECK(asked_anew(77, {6, 0, 250, 0, 1}) == 2);  // many devices do not look at the unit
    CHECK(asked_anew(11, {6, 0, 250, 0, 1}) == 0);  // that is another one
}

TEST_CASE("a write with rights is passed, read back, told, and what was read before is forgotten") {
    Desk desk;
    CHECK(desk.ask(2, desk.read(200, 4)).words() == count_from(200, 4));
    Desk::Got cached, written, after;
    desk.start(cached, 2, desk.read(200, 4));
    desk.loop.run_for(100ms);
    desk.start(written, 2, wire::encode_write_registers(202, Words16{7, 8}), 1);
    desk.loop.run_for(15ms);
    CHECK(written.pdu == Bytes{16, 0, 202, 0, 2});
    desk.start(after, 2, desk.read(200, 4));
    desk.loop.run_for(1s);
    CHECK(after.words() == Words16{200, 201, 7, 8});
    REQUIRE(desk.bus->written.size() == 1);
    CHECK(desk.bus->written[0].unit == 12);
    CHECK(desk.bus->written[0].urgency == bus::Urgency::telemetry);
    CHECK(desk.bus->written[0].form == bus::WriteForm::multiple);
    REQUIRE(desk.reports.size() == 1);
    CHECK(desk.reports[0].outcome == WriteReport::Outcome::written);
    CHECK(desk.reports[0].device == "hybrid");
    CHECK(desk.reports[0].address == "10.0.0.7");
    CHECK(desk.reports[0].first == 202);
    CHECK(desk.reports[0].words == Words16{7, 8});
    CHECK(desk.reports[0].before == Words16{202, 203});
    CHECK(desk.reports[0].read_back == Words16{7, 8});
    CHECK(desk.ask(2, wire::encode_write_register(200, 5), 1).pdu == Bytes{6, 0, 200, 0, 5});
    CHECK(desk.bus->written[1].form == bus::WriteForm::single);
}

TEST_CASE("what a register held before a write is told where it could be read") {
    Desk desk;
    // Nobody has read it yet: nothing is asked for it first.
    CHECK(desk.ask(2, wire::encode_write_register(200, 5), 1).exception() == 0);
    CHECK_FALSE(desk.reports[0].before.has_value());
    // From the answer to the last write; and, when that is old, asked anew: somebody else may have written meanwhile.
    desk.loop.run_for(30s);
    desk.bus->units[12].holding[200] = 77;
    CHECK(desk.ask(2, wire::encode_write_register(200, 6), 1).exception() == 0);
    CHECK(desk.reports[1].before == Words16{77});
    // Control takes the device while that is read, or the client goes away: then nothing is written.
    const std::size_t written = desk.bus->written.size();
    CHECK(desk.ask(2, wire::encode_write_register(300, 1), 1).exception() == 0);
    desk.loop.run_for(30s);
    desk.bus->units[12].on_read = [&](device::FakeBus::Unit&, std::uint16_t) { desk.held = "hybrid"; };
    CHECK(desk.ask(2, wire::encode_write_register(300, 2), 1).exception() == 6);
    CHECK(desk.bus->written.size() == written + 1);
    // A device that does not tell it now is written all the same, and nothing is made up.
    desk.held.clear();
    desk.bus->units[12].on_read = {};
    desk.loop.run_for(30s);
    desk.bus->loses = [](const device::FakeBus::Asked&) { return true; };
    CHECK(desk.ask(2, wire::encode_write_register(200, 7), 1).exception() == 0);
    CHECK_FALSE(desk.reports.back().before.has_value());
    CHECK(desk.reports.back().outcome == WriteReport::Outcome::written);
}

TEST_CASE("a device that holds something else than was written is told as it is") {
    Desk desk;
    desk.bus->units[12].on_write = [](device::FakeBus::Unit& unit, std::uint16_t) { unit.holding[200] = 42; };
    CHECK(desk.ask(2, wire::encode_write_register(200, 5), 1).exception() == 0);
    REQUIRE(desk.reports.size() == 1);
    CHECK(desk.reports[0].read_back == Words16{42});
}

TEST_CASE("control's own registers are closed while control holds the device, and open when it does not") {
    Desk desk;
    desk.held = "hybrid";
    CHECK(desk.ask(2, wire::encode_write_register(300, 1), 1).exception() == 6);
    CHECK(desk.ask(2, wire::encode_write_register(200, 1), 1).exception() == 0);  // not one of control's
    desk.held = "roof";
    CHECK(desk.ask(2, wire::encode_write_register(300, 1), 1).exception() == 0);
    // With the urgency of a setpoint, so that it is out before control can take the device.
    CHECK(desk.bus->written.back().urgency == bus::Urgency::setpoint);
    // Control takes the device while the write waits for its turn.
    Desk::Got read, write;
    desk.start(read, 1, desk.read(0, 1));
    desk.start(write, 2, wire::encode_write_register(300, 2), 1, 2);
    desk.held = "hybrid";
    desk.loop.run_for(1s);
    CHECK(write.exception() == 6);
    CHECK(desk.bus->written.size() == 2);
}

TEST_CASE("a device that gets new firmware is read by others, and not written at all") {
    Desk desk;
    desk.set_aside = "hybrid";
    CHECK(desk.ask(2, wire::encode_write_register(200, 1), 1).exception() == 6);
    CHECK(desk.ask(2, wire::encode_write_register(300, 1), 1).exception() == 6);
    CHECK(desk.ask(2, desk.read(100, 2), 1).words().size() == 2);
    CHECK(desk.bus->written.empty());
    desk.set_aside.clear();
    CHECK(desk.ask(2, wire::encode_write_register(200, 1), 1).exception() == 0);
}

TEST_CASE("every refused write is told with its reason") {
    Desk desk;
    for (int i = 0; i < 3; ++i) {
        Desk::Got got;
        desk.start(got, 2, wire::encode_write_register(500, 1), 1);
        CHECK(got.exception() == 2);
    }
    REQUIRE(desk.reports.size() == 3);
    CHECK(desk.reports[2].outcome == WriteReport::Outcome::refused);
    CHECK(desk.reports[2].exception == 2);
    CHECK(desk.reports[2].first == 500);
}

TEST_CASE("each client has its own figures, whatever its connections") {
    Desk desk;
    Desk::Got read, again, write;
    desk.start(read, 1, desk.read(50, 2), 0, 1);
    desk.loop.run_for(400ms);
    desk.start(again, 1, desk.read(50, 2), 0, 2);  // from memory
    CHECK(again.words() == Words16{50, 51});
    desk.start(write, 2, wire::encode_write_register(500, 1));
    CHECK(write.exception() != 0);
    const auto all = desk.mux->clients();
    REQUIRE(all.size() == 1);
    CHECK(all[0].requests == 3);
    CHECK(all[0].from_cache == 1);
    CHECK(all[0].refused == 1);
    CHECK(all[0].writes == 0);
    CHECK(all[0].age > 100ms);
    CHECK(all[0].age <= 400ms);
    CHECK(all[0].age_max == all[0].age);
    CHECK(desk.loop.now() - all[0].last_seen < 1s);
}

TEST_CASE("figures of clients are bounded: who was not seen for longest is forgotten") {
    Desk desk;
    for (int i = 0; i < 100; ++i) {
        Caller caller{static_cast<std::uint64_t>(i + 1), 1, 0, "10.0.1." + std::to_string(i)};
        desk.mux->ask(caller, 9, desk.read(0, 1).view(), [](const wire::Pdu&) {});
        desk.loop.run_for(1ms);
    }
    const auto all = desk.mux->clients();
    CHECK(all.size() == Multiplexer::most_clients);
    CHECK(std::any_of(all.begin(), all.end(), [](const auto& c) { return c.address == "10.0.1.99"; }));
    CHECK(std::none_of(all.begin(), all.end(), [](const auto& c) { return c.address == "10.0.1.0"; }));
}

TEST_CASE("a failed read is an exception, never an old value") {
    Desk desk;
    CHECK(desk.ask(1, desk.read(50, 2)).words() == Words16{50, 51});
    desk.bus->units[11].is_silent = true;
    CHECK(desk.ask(1, desk.read(50, 2)).exception() == 11);
    desk.bus->units[11].is_silent = false;
    CHECK(desk.ask(1, desk.read(50, 2)).words() == Words16{50, 51});
    CHECK(desk.ask(1, desk.read(990, 20)).exception() == 2);  // the device's own word
    desk.mux->detach("roof");
    CHECK(desk.ask(1, desk.read(50, 2)).exception() == 10);
    desk.mux->attach("roof", desk.bus, 11, {});
    CHECK(desk.ask(1, desk.read(50, 2)).words() == Words16{50, 51});
}

TEST_CASE("a write without an answer is told as unknown") {
    Desk desk;
    desk.bus->units[12].is_silent = true;
    CHECK(desk.ask(2, wire::encode_write_register(200, 1), 1).exception() == 11);
    REQUIRE(desk.reports.size() == 1);
    CHECK(desk.reports[0].outcome == WriteReport::Outcome::unknown);
    CHECK_FALSE(desk.reports[0].read_back.has_value());
}

TEST_CASE("units 0 and 255 say who the gateway is") {
    Desk desk;
    const auto got = desk.ask(0, raw({43, 14, 1, 0}));
    CHECK(got.pdu == Bytes{43,  14,  1,   0x81, 0,   0,   3,   0,   6,   'B', 'u', 's', 'b',
                           'a', 'r', 1,   14,   'b', 'u', 's', 'b', 'a', 'r', '-', 'g', 'a',
                           't', 'e', 'w', 'a',  'y', 2,   5,   '1', '.', '2', '.', '3'});
    CHECK(desk.ask(255, raw({43, 14, 4, 2})).pdu == Bytes{43, 14, 4, 0x81, 0, 0, 1, 2, 5, '1', '.', '2', '.', '3'});
    CHECK(desk.ask(255, raw({43, 14, 4, 3})).exception() == 2);
    CHECK(desk.ask(255, raw({43, 14, 5, 0})).exception() == 3);
    CHECK(desk.ask(255, raw({43, 14})).exception() == 3);
    CHECK(desk.ask(1, raw({43, 14, 1, 0})).exception() == 1);
    CHECK(desk.ask(255, raw({43, 13, 1, 0})).exception() == 10);
}

TEST_CASE("the narrowest entry of the list counts for a client") {
    const Rights rights(two_clients());
    CHECK(rights.client_of("10.0.0.7") == 1);
    CHECK(rights.client_of("10.0.0.8") == 0);
    CHECK_FALSE(rights.client_of("192.168.0.1").has_value());
    CHECK_FALSE(rights.client_of("").has_value());
    CHECK(rights.may_write(1, 1, 200, 209));
    CHECK_FALSE(rights.may_write(1, 1, 199, 200));
    CHECK_FALSE(rights.may_write(0, 1, 200, 200));
}
