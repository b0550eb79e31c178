#include "discovery/line/foreign_line.hpp"

#include <algorithm>

#include "device/modbus_unit.hpp"
#include "discovery/judge/judgement.hpp"
#include "discovery/line/modbus_scan.hpp"

namespace busbar::discovery {
namespace {

using namespace std::chrono_literals;
constexpr Duration lately = 60s, look_again = 20ms;
constexpr Duration longest_question = 1500ms;  // its time-out, and the frames
constexpr std::size_t most_asked = 8;          // at one visit: they may all be silent
constexpr Duration patience = 300ms;           // with each

// What a device of this family surely has: the first of what its profile reads.
Block question_to(const KnownUnit& known, const Profiles& profiles) {
    const auto found = std::ranges::find_if(profiles, [&](const auto& p) { return p->name == known.profile; });
    if (found != profiles.end()) {
        if ((*found)->sunspec && !(*found)->sunspec->bases.empty())
            return {profile::Table::holding, (*found)->sunspec->bases.front(), 2};
        Suspicion s;
        s.original = s.placed = *found;
        for (const auto blocks : {name_blocks, number_blocks, text_blocks, point_blocks})
            if (const std::vector<Block> all = blocks(s); !all.empty()) return all.front();
    }
    const std::vector<Block> usual = presence_blocks(profiles);
    return usual.empty() ? Block{} : usual.front();
}

}  // namespace

ForeignLine::ForeignLine(Loop& loop, const SearchedBus& line, const Profiles& profiles, std::function<void()> on_return)
    : loop_(loop),
      bus_(*line.bus),
      known_(line.known),
      on_return_(std::move(on_return)),
      own_(line.bus->link_settings().value_or(bus::LinkSettings{})),
      foreign_(own_) {
    for (const KnownUnit& known : known_) questions_.push_back(question_to(known, profiles));
}

// One that has answered lately; empty when none has.
std::string ForeignLine::who_answers() const {
    for (const bus::UnitStatistics& unit : bus_.statistics().units) {
        const auto known = std::ranges::find(known_, unit.unit, &KnownUnit::unit);
        const bool answers = unit.answers > 0 && unit.last_answer + lately > loop_.now();
        if (known != known_.end() && answers) return known->device;
    }
    return {};
}

Task<bool> ForeignLine::asks_home() {
    returned_ = who_answers();
    const std::size_t most = std::min(most_asked, known_.size());
    for (std::size_t i = 0; i < most && returned_.empty(); ++i) {
        const std::size_t who = next_++ % known_.size();
        profile::BusRules rules;
        rules.timeout = patience;
        const device::ModbusUnit unit(bus_, known_[who].unit, rules);
        const Block block = questions_[who];
        const auto read = co_await unit.read(block.table, block.first, block.count, bus::Urgency::scan);
        // The gateway asks them, too: the line's settings were its own for a moment.
        returned_ = read || read.error().kind == Errc::refused ? known_[who].device : who_answers();
    }
    co_return !returned_.empty();
}

Task<Status> ForeignLine::leave(bus::LinkSettings foreign) {
    foreign_ = std::move(foreign);
    if (is_home_) left_home_ = loop_.now();
    is_home_ = false;
    co_return co_await bus_.relink(foreign_);
}

Task<Status> ForeignLine::come_home() {
    Status home = co_await bus_.relink(own_);
    is_home_ = home.has_value();
    co_return home;
}

Task<void> ForeignLine::visit_home() {
    is_visiting_ = true;
    while (in_flight_ > 0) co_await loop_.sleep_for(look_again);
    const Status home = co_await come_home();
    const bool is_back = home && co_await asks_home();
    if (is_back && on_return_) on_return_();
    if (!is_back) (void)co_await leave(foreign_);  // what fails shows with the next question
    is_visiting_ = false;
}

// Waits until the line may be used for a question. False: no more.
Task<bool> ForeignLine::takes_turn() {
    for (;;) {
        while (is_visiting_) co_await loop_.sleep_for(look_again);
        if (!returned_.empty()) co_return false;
        const bool is_due = !known_.empty() && loop_.now() - left_home_ > longest_absence - longest_question;
        if (!is_due) co_return true;
        co_await visit_home();
    }
}

Task<Result<bus::Registers>> ForeignLine::read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                               bus::DeviceTiming timing) {
    if (!co_await takes_turn()) co_return fail(Errc::unavailable, "'" + returned_ + "' answers again");
    ++in_flight_;
    Result<bus::Registers> answer = co_await bus_.read(unit, block, urgency, timing);
    --in_flight_;
    co_return answer;
}

Task<Status> ForeignLine::write(std::uint8_t, std::uint16_t, std::span<const std::uint16_t>, bus::WriteForm,
                                bus::DeviceTiming, bus::Urgency) {
    co_return fail(Errc::denied, "a search never writes");
}

Task<Result<bus::RawAnswer>> ForeignLine::raw(std::uint8_t unit, std::span<const std::uint8_t> pdu,
                                              bus::Urgency urgency, bus::DeviceTiming timing) {
    const std::vector<std::uint8_t> request(pdu.begin(), pdu.end());
    if (!co_await takes_turn()) co_return fail(Errc::unavailable, "'" + returned_ + "' answers again");
    ++in_flight_;
    Result<bus::RawAnswer> answer = co_await bus_.raw(unit, request, urgency, timing);
    --in_flight_;
    co_return answer;
}

}  // namespace busbar::discovery
