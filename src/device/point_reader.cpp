#include "device/point_reader.hpp"

#include <algorithm>
#include <deque>

#include "profile/decode.hpp"

namespace busbar::device {
namespace {

constexpr std::size_t index_of(PollClass c) { return static_cast<std::size_t>(c); }
constexpr PollClass all_classes[] = {PollClass::critical, PollClass::telemetry, PollClass::slow};

bus::Urgency urgency_of(PollClass c) {
    switch (c) {
        case PollClass::critical:
            return bus::Urgency::critical;
        case PollClass::telemetry:
            return bus::Urgency::telemetry;
        case PollClass::slow:
            return bus::Urgency::scan;
    }
    return bus::Urgency::scan;
}

}  // namespace

PointReader::PointReader(ModbusUnit unit, std::vector<profile::Point> points, const profile::BusRules& rules)
    : unit_(unit),
      points_(std::move(points)),
      rules_(rules),
      is_missing_(points_.size(), false),
      last_good_(points_.size()) {
    for (const PollClass c : all_classes) make_plan(c);
}

void PointReader::make_plan(PollClass of) {
    std::vector<std::uint16_t> which;
    for (std::uint16_t i = 0; i < points_.size(); ++i)
        if (points_[i].every == of && !is_missing_[i]) which.push_back(i);
    plans_[index_of(of)] = profile::plan_reads(points_, which, rules_);
}

Task<void> PointReader::run(std::vector<profile::ReadRequest> plan, bus::Urgency urgency, PollResult& result,
                            Outcome& outcome) {
    std::deque<profile::ReadRequest> todo(std::make_move_iterator(plan.begin()), std::make_move_iterator(plan.end()));
    bool is_silent = false;
    while (!todo.empty()) {
        profile::ReadRequest request = std::move(todo.front());
        todo.pop_front();
        if (is_silent) {
            outcome.plan.push_back(std::move(request));
            continue;
        }
        const Result<bus::Registers> answer = co_await unit_.read(request.table, request.first, request.count, urgency);
        if (answer) {
            outcome.any_answer = true;
            decode(request, *answer, result);
            outcome.plan.push_back(std::move(request));
        } else if (!says_absent(answer.error())) {
            result.failures.push_back(answer.error());
            // A device that has not answered at all would cost each block its time-out, and its neighbours their turn.
            is_silent = !outcome.any_answer && is_silence(answer.error());
            outcome.plan.push_back(std::move(request));
        } else if (request.points.size() == 1) {
            outcome.any_answer = true;
            outcome.missing.push_back(request.points.front());
        } else {
            outcome.any_answer = true;
            const auto half = request.points.begin() + static_cast<std::ptrdiff_t>(request.points.size() / 2);
            const std::vector<std::uint16_t> halves[] = {{request.points.begin(), half}, {half, request.points.end()}};
            for (const auto& part : halves)
                for (profile::ReadRequest& smaller : profile::plan_reads(points_, part, rules_))
                    todo.push_back(std::move(smaller));
        }
    }
}

void PointReader::decode(const profile::ReadRequest& request, const bus::Registers& answer, PollResult& result) {
    for (const std::uint16_t i : request.points) {
        const profile::Point& point = points_[i];
        const model::RoleInfo& role = model::info(point.role.role);
        const auto value = profile::decode(point, request.first, answer.view());
        model::Reading reading{0, answer.received, model::Quality::invalid};
        if (value && *value >= role.min && *value <= role.max) {
            reading.value = *value;
            reading.quality = model::Quality::good;
            last_good_[i] = *value;
        }
        result.readings.push_back({i, reading});
    }
}

Task<Status> PointReader::probe() {
    std::vector<bool> is_missing(points_.size(), false);
    bool any_answer = points_.empty();
    std::optional<Error> silence;
    for (const PollClass c : all_classes) {
        PollResult result;
        Outcome outcome;
        co_await run(plans_[index_of(c)], bus::Urgency::scan, result, outcome);
        any_answer = any_answer || outcome.any_answer;
        if (!silence && !result.failures.empty()) silence = result.failures.front();
        for (const std::uint16_t i : outcome.missing) is_missing[i] = true;
        plans_[index_of(c)] = std::move(outcome.plan);
        probed_[index_of(c)] = std::move(result);
    }
    if (!any_answer && silence) co_return *silence;
    keep_present(is_missing);
    co_return ok();
}

// Closes the ranks: indices in the plans follow the points that stay.
void PointReader::keep_present(const std::vector<bool>& is_missing) {
    std::vector<profile::Point> present;
    std::vector<std::optional<double>> values;
    std::vector<std::uint16_t> new_index(points_.size(), 0);
    for (std::size_t i = 0; i < points_.size(); ++i) {
        new_index[i] = static_cast<std::uint16_t>(present.size());
        if (!is_missing[i]) values.push_back(last_good_[i]);
        (is_missing[i] ? left_out_ : present).push_back(std::move(points_[i]));
    }
    points_ = std::move(present);
    last_good_ = std::move(values);
    is_missing_.assign(points_.size(), false);
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
        co_return;
    }
    Outcome outcome;
    co_await run(plans_[index_of(due)], urgency_of(due), result, outcome);
    plans_[index_of(due)] = std::move(outcome.plan);
    for (const std::uint16_t i : outcome.missing) is_missing_[i] = true;
    if (due == PollClass::slow && outcome.any_answer) co_await look_again(result);
    for (std::uint16_t i = 0; i < points_.size(); ++i)
        if (is_missing_[i] && points_[i].every == due) result.readings.push_back({i, {0, {}, model::Quality::invalid}});
}

Task<bool> PointReader::answers(const profile::Point& point) {
    const profile::Point alone[] = {point};
    const std::uint16_t first[] = {0};
    const profile::ReadRequest request = profile::plan_reads(alone, first, rules_).front();
    const Result<bus::Registers> answer =
        co_await unit_.read(request.table, request.first, request.count, bus::Urgency::scan);
    co_return answer.has_value() && profile::decode(point, request.first, answer->view()).has_value();
}

// A few single questions each ten minutes: registers may come back after an update, parts may be fitted later.
Task<void> PointReader::look_again(PollResult& result) {
    int questions = 4;
    for (std::uint16_t i = 0; i < points_.size() && questions > 0; ++i) {
        if (!is_missing_[i]) continue;
        --questions;
        const bool is_back = co_await answers(points_[i]);
        if (!is_back) continue;
        is_missing_[i] = false;
        make_plan(points_[i].every);
    }
    for (; questions > 0 && !left_out_.empty() && !has_more_; --questions) {
        const profile::Point& point = left_out_[next_left_out_++ % left_out_.size()];
        has_more_ = co_await answers(point);
        if (has_more_)
            result.failures.push_back(
                fail(Errc::unavailable, to_string(point.role) + " is there now; the device is opened again"));
    }
}

std::optional<double> PointReader::last_good(model::RoleKey role) const {
    for (std::size_t i = 0; i < points_.size(); ++i)
        if (points_[i].role == role) return last_good_[i];
    return std::nullopt;
}

}  // namespace busbar::device
