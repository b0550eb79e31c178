#include "bus/adversary/adversary.hpp"

#include <algorithm>
#include <random>

#include "base/virtual_loop.hpp"
#include "bus/master/modbus_master.hpp"
#include "bus/master/scripted_slave.hpp"

namespace busbar::bus {
namespace {
using namespace std::chrono_literals;
using Seen = ScriptedSlave::Seen;
using Piece = ScriptedSlave::Piece;
using Pieces = std::vector<Piece>;

constexpr unsigned units = 4, depth = 8;

std::uint16_t value_of(std::uint8_t unit, std::uint16_t address) {
    return static_cast<std::uint16_t>(address + unit * 1111);
}

class Adversary {
public:
    Adversary(Medium medium, std::uint32_t seed) : medium_(medium), random_(seed) {}
    bool behaves = false;
    std::array<std::uint64_t, mischiefs> done{};

    Pieces operator()(const Seen& seen) {
        const auto mischief =
            behaves || chance(70) ? Mischief::none : static_cast<Mischief>(1 + random_() % (mischiefs - 1));
        ++done[static_cast<std::size_t>(mischief)];
        Pieces pieces = answer(seen, mischief);
        if (!is_rtu()) keep_whole(seen.end, pieces);
        if (behaves || mischief == Mischief::none) last_ = seen;
        return pieces;
    }

private:
    Pieces answer(const Seen& seen, Mischief mischief) {
        const Bytes good = encode(seen);
        switch (mischief) {
            case Mischief::silent:
                return {};
            case Mischief::late:
                return {{delay(301, 560), good}};
            case Mischief::about_the_timeout:
                return {{delay(250, 310), good}};
            case Mischief::split:
                return in_two(good);
            case Mischief::behind_noise:
                return {{delay(1, 20), noise()}, {delay(30, 280), good}};
            default:
                return {{delay(1, 20), garble(seen, good, mischief)}};
        }
    }

    Bytes garble(const Seen& seen, Bytes bytes, Mischief mischief) {
        Seen other = seen;
        switch (mischief) {
            case Mischief::cut_short:
                return cut(bytes);
            case Mischief::too_long:
                bytes.push_back(static_cast<std::uint8_t>(random_()));
                return bytes;
            case Mischief::bit_flipped:
                bytes[flipped_byte(bytes.size())] ^= static_cast<std::uint8_t>(1 << random_() % 8);
                return bytes;
            case Mischief::wrong_unit:
                other.unit = static_cast<std::uint8_t>(1 + (seen.unit + random_() % units) % (units + 1));
                return encode(other);
            case Mischief::wrong_function:
                ++other.transaction;
                other.request.function = wire::Function::read_input;
                return encode(other);
            case Mischief::wrong_number:
                // Not that of another request on its way: an answer under another's number cannot be told from one that
                // is right.
                other.transaction ^= medium_ == Medium::tcp_pipelined ? 0x4000 : 1;
                ++(is_rtu() ? other.request.count : other.request.address);
                return encode(other);
            case Mischief::twice:
            case Mischief::merged: {
                // On a line an earlier answer of the same unit cannot be told from the right one.
                const bool can_merge = last_.unit != 0 && (!is_rtu() || last_.unit != seen.unit);
                Bytes first = mischief == Mischief::merged && can_merge ? encode(last_) : bytes;
                first.insert(first.end(), bytes.begin(), bytes.end());
                return first;
            }
            default:
                return bytes;
        }
    }

    bool is_rtu() const { return medium_ == Medium::line || medium_ == Medium::raw_tcp; }
    Bytes encode(const Seen& seen) const {
        const auto shift = value_of(seen.unit, 0);
        return is_rtu() ? rtu_answer(seen, shift) : tcp_answer(seen, shift);
    }
    // TCP guards its bytes itself; what may be wrong is what the device wrote into the header. The low byte of the
    // number would make it that of another request on its way.
    std::size_t flipped_byte(std::size_t size) {
        if (is_rtu()) return random_() % size;
        const std::size_t byte = random_() % 8;
        return medium_ == Medium::tcp_pipelined && byte == 1 ? 0 : byte;
    }
    // On TCP with a header that fits: Modbus/TCP has no checksum, so a frame cut in the stream and filled up to the
    // byte by a later one cannot be told from a good one by anybody (docs/explanation/bus.md).
    Bytes cut(const Bytes& good) {
        Bytes bytes = good;
        if (is_rtu()) {
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
    // On TCP: no answer, as a late one, gets between the two halves of another. A device that writes so fills one up
    // with the bytes of another, see cut().
    void keep_whole(Instant now, Pieces& pieces) {
        std::erase_if(planned_, [&](const Span& s) { return s.end < now; });
        if (pieces.empty()) return;
        Instant begin = now + pieces.front().after, end = now + pieces.back().after;
        for (bool moved = true; moved;) {
            moved = false;
            for (const Span& s : planned_)
                if (begin <= s.end && s.begin <= end) {
                    end += s.end + 1us - begin;
                    begin = s.end + 1us;
                    moved = true;
                }
        }
        const Duration shift = begin - now - pieces.front().after;
        for (Piece& piece : pieces) piece.after += shift;
        planned_.push_back({begin, end});
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

    struct Span {
        Instant begin, end;
    };
    Medium medium_;
    std::mt19937 random_;
    std::vector<Span> planned_;
    Seen last_{};
};

struct Tally {
    std::uint64_t asked = 0, right = 0, wrong = 0;
};

Task<void> poll(Loop& loop, ModbusBus& bus, std::uint8_t unit, DeviceTiming timing, std::uint32_t seed, Tally& tally) {
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

// One master and its adversary.
class Arena {
public:
    Arena(Medium medium, std::uint32_t seed) : adversary(medium, seed) {
        const bool is_tcp = medium == Medium::tcp || medium == Medium::tcp_pipelined;
        const Duration character = medium == Medium::line ? wire::rtu_character_time(115200, 10) : 0ns;
        auto ends = LoopbackLink::make(loop, character);
        const auto script = [this](const Seen& seen) { return adversary(seen); };
        slave_ = is_tcp ? ScriptedSlave::tcp(loop, std::move(ends.b), script)
                        : ScriptedSlave::rtu(loop, std::move(ends.b), character, script);
        MasterConfig config;
        config.name = "fight";
        config.framing = is_tcp ? Framing::tcp : Framing::rtu;
        config.rtu = medium == Medium::line ? RtuTiming{.baud = 115200} : RtuTiming{.baud = 0, .silence = 100ms};
        master_ = std::make_unique<ModbusMaster>(loop, std::move(ends.a), config);
        const unsigned pipeline = medium == Medium::tcp_pipelined ? depth : 1;
        const DeviceTiming timing{.timeout = 300ms, .pipeline = pipeline};
        for (unsigned i = 0; i < units * (pipeline > 1 ? 3 : 1); ++i)
            loop.spawn("poll", poll(loop, *master_, static_cast<std::uint8_t>(1 + i % units), timing, seed + i, tally));
    }
    std::uint64_t on_wire() const {
        std::uint64_t n = 0;
        for (const auto& u : master_->statistics().units) n += u.requests;
        return n;
    }
    VirtualLoop loop;
    Adversary adversary;
    Tally tally;

private:
    std::shared_ptr<ScriptedSlave> slave_;
    std::unique_ptr<ModbusMaster> master_;
};

}  // namespace

std::string_view name_of(Medium medium) {
    constexpr std::array names{"RTU", "RTU over TCP", "TCP", "TCP, 8 at once"};
    return names[static_cast<std::size_t>(medium)];
}

std::string_view name_of(Mischief mischief) {
    constexpr std::array names{"as it should be", "silent",       "late",        "about the time-out",
                               "cut short",       "too long",     "bit flipped", "wrong unit",
                               "wrong function",  "wrong number", "twice",       "split",
                               "behind noise",    "merged"};
    static_assert(names.size() == mischiefs);
    return names[static_cast<std::size_t>(mischief)];
}

Fight fight(Medium medium, std::uint32_t seed, std::uint64_t requests) {
    Arena arena(medium, seed);
    while (arena.on_wire() < requests) arena.loop.run_for(10s);
    Fight result;
    result.requests = arena.on_wire();
    result.answers = arena.adversary.done;
    arena.adversary.behaves = true;
    arena.loop.run_for(15s);  // quarantine, back-off
    const Tally before = arena.tally;
    arena.loop.run_for(60s);
    const std::uint64_t asked = arena.tally.asked - before.asked, right = arena.tally.right - before.right;
    result.is_in_step = right == asked && right > 1000;
    result.right = arena.tally.right;
    result.wrong = arena.tally.wrong;
    return result;
}

}  // namespace busbar::bus
