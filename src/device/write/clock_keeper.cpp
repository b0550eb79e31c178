#include "device/write/clock_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace busbar::device {
namespace {

using namespace std::chrono_literals;
using profile::ClockFace;
using profile::to_text;
using std::chrono::seconds;

constexpr Duration least_between_sets = 1h;
constexpr std::chrono::minutes near_midnight{2}, near_zone_change{10}, half_a_day{12 * 60};
// After setting, at least: one second for each of the two clocks' cut-off fractions, and the way over a slow line. On a
// busy one the write waits its turn, so what counts is whether the clock is right now as its profile means it.
constexpr Duration set_is_right_within = 5s;

bool is_near_midnight(ClockFace face) {
    const auto of_day = face - std::chrono::floor<std::chrono::days>(face);
    return of_day < near_midnight || of_day >= 24h - near_midnight;
}
bool is_same_day(ClockFace a, ClockFace b) {
    return std::chrono::floor<std::chrono::days>(a) == std::chrono::floor<std::chrono::days>(b);
}

std::string off_text(seconds off) {
    const auto amount = off < 0s ? -off : off;
    if (amount < 10min) return fmt::format("off by {:+} s", off.count());
    return fmt::format("{} by {} h {:02} min", off < 0s ? "behind" : "ahead", amount / 1h, amount % 1h / 1min);
}

}  // namespace

ClockJudgement judge_clock(const profile::Clock& clock, const ClockMoment& moment) {
    const auto wait = [](std::string why) { return ClockJudgement{ClockVerdict::wait, std::move(why)}; };
    if (!moment.is_trusted) return wait("not compared: the gateway's own time is not synchronised");
    const auto off = moment.shown ? std::optional(*moment.shown - moment.ours) : std::nullopt;
    const std::string found = off ? off_text(*off) : "shows no valid time";
    if (off && *off <= clock.tolerance && -*off <= clock.tolerance) return {ClockVerdict::right, found};
    if (!clock.is_set && !moment.zone_changes)
        return {ClockVerdict::needs_person,
                found +
                    "; it is not set from here: correct it, with its time zone and summer time, in the maker's app "
                    "or in the logger that it follows"};
    if (moment.since_set && *moment.since_set < least_between_sets)
        return wait(found + "; waits: it was set within the last hour");
    if (moment.zone_changes) return wait(found + "; waits: summer or winter time begins");
    if (is_near_midnight(moment.ours) || (moment.shown && is_near_midnight(*moment.shown)))
        return wait(found + "; waits: near midnight, day counters would jump");
    // A clock that is hours off has the same date for part of each day; one that is further off never will.
    const bool will_meet = off && *off < half_a_day && -*off < half_a_day;
    if (will_meet && !is_same_day(moment.ours, *moment.shown))
        return wait(found + "; waits: across midnight, day counters would jump");
    return {ClockVerdict::set, found};
}

ClockFace ClockKeeper::face_now(const profile::Clock& clock, const SiteTime& time, Duration later) const {
    const WallTime at = loop_.wall() + std::chrono::floor<std::chrono::milliseconds>(later);
    const auto offset = clock.is_utc ? 0s : time.utc_offset(at);
    return ClockFace{std::chrono::floor<seconds>(at.time_since_epoch()) + offset};
}

Task<Result<ClockReport>> ClockKeeper::keep(ModbusUnit unit, profile::Clock clock, SiteTime time) {
    if (is_keeping_) co_return fail(Errc::unavailable, "clock: is being compared already");
    const auto first = clock.at.offset;
    is_keeping_ = true;
    const Result<bus::Registers> answer =
        co_await unit.read(clock.at.table, first, words_of(clock), bus::Urgency::telemetry);
    is_keeping_ = false;
    if (!answer) co_return because("clock", answer.error());
    ClockReport report{.has_clock = true};
    ClockMoment moment;
    moment.shown = profile::decode_clock(clock, answer->view());
    moment.ours = face_now(clock, time, 0s);
    moment.is_trusted = time.is_trusted;
    const WallTime now = loop_.wall();
    moment.zone_changes =
        !clock.is_utc && time.utc_offset(now - near_zone_change) != time.utc_offset(now + near_zone_change);
    if (set_at_) moment.since_set = loop_.now() - *set_at_;
    if (moment.shown && moment.is_trusted) report.off_s = static_cast<double>((*moment.shown - moment.ours).count());
    ClockJudgement judgement = judge_clock(clock, moment);
    report.text = judgement.why;
    report.is_right = judgement.verdict == ClockVerdict::right;
    report.needs_person = judgement.verdict == ClockVerdict::needs_person;
    if (judgement.verdict != ClockVerdict::set) co_return report;
    set_at_ = loop_.now();  // also when it fails: memory of clocks wears out too
    is_keeping_ = true;
    std::vector<std::uint16_t> shown(answer->view().begin(), answer->view().end());
    const Result<ClockFace> face = co_await set(unit, clock, time, std::move(shown));
    is_keeping_ = false;
    if (!face) co_return because("clock: " + report.text, face.error());
    report.was_set = report.is_right = true;
    report.text += "; set to " + to_text(*face);
    co_return report;
}

// All registers in one request: a minute must not end between two of them.
Task<Result<ClockFace>> ClockKeeper::set(const ModbusUnit& unit, const profile::Clock& clock, const SiteTime& time,
                                         std::vector<std::uint16_t> shown) {
    for (const profile::WriteStep& step : clock.before) {
        const auto words = profile::encode_raw(step.encoding.type, step.encoding.words, step.constants[0]);
        if (!words) co_return words.error();
        const Status sent = co_await unit.write(step.to.offset, words->view(), bus::Urgency::telemetry);
        if (!sent) co_return because("unlocking", sent.error());
    }
    // Rounded, because the device starts its second when the write arrives.
    const ClockFace face = face_now(clock, time, 500ms);
    const auto words = profile::encode_clock(clock, face, shown);
    if (!words) co_return words.error();
    const Status sent = co_await unit.write(clock.at.offset, *words, bus::Urgency::telemetry);
    if (!sent) co_return sent.error();
    const Result<bus::Registers> answer =
        co_await unit.read(clock.at.table, clock.at.offset, words_of(clock), bus::Urgency::telemetry);
    if (!answer) co_return because("set, but not read back", answer.error());
    const auto stands = profile::decode_clock(clock, answer->view());
    const ClockFace wanted = face_now(clock, time, 0s);
    const Duration within = std::max<Duration>(set_is_right_within, clock.tolerance);
    if (!stands || *stands - wanted > within || wanted - *stands > within)
        co_return fail(Errc::refused, fmt::format("set to {}, the device shows {}", to_text(face),
                                                  stands ? to_text(*stands) : "no valid time"));
    co_return face;
}

}  // namespace busbar::device
