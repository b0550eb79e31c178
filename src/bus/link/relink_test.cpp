// A bus told other line settings while requests wait.
#include <vector>

#include "bus/master/master_rig.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {

// A device that hears only its own baud rate: what is sent at another is lost on it.
class Line {
public:
    explicit Line(std::uint32_t device_baud) : device_baud_(device_baud) {
        MasterConfig config;
        config.name = "line";
        config.settings = SerialSettings{.path = "a", .baud = 9600};
        config.rtu = rtu_timing(*config.settings);
        config.make_link = [this](const LinkSettings& s) { return make(std::get<SerialSettings>(s)); };
        auto link = make(std::get<SerialSettings>(*config.settings));
        master = std::make_unique<ModbusMaster>(loop, std::move(link), std::move(config));
    }

    std::unique_ptr<Link> make(const SerialSettings& settings) {
        const Duration character = wire::rtu_character_time(settings.baud, settings.character_bits());
        auto ends = LoopbackLink::make(loop, character);
        const bool is_heard = settings.baud == device_baud_;
        slaves.push_back(ScriptedSlave::rtu(loop, std::move(ends.b), character, [is_heard](const Seen& s) {
            return is_heard ? Pieces{{10ms, rtu_answer(s)}} : Pieces{};
        }));
        return std::move(ends.a);
    }

    VirtualLoop loop;
    std::vector<std::shared_ptr<ScriptedSlave>> slaves;  // one per link
    std::unique_ptr<ModbusMaster> master;

private:
    std::uint32_t device_baud_;
};

Task<void> read_into(Line& line, std::uint8_t unit, std::string& what) {
    const RegisterBlock block{Table::holding, 5, 40};
    const DeviceTiming timing{.timeout = 200ms};
    const auto got = co_await line.master->read(unit, block, Urgency::telemetry, timing);
    what = got ? (got->words[39] == 44 ? "ok" : "wrong") : got.error().text;
}

Task<void> relink_into(Line& line, SerialSettings settings, std::string& what) {
    const Status done = co_await line.master->relink(settings);
    what = done ? "ok" : done.error().text;
}

std::string relink(Line& line, const SerialSettings& settings) {
    std::string what = "never ended";
    line.loop.spawn("relink", relink_into(line, settings, what));
    line.loop.run_for(1s);
    return what;
}

}  // namespace

TEST_CASE("a device that speaks another baud rate answers as soon as the bus is told") {
    Line line(19200);
    std::string first, second, changed;
    line.loop.spawn("read", read_into(line, 1, first));
    line.loop.run_for(1s);
    CHECK(first == "line: unit 1: read holding 5+40: no answer within 200 ms");
    CHECK(relink(line, {.path = "a", .baud = 19200, .parity = 'E'}) == "ok");
    line.loop.spawn("read", read_into(line, 1, second));  // not backed off any more
    line.loop.run_for(1s);
    CHECK(second == "ok");
    REQUIRE(line.slaves.size() == 2);
    CHECK(line.slaves[1]->seen().size() == 1);
    CHECK(std::get<SerialSettings>(*line.master->link_settings()).parity == 'E');
    const auto s = line.master->statistics();
    CHECK(s.connected);
    REQUIRE(s.units.size() == 1);
    CHECK(s.units[0].requests == 2);
    CHECK_FALSE(s.units[0].silent);
}

TEST_CASE("the request in flight is seen through, those that wait go over the new link") {
    Line line(9600);
    std::vector<std::string> reads(5);
    for (std::size_t i = 0; i < reads.size(); ++i)
        line.loop.spawn("read", read_into(line, static_cast<std::uint8_t>(1 + i), reads[i]));
    line.loop.run_for(30ms);  // the first is on its way
    std::string changed = "waits", next = "waits";
    line.loop.spawn("relink", relink_into(line, {.path = "b", .baud = 9600}, changed));
    line.loop.run_for(1ms);
    CHECK(changed == "waits");
    line.loop.spawn("relink", relink_into(line, {.path = "c", .baud = 9600}, next));
    line.loop.run_for(2s);
    CHECK(changed == "ok");
    CHECK(next == "ok");  // it waited for the first
    for (const auto& what : reads) CHECK(what == "ok");
    REQUIRE(line.slaves.size() == 3);
    CHECK(line.slaves[0]->seen().size() == 1);
    CHECK(line.slaves[1]->seen().size() + line.slaves[2]->seen().size() == 4);
    CHECK(std::get<SerialSettings>(*line.master->link_settings()).path == "c");
}

TEST_CASE("a change of the link that waits when the bus is removed is refused") {
    Line line(9600);
    std::string read, first = "waits", second = "waits";
    line.loop.spawn("read", read_into(line, 1, read));
    line.loop.run_for(5ms);  // on its way
    line.loop.spawn("relink", relink_into(line, {.path = "b", .baud = 9600}, first));
    line.loop.spawn("relink", relink_into(line, {.path = "c", .baud = 9600}, second));
    bool is_closed = false;
    auto closing = [](ModbusMaster& master, bool& done) -> Task<void> {
        co_await master.close();
        done = true;
    };
    line.loop.spawn("close", closing(*line.master, is_closed));
    line.loop.run_for(1s);
    CHECK(is_closed);
    CHECK(read == "ok");
    CHECK(first == "ok");
    CHECK(second == "line: the bus was removed");
    CHECK(relink(line, {.path = "d", .baud = 9600}) == "line: the bus was removed");
    line.master.reset();
    line.loop.run_for(10s);  // nothing of it is left in the loop
}

TEST_CASE("settings that cannot be are refused and change nothing") {
    Line line(9600);
    CHECK(relink(line, {.path = "a", .baud = 0}).find("300..") != std::string::npos);
    CHECK(relink(line, {.path = "a", .baud = 9600, .parity = 'X'}) != "ok");
    CHECK(relink(line, {.path = "a", .baud = 9600, .parity = 'N', .stop_bits = 3}) != "ok");
    CHECK(relink(line, {.path = "", .baud = 9600}) != "ok");
    CHECK(line.slaves.size() == 1);
    Rig tcp(Framing::tcp);
    CHECK_FALSE(tcp.master->link_settings().has_value());
    std::string what;
    auto ask = [](Rig& rig, std::string& into) -> Task<void> {
        const SerialSettings settings{.path = "a"};
        const Status done = co_await rig.master->relink(settings);
        into = done ? "ok" : done.error().text;
    };
    tcp.loop.spawn("relink", ask(tcp, what));
    tcp.loop.run_for(1s);
    CHECK(what == "test: the settings of this bus cannot be changed");
}

TEST_CASE("a bus that is closed sees the request in flight through, refuses the rest and may be destroyed") {
    Line line(9600);
    std::vector<std::string> what(3, "never ended");
    for (std::uint8_t i = 0; i < 3; ++i)
        line.loop.spawn("read", read_into(line, static_cast<std::uint8_t>(i + 1), what[i]));
    line.loop.run_for(5ms);  // the first is on the wire, the others wait
    bool is_closed = false;
    auto closing = [](ModbusMaster& master, bool& done) -> Task<void> {
        co_await master.close();
        done = true;
    };
    line.loop.spawn("close", closing(*line.master, is_closed));
    line.loop.run_for(1s);
    CHECK(is_closed);
    CHECK(what[0] == "ok");
    for (const std::size_t i : {1u, 2u})
        CHECK_MESSAGE(what[i].find("the bus was removed") != std::string::npos, what[i]);
    std::string late = "never ended";
    line.loop.spawn("read", read_into(line, 1, late));
    line.loop.run_for(100ms);
    CHECK_MESSAGE(late.find("the bus was removed") != std::string::npos, late);
    line.master.reset();
    line.loop.run_for(10s);  // nothing of it is left in the loop
}
