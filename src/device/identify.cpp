#include "device/identify.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/phrases_running.hpp"
#include "profile/codec/decode.hpp"

namespace busbar::device {
namespace {

// A text that is not there stays empty, unless the profile needs it to know the device. So does a number to which the
// device says nothing: whether it is there at all, the texts and checks tell.
Task<Result<std::string>> read_text(const ModbusUnit& unit, const profile::TextRead& text, std::string_view what) {
    const Result<bus::Registers> answer =
        co_await unit.read(text.at.table, text.at.offset, text.count, bus::Urgency::background);
    if (!answer && !says_absent(answer.error()) && !text.number) co_return answer.error();
    const std::string found = answer ? profile::decode_text(text, answer->view()) : std::string();
    const auto& starts = text.starts_with;
    const bool fits = starts.empty() || std::any_of(starts.begin(), starts.end(),
                                                    [&](const std::string& s) { return found.starts_with(s); });
    if (!fits)
        co_return fail(Errc::unsupported,
                       say<phrases::another_device>(what, found, fmt::format("{}", fmt::join(starts, " or "))));
    co_return found;
}

Task<Status> run_check(const ModbusUnit& unit, const profile::Check& check) {
    const Result<bus::Registers> answer = co_await unit.read(
        check.at.table, check.at.offset, profile::words_of(check.encoding.type), bus::Urgency::background);
    if (!answer && !says_absent(answer.error())) co_return answer.error();
    const auto value = answer ? profile::decode_words(check.encoding, answer->view()) : std::nullopt;
    if (value && *value >= check.min && *value <= check.max) co_return ok();
    const std::string min = fmt::format("{:g}", check.min), max = fmt::format("{:g}", check.max);
    if (value)
        co_return fail(Errc::unsupported,
                       say<phrases::check_failed>(check.what, fmt::format("{:g}", *value), min, max));
    if (answer) co_return fail(Errc::unsupported, say<phrases::check_empty>(check.what, min, max));
    co_return fail(Errc::unsupported, say<phrases::check_refused>(check.what, answer.error().text, min, max));
}

}  // namespace

Task<Result<Identity>> identify(const ModbusUnit& unit, const profile::Profile& profile) {
    const profile::Identify& rules = profile.identify;
    Identity identity;
    identity.maker = rules.maker;
    struct Part {
        const std::optional<profile::TextRead>& text;
        std::string& into;
        std::string_view what;
    };
    const Part parts[] = {{rules.model, identity.model, "model"},
                          {rules.maker_text, identity.maker, "maker"},
                          {rules.serial, identity.serial, "serial number"},
                          {rules.firmware, identity.firmware, "firmware"}};
    for (const Part& part : parts) {
        if (!part.text) continue;
        Result<std::string> found = co_await read_text(unit, *part.text, part.what);
        if (!found) co_return found.error();
        part.into = std::move(*found);
    }
    for (const profile::Check& check : rules.checks) {
        const Status good = co_await run_check(unit, check);
        if (!good) co_return good.error();
    }
    co_return identity;
}

Task<Result<std::string>> read_serial(const ModbusUnit& unit, const profile::Profile& profile) {
    if (!profile.identify.serial) co_return std::string();
    co_return co_await read_text(unit, *profile.identify.serial, "serial number");
}

}  // namespace busbar::device
