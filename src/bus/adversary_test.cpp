// A hundred thousand requests to devices that answer late, short, long, twice, for others, garbled or not at all. Every
// register encodes its unit and address, so a value taken for another's is seen. None may be; and once the devices
// behave again, so does the bus. BUSBAR_ADVERSARY=10000000 makes as many requests, with as many other seeds.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "base/virtual_loop.hpp"
#include "bus/modbus_master.hpp"
#include "bus/scripted_slave.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;
using Seen = ScriptedSlave::Seen;
using Pieces = std::vector<ScriptedSlave::Piece>;

namespace {

constexpr DeviceTiming timing{.timeout = 300ms};

// RTU on a line, RTU through a serial server (its TCP connection hands bytes over at once), Modbus TCP.
enum class Medium : std::uint8_t { line, raw_tcp, tcp };

std::uint16_t value_of(std::uint8_t unit, std::uint16_t address) {
    return static_cast<std::uint16_t>(address + unit * 1111);
}

class Adversary {
public:
    Adversary(Framing framing, std::uint32_t seed) : framing_(framing), random_(seed) {}
    bool behaves = false;

    Pieces operator()(const Seen& seen) {
        const Bytes good = answer(seen);
        if (behaves || chance(70)) return {{delay(1, 20), good}};
        Seen other = seen;
        Bytes bytes = good;
        switch (random_() % 12) {
            case 0:
                return {};  // silent
            case 1:
                return {{delay(301, 560), good}};  // late
            case 2:
                return {{delay(250, 310), good}};  // about as late as the time-out
            case 3:
                bytes = cut(good);
                break;
            case 4:
                bytes.push_back(static_cast<std::uint8_t>(random_()));
                break;  // long
            case 5:     // TCP guards its bytes itself; what may be wrong is what the device wrote into the header
                bytes[random_() % (framing_ == Framing::tcp ? 8 : bytes.size())] ^=
                    static_cast<std::uint8_t>(1 << random_() % 8);
                break;
            case 6:
                other.unit = static_cast<std::uint8_t>(1 + random_() % 5);
                bytes = answer(other);
                break;
            case 7:
                ++other.transaction;
                other.request.function = wire::Function::read_input;
                bytes = answer(other);
                break;
            case 8:
                other.transaction ^= 1;
                other.request.address ^= framing_ == Framing::tcp ? 5 : 0;
                bytes = answer(other);
                break;
            case 9:
                bytes.insert(bytes.end(), good.begin(), good.end());
                break;  // twice
            case 10:
                return in_two(good);
            case 11:
                return {{delay(1, 20), noise()}, {delay(30, 280), good}};  // noise, then the answer
        }
        return {{delay(1, 20), bytes}};
    }

private:
    Bytes answer(const Seen& seen) const {
        const auto shift = value_of(seen.unit, 0);
        return framing_ == Framing::rtu ? rtu_answer(seen, shift) : tcp_answer(seen, shift);
    }
    // On TCP with a header that fits: Modbus/TCP has no checksum, so a frame cut in the stream and filled up to the
    // byte by a later one cannot be told from a good one by anybody (docs/explanation/bus.md).
    Bytes cut(const Bytes& good) {
        Bytes bytes = good;
        if (framing_ == Framing::rtu) {
            bytes.resize(random_() % bytes.size());
            return bytes;
        }
        bytes.resize(wire::mbap_size + 1 + random_() % (bytes.size() - wire::mbap_size - 1));
        bytes[5] = static_cast<std::uint8_t>(bytes.size() - wire::mbap_size + 1);
        return bytes;
    }
    Pieces in_two(const Bytes& good) {
        const auto cut = static_cast<std::ptrdiff_t>(1 + random_() % (good.size() - 1));
        const Duration first = delay(1, 20);
        return {{first, {good.begin(), good.begin() + cut}}, {first + delay(1, 80), {good.begin() + cut, good.end()}}};
    }
    Bytes noise() {
        Bytes bytes(1 + random_() % 12);
        for (auto& b : bytes) b = static_cast<std::uint8_t>(random_());
        return bytes;
    }
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    Duration delay(unsigned from_ms, unsigned to_ms) {
        return std::chrono::milliseconds(from_ms + random_() % (to_ms - from_ms));
    }

    Framing framing_;
    std::mt19937 random_;
};

struct Tally {
    std::uint64_t asked = 0, right = 0, wrong = 0;
};

Task<void> poll(Loop& loop, ModbusBus& bus, std::uint8_t unit, std::uint32_t seed, Tally& tally) {
    std::mt19937 random(seed);
    for (;;) {
        RegisterBlock block{Table::holding, static_cast<std::uint16_t>(random() % 40000), 10};
        if (random() % 8 == 0) block.count = static_cast<std::uint16_t>(1 + random() % 30);
        const auto got = co_await bus.read(unit, block, Urgency::telemetry, timing);
        ++tally.asked;
        if (!got) {
            co_await loop.sleep_for(10ms);
            continue;
        }
        bool is_right = got->count == block.count;
        for (std::uint16_t i = 0; is_right && i < block.count; ++i)
            is_right = got->words[i] == value_of(unit, static_cast<std::uint16_t>(block.address + i));
        ++(is_right ? tally.right : tally.wrong);
    }
}

// Requests that reached the wire until `wanted` of them were made.
void fight(Medium medium, std::uint32_t seed, std::uint64_t wanted) {
    CAPTURE(static_cast<int>(medium));
    CAPTURE(seed);
    VirtualLoop loop;
    const Framing framing = medium == Medium::tcp ? Framing::tcp : Framing::rtu;
    const Duration character = medium == Medium::line ? wire::rtu_character_time(115200, 10) : 0ns;
    auto ends = LoopbackLink::make(loop, character);
    Adversary adversary(framing, seed);
    const auto script = [&](const Seen& seen) { return adversary(seen); };
    const auto slave = framing == Framing::rtu ? ScriptedSlave::rtu(loop, std::move(ends.b), character, script)
                                               : ScriptedSlave::tcp(loop, std::move(ends.b), script);
    MasterConfig config;
    config.name = "fight";
    config.framing = framing;
    config.rtu = medium == Medium::line ? RtuTiming{.baud = 115200} : RtuTiming{.baud = 0, .silence = 100ms};
    ModbusMaster master(loop, std::move(ends.a), config);
    Tally tally;
    for (std::uint8_t unit = 1; unit <= 4; ++unit) loop.spawn("poll", poll(loop, master, unit, seed + unit, tally));

    const auto on_wire = [&] {
        std::uint64_t n = 0;
        for (const auto& u : master.statistics().units) n += u.requests;
        return n;
    };
    while (on_wire() < wanted) loop.run_for(60s);
    CHECK(tally.wrong == 0);
    CHECK(tally.right > wanted / 2);

    adversary.behaves = true;
    loop.run_for(15s);  // quarantine, back-off
    const Tally before = tally;
    loop.run_for(60s);
    CHECK(tally.wrong == 0);
    CHECK(tally.right - before.right == tally.asked - before.asked);
    CHECK(tally.right - before.right > 1000);
}

}  // namespace

TEST_CASE("no answer is ever taken for another's, and no misbehaviour lasts") {
    const char* asked = std::getenv("BUSBAR_ADVERSARY");
    const std::uint64_t requests = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 100'000;
    constexpr std::uint64_t per_fight = 33'334;
    std::uint32_t seed = 11;
    for (std::uint64_t made = 0; made < requests; made += 3 * per_fight, seed += 10) {
        fight(Medium::line, seed, per_fight);
        fight(Medium::raw_tcp, seed + 1, per_fight);
        fight(Medium::tcp, seed + 2, per_fight);
    }
}
