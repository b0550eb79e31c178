#include "discovery/judge/interview.hpp"

#include <algorithm>
#include <set>

#include "device/sunspec_walk.hpp"

namespace busbar::discovery {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t any_number = 1000;
constexpr std::size_t most_point_blocks = 16;  // of one profile: enough to tell two families apart
constexpr unsigned most_silences = 3;          // in a row, before the unit is asked whether it is still there
constexpr int walks = 3;                       // along a chain of models, each of some twenty questions

bool is_alive(const Suspicion& s) { return !s.is_ruled_out; }
bool has_names(const Suspicion& s) { return is_alive(s) && !s.original->sunspec && !name_blocks(s).empty(); }
bool is_sunspec(const Suspicion& s) { return is_alive(s) && s.original->sunspec.has_value(); }
bool is_plain(const Suspicion& s) { return is_alive(s) && !s.original->sunspec; }

}  // namespace

Interview::Interview(Loop& loop, ScanBus& bus, std::uint8_t unit,
                     std::span<const std::shared_ptr<const profile::Profile>> all, Block presence, Evidence known)
    : loop_(loop), bus_(bus), unit_(unit), presence_(presence), evidence_(std::move(known)) {
    for (const auto& profile : all) {
        Suspicion s;
        s.original = s.placed = profile;
        suspicions_.push_back(std::move(s));
    }
    // Who wants long pauses is asked about early, so that the others need not keep them.
    std::ranges::stable_sort(suspicions_, [](const Suspicion& a, const Suspicion& b) {
        return a.original->bus.pause > b.original->bus.pause;
    });
}

Proof Interview::best() const {
    Proof best = Proof::nothing;
    for (const Suspicion& s : suspicions_)
        if (is_alive(s)) best = std::max(best, s.proof);
    return best;
}

Task<Found> Interview::run() {
    co_await examine(name_blocks, judge_names, has_names, any_number);
    const bool has_name = best() == Proof::name;
    if (!has_name) co_await walk();
    if (best() >= Proof::sunspec) {
        // A name or a chain of models leaves no room for those who have neither.
        for (Suspicion& s : suspicions_) s.is_ruled_out = s.is_ruled_out || s.proof < Proof::sunspec;
        co_await examine(name_blocks, judge_names, is_sunspec, any_number);
    }
    co_await examine(number_blocks, judge_numbers, is_alive, any_number);
    co_await examine(text_blocks, judge_texts, is_alive, any_number);
    co_await examine(point_blocks, judge_points, is_plain, most_point_blocks);
    co_await read_again();
    Found found = conclude(suspicions_, evidence_, again_);
    found.unit = unit_;
    if (is_lost_) {
        found.certainty = Certainty::doubtful;
        found.profile.clear();
        found.notes.push_back("stopped answering while it was asked who it is; search again");
    }
    co_return found;
}

// Asks the blocks of everyone concerned, each once, and judges. Who is ruled out on the way asks nothing more.
Task<void> Interview::examine(Blocks blocks, Judge judge, bool (*concerned)(const Suspicion&),
                              std::size_t most_blocks) {
    for (Suspicion& s : suspicions_) {
        if (!goes_on()) co_return;
        if (!concerned(s)) continue;
        std::vector<Block> wanted = blocks(s);
        if (wanted.size() > most_blocks) wanted.resize(most_blocks);
        for (const Block& block : wanted) {
            if (!evidence_.find(block)) co_await ask(block);
            if (!goes_on()) co_return;
        }
        judge(s, evidence_);
    }
}

Task<void> Interview::walk() {
    profile::SunSpec all;
    for (const Suspicion& s : suspicions_)
        if (is_sunspec(s))
            for (const std::uint16_t base : s.original->sunspec->bases)
                if (std::ranges::find(all.bases, base) == all.bases.end()) all.bases.push_back(base);
    // Only a base that holds the mark is walked from; the others cost one read each, like every question.
    std::vector<std::uint16_t> marked;
    for (const std::uint16_t base : all.bases) {
        const Block mark{profile::Table::holding, base, 2};
        if (!evidence_.find(mark)) co_await ask(mark);
        if (!goes_on()) co_return;
        const auto answer = evidence_.find(mark);
        if (answer && answer->kind == Answer::Kind::words && std::ranges::equal(answer->words, profile::sunspec_mark)) {
            marked.push_back(base);
            break;
        }
    }
    std::vector<profile::ModelBlock> chain;
    if (!marked.empty()) {
        all.bases = marked;
        for (int i = 0; i < walks && chain.empty() && goes_on(); ++i) {
            const device::ModbusUnit unit = unit_with_manners();
            auto found = co_await device::walk_models(unit, all);
            if (found) chain = std::move(*found);
            if (found || found.error().kind == Errc::refused || found.error().kind == Errc::unsupported) break;
            is_lost_ = i + 1 == walks && found.error().kind == Errc::timeout;
        }
        if (!goes_on()) co_return;
    }
    evidence_.chain = std::move(chain);
    for (Suspicion& s : suspicions_)
        if (is_sunspec(s)) judge_chain(s, evidence_);
}

// Who it is is asked twice: an answer that changes is not believed.
Task<void> Interview::read_again() {
    std::set<Block> texts;
    for (const Suspicion& s : suspicions_)
        if (is_alive(s) && s.proof >= Proof::own_text && s.proof == best())
            for (const Block& block : text_blocks(s)) texts.insert(block);
    for (const Block& block : texts) {
        if (!goes_on()) co_return;
        const auto first = evidence_.find(block);
        if (!first || first->kind != Answer::Kind::words) continue;
        Answer second = co_await question(block);
        is_lost_ = is_lost_ || second.kind == Answer::Kind::silent;
        again_.keep(block, std::move(second));
    }
}

// The longest pause of those who may be meant, and patience for one that is there.
device::ModbusUnit Interview::unit_with_manners() const {
    profile::BusRules rules;
    rules.timeout = std::max(bus_.timeout(), bus_.waiting().first);
    for (const Suspicion& s : suspicions_) {
        if (!is_alive(s)) continue;
        rules.pause = std::max(rules.pause, s.original->bus.pause);
        rules.settle = std::max(rules.settle, s.original->bus.settle);
    }
    return device::ModbusUnit(bus_, unit_, rules);
}

Task<void> Interview::ask(Block block) {
    Table& table = tables_[block.table == profile::Table::holding ? 0 : 1];
    // Some devices do not refuse what they do not have, they say nothing.
    if (table.silences >= 2 && table.answers == 0 && block.table != presence_.table) {
        evidence_.keep(block, {Answer::Kind::silent, {}});
        co_return;
    }
    Answer answer = co_await question(block);
    if (bus_.is_cancelled()) co_return;
    if (answer.kind != Answer::Kind::silent) {
        ++table.answers;
        silences_in_a_row_ = 0;
    } else {
        ++table.silences;
        if (++silences_in_a_row_ % most_silences == 0) is_lost_ = !co_await is_still_there();
    }
    evidence_.keep(block, std::move(answer));
}

Task<bool> Interview::is_still_there() {
    const Answer answer = co_await question(presence_);
    co_return answer.kind != Answer::Kind::silent;
}

// One read, or several: when the bus refuses to ask a unit that was silent just now, when the unit is busy, and when an
// answer was lost. One lost answer must not decide who a device is; but who says nothing to what he does not have is
// asked only once.
Task<Answer> Interview::question(Block block) {
    constexpr int tries = 4;
    bool may_be_lost = silences_in_a_row_ == 0;
    for (int i = 0; i < tries && !bus_.is_cancelled(); ++i) {
        const device::ModbusUnit unit = unit_with_manners();
        const Result<bus::Registers> read =
            co_await unit.read(block.table, block.first, block.count, bus::Urgency::scan);
        if (read) co_return Answer{Answer::Kind::words, {read->view().begin(), read->view().end()}};
        const bool is_busy = device::says_busy(read.error());
        if (read.error().kind == Errc::refused && !is_busy) co_return Answer{Answer::Kind::absent, {}};
        if (is_busy || read.error().kind == Errc::unavailable) {
            co_await loop_.sleep_for(600ms);
        } else {
            if (!may_be_lost) co_return Answer{};
            may_be_lost = false;
        }
    }
    co_return Answer{};
}

}  // namespace busbar::discovery
