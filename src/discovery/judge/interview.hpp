#pragma once
// Asks one unit who it is, question by question, until one profile fits or none is left. Every register block is asked
// once for all profiles that share it, the most telling first; a profile that an answer excludes asks nothing more. The
// pause between two questions is the longest that a profile still in question wants.
//
// Lives while run() runs; ScanBus outlives it.
#include <span>

#include "device/modbus_unit.hpp"
#include "discovery/judge/judgement.hpp"
#include "discovery/line/scan_bus.hpp"

namespace busbar::discovery {

class Interview {
public:
    // `presence`: what the unit has answered to, already in `known`.
    Interview(Loop& loop, ScanBus& bus, std::uint8_t unit, std::span<const std::shared_ptr<const profile::Profile>> all,
              Block presence, Evidence known);

    // What conclude() says, with the unit. A unit that falls silent meanwhile is reported with a note.
    Task<Found> run();

private:
    using Blocks = std::vector<Block> (*)(const Suspicion&);
    using Judge = void (*)(Suspicion&, const Evidence&);
    Task<void> examine(Blocks blocks, Judge judge, bool (*concerned)(const Suspicion&), std::size_t most_blocks);
    Task<void> walk();
    Task<void> read_again();
    Task<void> ask(Block block);
    Task<Answer> question(Block block);
    Task<bool> is_still_there();
    bool goes_on() const { return !is_lost_ && !bus_.is_cancelled(); }
    Proof best() const;
    device::ModbusUnit unit_with_manners() const;

    Loop& loop_;
    ScanBus& bus_;
    std::uint8_t unit_;
    std::vector<Suspicion> suspicions_;
    Block presence_;
    Evidence evidence_, again_;
    struct Table {
        unsigned answers = 0, silences = 0;
    } tables_[2];
    unsigned silences_in_a_row_ = 0;
    bool is_lost_ = false;
};

}  // namespace busbar::discovery
