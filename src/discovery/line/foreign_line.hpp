#pragma once
// A serial line of the site while a search drives it at settings that are not its own. Every few seconds it gets its
// own back, so that devices of the site that were silent and return meanwhile are not deaf for long; when one of them
// answers, the line stays with it and every further question of the search fails.
//
// Put between the line and a ModbusScan. Field loop only; the bus outlives it.
#include <functional>

#include "base/loop.hpp"
#include "bus/modbus_bus.hpp"
#include "discovery/judge/evidence.hpp"
#include "discovery/searched.hpp"

namespace busbar::discovery {

class ForeignLine final : public bus::ModbusBus {
public:
    // At most so long, the question in flight included, the line hears its own devices not at all.
    static constexpr Duration longest_absence = std::chrono::seconds(8);

    // `order.known` and `order.bus` say who is at home, `profiles` what to ask them. `on_return`: somebody answered.
    ForeignLine(Loop& loop, const SearchedBus& line, const Profiles& profiles, std::function<void()> on_return);

    // With the line's own settings: asks those of its devices who have not answered lately, some at a time, whether
    // they are back. True: one is; returned() names it.
    Task<bool> asks_home();
    // From now on questions go out with these settings. Errors: as ModbusBus::relink().
    Task<Status> leave(bus::LinkSettings foreign);
    // The line has its own settings again. Errors: as ModbusBus::relink().
    Task<Status> come_home();

    // Id of the device of the site that answers; empty: none does.
    const std::string& returned() const { return returned_; }
    const bus::LinkSettings& own() const { return own_; }

    // Waits while the line is at home. Errors: unavailable once somebody has returned; else those of the line.
    Task<Result<bus::Registers>> read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                      bus::DeviceTiming timing) override;
    // Errors: denied, always.
    Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                       bus::WriteForm form, bus::DeviceTiming timing, bus::Urgency urgency) override;
    Task<Result<bus::RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency urgency,
                                     bus::DeviceTiming timing) override;
    bus::BusStatistics statistics() const override { return bus_.statistics(); }
    const std::string& name() const override { return bus_.name(); }

private:
    Task<bool> takes_turn();
    Task<void> visit_home();
    std::string who_answers() const;

    Loop& loop_;
    bus::ModbusBus& bus_;
    std::vector<KnownUnit> known_;
    std::vector<Block> questions_;  // to each of them
    std::function<void()> on_return_;
    bus::LinkSettings own_, foreign_;
    std::size_t next_ = 0;  // of the known ones, to be asked
    unsigned in_flight_ = 0;
    bool is_visiting_ = false, is_home_ = true;
    Instant left_home_{};
    std::string returned_;
};

}  // namespace busbar::discovery
