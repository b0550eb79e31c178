#include "device/point_reader.hpp"

#include <algorithm>

#include "base/phrases_running.hpp"
#include "base/together.hpp"
#include "profile/codec/decode.hpp"

namespace busbar::device {
namespace {

constexpr std::size_t index_of(PollClass c) { return static_cast<std::size_t>(c); }
constexpr PollClass all_classes[] = {PollClass::critical, PollClass::telemetry, PollClass::slow};

using namespace std::chrono_literals;
// How often what was refused is asked for again: each point alone, a few questions per poll.
constexpr int most_questions = 4;
constexpr Duration first_pause = 1s, longest_pause = 10s;
constexpr Duration longest_pause_of_absent = 10min;
// What was missing at probe(): at once with each telemetry poll, then ever more rarely.
Duration pause_of_left_out(Duration since_open) { return std::clamp<Duration>(since_open / 4, 5s, 10min); }

bus::Urgency urgency_of(PollClass c) {
    switch (c) {
        case PollClass::critical:
            return bus::Urgency::critical;
        case PollClass::telemetry:
            return bus::Urgency::telemetry;
        case PollClass::slow:
            return bus::Urgency::background;
    }
    return bus::Urgency::background;
}

}  // namespace

PointReader::PointReader(Loop& loop, ModbusUnit unit, std::vector<profile::Point> points,
                         const profile::BusRules& rules)
    : loop_(loop),
      unit_(unit),
      points_(std::move(points)),
      rules_(rules),
      was_good_(points_.size(), false),
      last_good_(points_.size()) {
    for (const PollClass c : all_classes) plans_[index_of(c)] = plan_of(c, true);
}

PointReader::Plan PointReader::plan_of(PollClass of, bool with_refused) const {
    std::vector<std::uint16_t> which;
    for (std::uint16_t i = 0; i < points_.size(); ++i)
        if (points_[i].every == of && (with_refused || !is_refused(i))) which.push_back(i);
    return profile::plan_reads(points_, which, rules_);
}

Task<void> PointReader::run(Plan plan, bus::Urgency urgency, PollResult& result, Outcome& outcome) {
    bool is_silent = false;
    // It grows where a block is split.
    for (std::size_t next = 0; next < plan.size();) {
        if (is_silent) {
            outcome.plan.push_back(std::move(plan[next++]));
            continue;
        }
        const std::size_t count = std::min<std::size_t>(rules_.pipeline, plan.size() - next);
        if (count == 1) {
            const profile::ReadRequest& one = plan[next];
            const Result<bus::Registers> answer = co_await unit_.read(one.table, one.first, one.count, urgency);
            is_silent = take(plan, next++, answer, result, outcome);
            continue;
        }
        std::vector<Result<bus::Registers>> answers(count, fail(Errc::internal, "not asked"));
        std::vector<Task<void>> reads;
        for (std::size_t i = 0; i < count; ++i) reads.push_back(read(plan[next + i], urgency, answers[i]));
        co_await together(loop_, "read", std::move(reads));
        for (const Result<bus::Registers>& answer : answers) is_silent = take(plan, next++, answer, result, outcome);
    }
}

Task<void> PointReader::read(const profile::ReadRequest& request, bus::Urgency urgency,
                             Result<bus::Registers>& answer) const {
    answer = co_await unit_.read(request.table, request.first, request.count, urgency);
}

// What came of plan[index]. True when the device has not answered at all: each further block would cost its time-out,
// and its neighbours their turn.
bool PointReader::take(Plan& plan, std::size_t index, const Result<bus::Registers>& answer, PollResult& result,
                       Outcome& outcome) {
    profile::ReadRequest request = std::move(plan[index]);
    if (answer) {
        outcome.any_answer = true;
        decode(request, *answer, result);
        outcome.plan.push_back(std::move(request));
        return false;
    }
    if (!says_absent(answer.error())) {
        result.failures.push_back(answer.error());
        outcome.plan.push_back(std::move(request));
        return !outcome.any_answer && is_silence(answer.error());
    }
    outcome.any_answer = true;
    std::vector<profile::ReadRequest> smaller = profile::split_read(points_, request, rules_);
    if (smaller.empty()) {
        outcome.missing.push_back({request.points.front(), answer.error()});
        return false;
    }
    outcome.is_split = true;
    plan.insert(plan.end(), std::make_move_iterator(smaller.begin()), std::make_move_iterator(smaller.end()));
    return false;
}

void PointReader::decode(const profile::ReadRequest& request, const bus::Registers& answer, PollResult& result) {
    result.readings.reserve(result.readings.size() + request.points.size());
    for (const std::uint16_t i : request.points) {
        const profile::Point& point = points_[i];
        const model::RoleInfo& role = model::info(point.role.role);
        const auto value = profile::decode(point, request.first, answer.view());
        model::Reading reading{0, answer.received, model::Quality::invalid};
        if (value && *value >= role.min && *value <= role.max) {
            reading.value = *value;
            reading.quality = model::Quality::good;
            last_good_[i] = *value;
            was_good_[i] = true;
        }
        if (!refused_.empty()) refused_.erase(i);
        result.readings.push_back({i, reading});
    }
}

Task<Status> PointReader::probe(std::vector<model::RoleKey> once_good) {
    std::vector<bool> is_left_out(points_.size(), false);
    bool any_answer = points_.empty();
    std::size_t missing = 0;
    std::optional<Error> silence;
    for (const PollClass c : all_classes) {
        PollResult result;
        Outcome outcome;
        co_await run(plans_[index_of(c)], bus::Urgency::background, result, outcome);
        any_answer = any_answer || outcome.any_answer;
        if (!silence && !result.failures.empty()) silence = result.failures.front();
        missing += outcome.missing.size();
        for (Missing& one : outcome.missing) {
            const std::uint16_t i = one.point;
            was_good_[i] = std::find(once_good.begin(), once_good.end(), points_[i].role) != once_good.end();
            if (was_good_[i])
                refuse(std::move(one));
            else
                is_left_out[i] = true;
        }
        plans_[index_of(c)] = std::move(outcome.plan);
        probed_[index_of(c)] = std::move(result);
    }
    if (!any_answer && silence) co_return *silence;
    if (missing == points_.size()) co_return fail(Errc::unsupported, say<phrases::registers_missing>());
    opened_at_ = loop_.now();
    keep_present(is_left_out);
    for (const PollClass c : all_classes)
        full_plans_[index_of(c)] = refused(c).empty() ? plans_[index_of(c)] : plan_of(c, true);
    co_return ok();
}

// Closes the ranks: indices in the plans follow the points that stay.
void PointReader::keep_present(const std::vector<bool>& is_left_out) {
    std::vector<std::uint16_t> new_index(points_.size(), 0);
    std::uint16_t present = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
        new_index[i] = present;
        if (is_left_out[i]) {
            // What control decides on is asked for first.
            const Instant first_try = opened_at_ + (points_[i].every == PollClass::critical ? 0s : 10s);
            left_out_.push_back({std::move(points_[i]), first_try});
            continue;
        }
        if (present != i) {
            points_[present] = std::move(points_[i]);
            last_good_[present] = last_good_[i];
            was_good_[present] = was_good_[i];
        }
        ++present;
    }
    points_.erase(points_.begin() + present, points_.end());
    last_good_.resize(present);
    was_good_.resize(present);
    std::map<std::uint16_t, Refusal> refused;
    for (auto& [point, refusal] : refused_) refused.emplace(new_index[point], std::move(refusal));
    refused_ = std::move(refused);
    for (auto& plan : plans_)
        for (profile::ReadRequest& request : plan)
            for (std::uint16_t& i : request.points) i = new_index[i];
    for (auto& result : probed_)
        for (PointReading& reading : result->readings) reading.point = new_index[reading.point];
}

Task<void> PointReader::poll(PollClass due, PollResult& result) {
    if (std::optional<PollResult>& probed = probed_[index_of(due)]) {
        result = std::move(*probed);
        probed.reset();
        report_refused(due, true, result);
        co_return;
    }
    Outcome outcome;
    co_await run(plans_[index_of(due)], urgency_of(due), result, outcome);
    for (Missing& missing : outcome.missing) refuse(std::move(missing));
    const bool is_silent = !outcome.any_answer && !result.failures.empty();
    const bool is_any_back = !is_silent && co_await ask_refused(due, result, outcome);
    const bool is_answered = outcome.any_answer;
    settle_plan(due, std::move(outcome), is_any_back);
    if (due == PollClass::telemetry && !is_silent) co_await ask_left_out(result);
    report_refused(due, is_answered, result);
}

// A transient refusal must not leave its marks in the plan; a hole that is met twice running is there to stay.
void PointReader::settle_plan(PollClass due, Outcome outcome, bool is_any_back) {
    Plan& plan = plans_[index_of(due)];
    Plan& full = full_plans_[index_of(due)];
    const bool is_split_only = outcome.is_split && outcome.missing.empty() && !is_any_back;
    if (!refused(due).empty()) {
        if (is_any_back)
            plan = plan_of(due, false);
        else
            plan = std::move(outcome.plan);
    } else if (is_split_only && was_split_[index_of(due)]) {
        full = plan = std::move(outcome.plan);
    } else if (is_any_back) {
        plan = full;
    }
    was_split_[index_of(due)] = is_split_only;
}

bool PointReader::matters(std::uint16_t point) const {
    return was_good_[point] || points_[point].every == PollClass::critical;
}

void PointReader::refuse(Missing missing) {
    const auto known = refused_.find(missing.point);
    const Duration longest = matters(missing.point) ? longest_pause : longest_pause_of_absent;
    const bool is_known = known != refused_.end();
    const Duration pause = is_known ? std::min(2 * known->second.pause, longest) : first_pause;
    refused_[missing.point] = Refusal{loop_.now() + pause, pause, is_known, std::move(missing.why)};
}

std::vector<std::uint16_t> PointReader::refused(PollClass of) const {
    std::vector<std::uint16_t> found;
    for (const auto& [point, refusal] : refused_)
        if (points_[point].every == of) found.push_back(point);
    return found;
}

// True when one of them answers. Where nothing else is read, one is asked at every poll: silence must be noticed.
Task<bool> PointReader::ask_refused(PollClass due, PollResult& result, Outcome& outcome) {
    std::vector<std::uint16_t> waiting = refused(due);
    if (waiting.empty()) co_return false;
    std::stable_sort(waiting.begin(), waiting.end(), [this](std::uint16_t a, std::uint16_t b) {
        return refused_.at(a).next_try < refused_.at(b).next_try;
    });
    bool must_ask = plans_[index_of(due)].empty();
    bool is_any_back = false;
    int questions = most_questions;
    for (const std::uint16_t i : waiting) {
        Refusal& refusal = refused_.at(i);
        if (questions-- == 0 || (refusal.next_try > loop_.now() && !must_ask)) break;
        must_ask = false;
        refusal.next_try = loop_.now() + refusal.pause;
        const std::uint16_t alone[] = {i};
        Outcome again;
        co_await run(profile::plan_reads(points_, alone, rules_), urgency_of(due), result, again);
        outcome.any_answer = outcome.any_answer || again.any_answer;
        for (Missing& missing : again.missing) refuse(std::move(missing));
        is_any_back = is_any_back || !is_refused(i);
        if (!again.any_answer) break;
    }
    if (is_any_back) co_await ask_together(due, result);
    co_return is_any_back;
}

// One came back, so all may have. Those that are still refused keep their own turn.
Task<void> PointReader::ask_together(PollClass due, PollResult& result) {
    const std::vector<std::uint16_t> rest = refused(due);
    for (const profile::ReadRequest& request : profile::plan_reads(points_, rest, rules_)) {
        const Result<bus::Registers> answer =
            co_await unit_.read(request.table, request.first, request.count, urgency_of(due));
        if (answer) decode(request, *answer, result);
        if (answer || says_absent(answer.error())) continue;
        result.failures.push_back(answer.error());
        co_return;
    }
}

void PointReader::report_refused(PollClass due, bool is_answered, PollResult& result) const {
    const Refusal* first = nullptr;
    std::uint16_t first_point = 0;
    for (const std::uint16_t i : refused(due)) {
        const Refusal& refusal = refused_.at(i);
        if (!refusal.is_confirmed) continue;
        // Nobody answered: then this is no news about the point either.
        if (is_answered) result.readings.push_back({i, {0, loop_.now(), model::Quality::invalid}});
        if (first || !matters(i)) continue;
        first = &refusal;
        first_point = i;
    }
    if (first)
        result.failures.push_back(
            because(say<phrases::role_refused>(to_string(points_[first_point].role)), first->why));
}

// Parts may be fitted later, and a device that was starting up at probe() has all its registers soon.
Task<void> PointReader::ask_left_out(PollResult& result) {
    for (int questions = most_questions; questions > 0 && !left_out_.empty() && !has_more_; --questions) {
        LeftOut& next = *std::min_element(left_out_.begin(), left_out_.end(),
                                          [](const LeftOut& a, const LeftOut& b) { return a.next_try < b.next_try; });
        if (next.next_try > loop_.now()) co_return;
        next.next_try = loop_.now() + pause_of_left_out(loop_.now() - opened_at_);
        const profile::Point alone[] = {next.point};
        const std::uint16_t first[] = {0};
        const profile::ReadRequest request = profile::plan_reads(alone, first, rules_).front();
        const Result<bus::Registers> answer =
            co_await unit_.read(request.table, request.first, request.count, bus::Urgency::background);
        if (!answer && !says_absent(answer.error())) co_return;
        has_more_ = answer && profile::decode(next.point, request.first, answer->view());
        if (has_more_)
            result.failures.push_back(
                fail(Errc::unavailable, to_string(next.point.role) + " is there now; the device is opened again"));
    }
}

std::vector<model::RoleKey> PointReader::once_good() const {
    std::vector<model::RoleKey> roles;
    for (std::size_t i = 0; i < points_.size(); ++i)
        if (was_good_[i]) roles.push_back(points_[i].role);
    return roles;
}

std::optional<double> PointReader::last_good(model::RoleKey role) const {
    for (std::size_t i = 0; i < points_.size(); ++i)
        if (points_[i].role == role) return last_good_[i];
    return std::nullopt;
}

}  // namespace busbar::device
