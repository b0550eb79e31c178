#include "discovery/line/modbus_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/phrases.hpp"
#include "discovery/compare.hpp"
#include "discovery/line/child_search.hpp"

namespace busbar::discovery {
namespace {

using namespace std::chrono_literals;
constexpr unsigned most_interviews = 8;   // at once; their pauses overlap
constexpr unsigned interview_steps = 20;  // what one is worth in the estimate
constexpr std::size_t most_found = 300;

// Exceptions 10 and 11 come from a gateway and say that the unit behind it is not there.
bool says_nobody(const Error& error) {
    return error.text.find("exception 10:") != std::string::npos ||
           error.text.find("exception 11:") != std::string::npos;
}

}  // namespace

std::vector<Block> presence_blocks(const Profiles& profiles) {
    std::map<Block, unsigned> wanted;
    for (const auto& profile : profiles) {
        Suspicion s;
        s.original = s.placed = profile;
        for (const Block& block : name_blocks(s)) ++wanted[block];
        for (const Block& block : number_blocks(s)) ++wanted[block];
        if (profile->sunspec)
            for (const std::uint16_t base : profile->sunspec->bases) ++wanted[{profile::Table::holding, base, 2}];
    }
    std::vector<Block> best;
    for (const profile::Table table : {profile::Table::holding, profile::Table::input}) {
        const std::pair<const Block, unsigned>* most = nullptr;
        for (const auto& entry : wanted) {
            if (entry.first.table != table) continue;
            const bool is_better = most == nullptr || entry.second > most->second ||
                                   (entry.second == most->second && entry.first.count < most->first.count);
            if (is_better) most = &entry;
        }
        if (most != nullptr) best.push_back(most->first);
    }
    if (best.size() == 2 && wanted[best[1]] > wanted[best[0]]) std::swap(best[0], best[1]);
    return best;
}

ModbusScan::ModbusScan(Loop& loop, bus::ModbusBus& bus, ModbusScanOrder order)
    : loop_(loop), bus_(bus, order.waiting), order_(std::move(order)) {
    for (const auto& profile : order_.profiles) {
        rules_.pause = std::max(rules_.pause, profile->bus.pause);
        rules_.settle = std::max(rules_.settle, profile->bus.settle);
    }
    total_ = static_cast<unsigned>(order_.units.size()) * (order_.has_second_pass ? 2u : 1u);
}

ModbusScan::~ModbusScan() = default;

Task<Status> ModbusScan::run() {
    started_ = loop_.now();
    std::vector<Silent> unknown;
    for (const std::uint8_t unit : order_.units) {
        const auto known = std::ranges::find(order_.known, unit, &KnownUnit::unit);
        if (known == order_.known.end())
            unknown.push_back({unit, false});
        else
            found_.push_back(found_as(*known));
    }
    const std::vector<Block> questions = presence_blocks(order_.profiles);
    const bool is_twice = order_.has_second_pass;
    total_ = questions.empty() ? 0 : static_cast<unsigned>(unknown.size()) * (is_twice ? 2u : 1u);
    Status swept = ok();
    if (!questions.empty()) swept = co_await sweep(questions.front(), unknown, !is_twice);
    if (swept && is_twice && !questions.empty()) {
        const std::vector<Silent> again = std::move(silent_);
        total_ -= static_cast<unsigned>(unknown.size() - again.size());
        swept = co_await sweep(questions.back(), again, true);
    }
    report_garbled();
    while (interviews_ > 0) co_await loop_.wait(interview_ended_, Instant::max());
    current_.reset();
    if (swept && order_.follows_loggers) co_await follow_loggers();
    co_return swept;
}

void ModbusScan::cancel() {
    bus_.cancel();
    if (children_) children_->cancel();
}

// One logger of a kind: some answer at every unit. Who was found where its devices stand is one of them.
Task<void> ModbusScan::follow_loggers() {
    std::set<std::string> followed;
    const std::vector<Found> direct = found_;
    for (const Found& logger : direct) {
        if (bus_.is_cancelled()) co_return;
        const auto profile = std::ranges::find_if(
            order_.profiles, [&](const auto& p) { return p->name == logger.profile && p->children; });
        if (profile == order_.profiles.end() || !followed.insert(logger.profile).second) continue;
        const profile::Children& range = *(*profile)->children;
        std::vector<std::uint8_t> skipped;
        Parent parent{logger.unit, *profile};
        for (Found& f : found_) {
            skipped.push_back(f.unit);
            const bool is_child = f.unit >= range.first_unit && f.unit <= range.last_unit && f.unit != logger.unit;
            if (is_child && f.profile != logger.profile) f.behind = logger.unit;
            const bool is_of_family = std::ranges::find(range.profiles, f.profile) != range.profiles.end();
            parent.known_children += is_child && is_of_family ? 1 : 0;
        }
        children_ = std::make_unique<ChildSearch>(loop_, bus_, std::move(parent), skipped, order_.profiles);
        co_await children_->run();
        std::vector<Found> behind = children_->found();
        found_.insert(found_.end(), behind.begin(), behind.end());
        messages_.insert(messages_.end(), children_->messages().begin(), children_->messages().end());
        done_ += children_->done();
        total_ += children_->total();
        children_.reset();
    }
}

std::vector<Found> ModbusScan::found() const {
    std::vector<Found> all = found_;
    if (!children_) return all;
    const std::vector<Found> behind = children_->found();
    all.insert(all.end(), behind.begin(), behind.end());
    return all;
}

unsigned ModbusScan::done() const { return done_ + (children_ ? children_->done() : 0); }
unsigned ModbusScan::total() const { return total_ + (children_ ? children_->total() : 0); }

Task<Status> ModbusScan::sweep(Block question, const std::vector<Silent>& units, bool is_last) {
    silent_.clear();
    for (const Silent& asked : units) {
        if (bus_.is_cancelled() || found_.size() >= most_found) break;
        if (answered_ >= order_.enough) {  // nobody else is there
            --total_;
            continue;
        }
        current_ = asked.unit;
        const Duration patience = !is_last ? bus_.timeout() : std::max(bus_.timeout(), bus_.waiting().first);
        const Duration timeout = asked.was_garbled ? bus_.waiting().most : patience;
        Result<Sign> sign = co_await look(asked.unit, question, timeout);
        if (!sign) co_return sign.error();
        ++done_;
        if (sign->presence == Presence::present) {
            ++answered_;
            bus_.learn();
            co_await start_interview(asked.unit, question, std::move(sign->answer));
        } else if (sign->presence == Presence::garbled && is_last) {
            garbled_.push_back(asked.unit);
        } else {
            // What looks garbled may be the late answer of the unit before.
            const bool is_garbled = sign->presence == Presence::garbled;
            if (is_garbled && !silent_.empty()) silent_.back().was_garbled = true;
            silent_.push_back({asked.unit, is_garbled});
        }
    }
    co_return ok();
}

// The time-out is the whole price of a unit that is not there.
Task<Result<ModbusScan::Sign>> ModbusScan::look(std::uint8_t unit_id, Block question, Duration timeout) {
    profile::BusRules rules = rules_;
    rules.timeout = timeout;
    const device::ModbusUnit unit(bus_, unit_id, rules);
    constexpr int tries = 4;
    for (int i = 0; i < tries; ++i) {
        const auto read = co_await unit.read(question.table, question.first, question.count, bus::Urgency::scan);
        Sign sign;
        if (read) sign = {Presence::present, {Answer::Kind::words, {read->view().begin(), read->view().end()}}};
        if (read || bus_.is_cancelled()) co_return sign;
        const Error& error = read.error();
        if (error.kind == Errc::refused && !says_nobody(error)) sign = {Presence::present, {Answer::Kind::absent, {}}};
        if (error.kind == Errc::malformed) sign.presence = Presence::garbled;
        if (error.kind != Errc::unavailable) co_return sign;
        // The bus is down, or asked this unit just now.
        co_await loop_.sleep_for(600ms);
        if (i + 1 == tries && !bus_.statistics().connected) co_return error;
    }
    co_return Sign{};
}

Task<void> ModbusScan::start_interview(std::uint8_t unit, Block question, Answer answer) {
    while (interviews_ >= most_interviews && !bus_.is_cancelled())
        co_await loop_.wait(interview_ended_, Instant::max());
    if (bus_.is_cancelled()) co_return;
    ++interviews_;
    total_ += interview_steps;
    Evidence known;
    known.keep(question, std::move(answer));
    loop_.spawn("interview", interview(unit, question, std::move(known)));
}

Task<void> ModbusScan::interview(std::uint8_t unit, Block question, Evidence known) {
    Interview talk(loop_, bus_, unit, order_.profiles, question, std::move(known));
    Found found = co_await talk.run();
    if (bus_.is_cancelled() && found.certainty != Certainty::identified) {
        found.certainty = Certainty::unknown;
        found.notes.push_back("answers; the search was cancelled before it could be asked who it is");
    }
    found_.push_back(std::move(found));
    done_ += interview_steps;
    --interviews_;
    interview_ended_.set();
}

// A few garbled units are devices in trouble; many are a line in trouble.
void ModbusScan::report_garbled() {
    constexpr std::size_t most_devices = 4;
    if (garbled_.size() > most_devices) {
        messages_.push_back(say<phrases::search_garbled>(garbled_.size()));
        return;
    }
    for (const std::uint8_t unit : garbled_) {
        Found found;
        found.unit = unit;
        found.certainty = Certainty::doubtful;
        found.reason = say<phrases::found_garbled>();
        found.notes.push_back(say<phrases::found_garbled_here>());
        found_.push_back(std::move(found));
    }
}

std::optional<Duration> ModbusScan::left() const {
    constexpr unsigned enough = 3;
    if (done() < enough || total() <= done()) return std::nullopt;
    return (loop_.now() - started_) / done() * (total() - done());
}

std::string ModbusScan::current() const {
    if (children_) return children_->current();
    return current_ ? fmt::format("unit {}", *current_) : std::string();
}

}  // namespace busbar::discovery
