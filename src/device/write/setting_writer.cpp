#include "device/write/setting_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "base/phrases.hpp"
#include "base/phrases_running.hpp"
#include "profile/codec/decode.hpp"
#include "profile/setting.hpp"

namespace busbar::device {
namespace {

using profile::Setting;
using namespace std::chrono_literals;

constexpr auto urgency = bus::Urgency::by_hand;
// Some devices answer a write before they have taken it over.
constexpr Duration takes_over_within = 1s;

constexpr std::string_view absent = phrases::setting_absent.text;

std::vector<profile::Point> points_of(const std::vector<Setting>& settings) {
    std::vector<profile::Point> points;
    for (const Setting& setting : settings) points.push_back(profile::reading_of(setting));
    return points;
}

int exponent_in(const profile::Point& point, std::uint16_t first, std::span<const std::uint16_t> words) {
    if (!point.encoding.exponent) return 0;
    return static_cast<std::int16_t>(words[*point.encoding.exponent - first]);
}

// Equal as far as the register can tell.
bool is_same(const Setting& setting, double wanted, double found, int exponent) {
    if (!setting.choices.empty()) return wanted == found;
    const profile::Encoding& e = setting.encoding;
    const double count = profile::is_float(e.type)
                             ? 1e-6 * std::max(1.0, std::fabs(wanted))
                             : std::fabs(e.scale.multiply) / e.scale.divide * std::pow(10.0, exponent);
    return std::fabs(wanted - found) <= count / 2;
}

}  // namespace

std::vector<SettingInfo> describe_settings(const profile::Profile& profile) {
    std::vector<SettingInfo> infos;
    for (const Setting& s : profile.settings) {
        SettingInfo info{.key = s.key,
                         .text = s.text,
                         .unit = s.unit,
                         .min = s.min,
                         .max = s.max,
                         .step = s.step,
                         .choices = {},
                         .is_owners = s.access == profile::Access::owner,
                         .is_writable = s.access != profile::Access::nobody,
                         .applies = s.applies,
                         .danger = s.danger};
        for (const profile::Choice& choice : s.choices) info.choices.emplace_back(choice.code, choice.text);
        infos.push_back(std::move(info));
    }
    return infos;
}

SettingWriter::SettingWriter(Loop& loop, ModbusUnit unit, std::shared_ptr<const profile::Profile> profile)
    : loop_(loop), unit_(unit), profile_(std::move(profile)) {}

const Setting* SettingWriter::find(const std::string& key) const {
    const auto& settings = profile_->settings;
    const auto found = std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.key == key; });
    return found == settings.end() ? nullptr : &*found;
}

// As few requests as the bus rules allow; a block with a hole is split, as for points.
Task<Result<std::vector<SettingValue>>> SettingWriter::read_all() const {
    const std::vector<profile::Point> points = points_of(profile_->settings);
    std::vector<SettingValue> values;
    for (const Setting& setting : profile_->settings) values.push_back({setting.key, std::nullopt, ""});
    std::vector<std::uint16_t> all(points.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
    const std::vector<profile::ReadRequest> plan = profile::plan_reads(points, all, profile_->bus);
    std::deque<profile::ReadRequest> todo(plan.begin(), plan.end());
    while (!todo.empty()) {
        const profile::ReadRequest request = std::move(todo.front());
        todo.pop_front();
        const Result<bus::Registers> answer = co_await unit_.read(request.table, request.first, request.count, urgency);
        if (!answer && is_silence(answer.error())) co_return answer.error();
        if (!answer && says_absent(answer.error())) {
            const auto smaller = profile::split_read(points, request, profile_->bus);
            todo.insert(todo.end(), smaller.begin(), smaller.end());
            if (!smaller.empty()) continue;
        }
        for (const std::uint16_t i : request.points) {
            if (answer)
                values[i].value = profile::decode(points[i], request.first, answer->view());
            else
                values[i].problem = says_absent(answer.error()) ? std::string(absent) : answer.error().text;
            if (answer && !values[i].value) values[i].problem = say<phrases::setting_empty>();
        }
    }
    co_return values;
}

Task<Result<SettingWriter::Standing>> SettingWriter::read(const Setting& setting) const {
    const profile::Point point = profile::reading_of(setting);
    const std::vector<profile::Point> points{point};
    const std::uint16_t which[] = {0};
    const std::vector<profile::ReadRequest> plan = profile::plan_reads(points, which, profile_->bus);
    const Result<bus::Registers> answer =
        co_await unit_.read(plan.front().table, plan.front().first, plan.front().count, urgency);
    if (!answer) co_return answer.error();
    const std::uint16_t first = plan.front().first;
    co_return Standing{profile::decode(point, first, answer->view()), exponent_in(point, first, answer->view())};
}

Task<Status> SettingWriter::unlock(const Setting& setting) const {
    for (const profile::WriteStep& step : setting.before) {
        const auto words = profile::encode_raw(step.encoding.type, step.encoding.words, step.constants[0]);
        if (!words) co_return words.error();
        const Status sent = co_await unit_.write(step.to.offset, words->view(), urgency);
        if (!sent) co_return because("unlocking", sent.error());
    }
    co_return ok();
}

Task<Result<SettingWritten>> SettingWriter::write(std::string key, double value) {
    const Setting* setting = find(key);
    if (setting == nullptr)
        co_return fail(Errc::unsupported, fmt::format("'{}' is no setting of {}", key.substr(0, 40), profile_->name));
    const Status fits = profile::check_value(*setting, value);
    if (!fits) co_return fits.error();
    if (is_writing_) co_return fail(Errc::unavailable, say<phrases::setting_busy>(key));
    is_writing_ = true;
    Result<SettingWritten> written = co_await replace(*setting, value);
    is_writing_ = false;
    if (!written) co_return because(key, written.error());
    co_return written;
}

Task<Result<SettingWritten>> SettingWriter::replace(const Setting& setting, double value) const {
    const Result<Standing> standing = co_await read(setting);
    // What cannot be read back may not be readable before either; its scale then is the profile's own.
    if (!standing && (setting.verify || !says_absent(standing.error()))) {
        if (says_absent(standing.error())) co_return fail(Errc::unsupported, std::string(absent));
        co_return because("nothing was written", standing.error());
    }
    const std::optional<double> before = standing ? standing->value : std::nullopt;
    const int exponent = standing ? standing->exponent : 0;
    // Most devices keep settings in memory that wears out: what stands already is not written again.
    if (setting.verify && before && is_same(setting, value, *before, exponent))
        co_return SettingWritten{before, *before};
    const auto words = profile::encode_words(setting.encoding, value, exponent);
    if (!words) co_return words.error();
    const Status unlocked = co_await unlock(setting);
    if (!unlocked) co_return because("nothing was written", unlocked.error());
    const Status sent = co_await unit_.write(setting.at.offset, words->view(), urgency);
    if (!sent && sent.error().kind == Errc::refused)
        co_return fail(Errc::refused, say<phrases::setting_refused>(profile::shown(setting, value), sent.error().text));
    co_return co_await confirm(setting, value, before, sent);
}

// What the device holds now. `sent` may be a time-out: then only the device can tell what became of the write.
Task<Result<SettingWritten>> SettingWriter::confirm(const Setting& setting, double value, std::optional<double> before,
                                                    Status sent) const {
    const std::string wanted = profile::shown(setting, value);
    const std::string stood = before ? profile::shown(setting, *before) : "its old value";
    const auto unknown = [&](const Error& why) {
        return fail(why.kind, say<phrases::setting_unsure>(wanted, stood, why.text));
    };
    if (!setting.verify) {
        if (!sent) co_return unknown(sent.error());
        co_return SettingWritten{before, value};
    }
    std::optional<double> held;
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (attempt > 0) co_await loop_.sleep_for(takes_over_within);
        const Result<Standing> standing = co_await read(setting);
        if (!standing && attempt == 0) continue;
        if (!standing) co_return unknown(standing.error());
        held = standing->value;
        if (held && is_same(setting, value, *held, standing->exponent)) co_return SettingWritten{before, *held};
    }
    const std::string holds = held ? profile::shown(setting, *held) : "no value";
    if (!sent) co_return fail(sent.error().kind, say<phrases::setting_not_taken>(wanted, holds, sent.error().text));
    co_return fail(Errc::refused, say<phrases::setting_held>(wanted, holds));
}

}  // namespace busbar::device
